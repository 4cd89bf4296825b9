"""A contract's checks, as data: what will be recorded for each partition."""

from migration_assets.checks.from_bucket import bucket_specs
from migration_assets.checks.rules import rules
from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract, Quality

SCHEMA = "schema"
COUNT = "count"
CHECKSUM = "checksum"
REFERENTIAL = "referential"


def specs(contract: Contract) -> tuple[CheckSpec, ...]:
    """All checks of the contract: `schema` and the row rules on `transformed`, the rest on `loaded`."""
    if contract.bucket is not None:
        return bucket_specs()
    columns = tuple(column.name for column in contract.columns)
    parents = ", ".join(f"{' + '.join(r.columns)} → {r.parent}" for r in contract.references)
    made = [
        CheckSpec(
            SCHEMA,
            "transformed",
            True,
            "Every value fits its column's type exactly, and no required column is NULL (Pandera).",
            columns,
        ),
        *(
            CheckSpec(rule.name, "transformed", rule.blocking, rule.description, rule.columns)
            for rule in rules(contract)
        ),
        CheckSpec(
            COUNT,
            "loaded",
            True,
            "Rows in the source's snapshot = rows read back from the target + rows quarantined.",
        ),
        CheckSpec(
            CHECKSUM,
            "loaded",
            True,
            "The 128-bit fingerprint of the rows read back from the target, before they became "
            "visible, is that of the rows that the contract makes from the source.",
            columns,
        ),
        CheckSpec(
            REFERENTIAL,
            "loaded",
            True,
            f"No row refers to a row that is not there: {parents}." if parents else "No references.",
            tuple(name for reference in contract.references for name in reference.columns),
        ),
    ]
    taken = {spec.name for spec in made}
    for quality in business_rules(contract):
        name = quality.name
        while name in taken:
            name += "_rule"
        taken.add(name)
        text = quality.description or "A business rule on the target."
        made.append(CheckSpec(name, "loaded", quality.blocking, text))
    return tuple(made)


def business_rules(contract: Contract) -> tuple[Quality, ...]:
    """The SQL rules of the contract and of its columns, in order; each is one check on `loaded`."""
    of_columns = [quality for column in contract.columns for quality in column.quality]
    return tuple(q for q in (*contract.quality, *of_columns) if q.kind == "sql")
