"""Proof: what a comparison of one partition found, and its checks."""

from dataclasses import dataclass

from migration_assets.checks.from_contract import CHECKSUM, COUNT
from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.verify.findings import Finding, Rows
from migration_assets.tables.verify.method import CLIENT
from migration_assets.tables.verify.repair import Repaired

#: keys of differing rows that a check lists; JSON and CSV have all that were named
LISTED = 100


@dataclass(frozen=True)
class Compared:
    """Both sides of a partition, each in one snapshot."""

    #: rows of the source, before any was set aside
    read: int
    #: of these, rows that are in quarantine, as the contract says
    quarantined: int
    #: rows that the contract does not let through, where it has no quarantine
    refused: int
    #: what the contract makes of the source, without those
    source: Fingerprint
    target: Fingerprint
    source_snapshot: str = ""
    target_snapshot: str = ""


@dataclass(frozen=True)
class Proof:
    """One partition, compared."""

    contract: str
    partition: str
    compared: Compared
    findings: tuple[Finding, ...] = ()
    #: rows that differ and are not named, as they are too many
    unnamed: int = 0
    #: keys that differed at first and came to agree: both sides live
    agreed: int = 0
    #: keys and reasons of rows that the contract does not let through
    refusals: tuple[RowKey, ...] = ()
    #: rows that the contract's load mode leaves in the target
    tolerated: int = 0
    cause: str = ""
    #: the rows of the findings, for a repair
    rows: Rows | None = None
    repaired: Repaired | None = None
    #: what was compared, where it was not all of it
    columns: tuple[str, ...] = ()
    sample: str = ""
    seconds: float = 0.0
    method: str = CLIENT

    @property
    def equal(self) -> bool:
        return not self.findings and not self.unnamed and not self.compared.refused

    def number(self, kind: str) -> int:
        """How many rows are `missing` or `extra`, or how many keys are `changed`."""
        return sum(finding.number for finding in self.findings if finding.kind == kind)


def outcomes(proof: Proof) -> tuple[CheckOutcome, ...]:
    """The checks `count` and `checksum` of the partition."""
    return _count(proof), _checksum(proof)


def _count(proof: Proof) -> CheckOutcome:
    found = proof.compared
    lost = proof.number("missing") - proof.number("extra")
    # rows of two moments: what came to agree is no difference in number either
    same = found.source.rows == found.target.rows - proof.tolerated
    passed = (same or bool(proof.agreed)) and not lost and not proof.unnamed and not found.refused
    if passed:
        summary = f"{found.read} rows in the source = {found.source.rows} in the target"
        summary += f" + {found.quarantined} quarantined." if found.quarantined else "."
    elif found.refused:
        summary = f"{found.refused} rows of the source may not be loaded as the contract is now."
    else:
        summary = f"{found.source.rows} rows should be in the target, {found.target.rows} are."
    return CheckOutcome(
        COUNT,
        passed,
        True,
        summary,
        {
            "source": found.read,
            "quarantined": found.quarantined,
            "expected": found.source.rows,
            "target": found.target.rows,
            "difference": found.target.rows - found.source.rows,
            "proof": "migrate verify",
        },
        () if passed else (*_rows(proof, "missing", "extra"), *proof.refusals)[:LISTED],
    )


def _checksum(proof: Proof) -> CheckOutcome:
    found = proof.compared
    kinds = {kind: proof.number(kind) for kind in ("missing", "extra", "changed")}
    if proof.equal:
        summary = "The rows in the target are what the contract makes of the source, to the byte."
        if proof.agreed:
            summary += f" {proof.agreed} rows changed meanwhile, and agree now."
    else:
        told = ", ".join(f"{number} {kind}" for kind, number in kinds.items() if number) or "rows differ"
        more = f", and {proof.unnamed} more rows that differ" if proof.unnamed else ""
        summary = f"{told}{more}. {proof.cause}".strip()
    return CheckOutcome(
        CHECKSUM,
        proof.equal,
        True,
        summary,
        {
            "expected": str(found.source),
            "found": str(found.target),
            "rows": found.target.rows,
            **kinds,
            "unnamed": proof.unnamed,
            "agreed_later": proof.agreed,
            "method": proof.method,
            "source_snapshot": found.source_snapshot,
            "target_snapshot": found.target_snapshot,
            "seconds": round(proof.seconds, 3),
            "proof": "migrate verify",
            **({"columns": ", ".join(proof.columns)} if proof.columns else {}),
            **({"cause": proof.cause} if proof.cause else {}),
            **({"repaired": len(proof.repaired.done), "left": proof.repaired.left} if proof.repaired else {}),
        },
        _rows(proof, "missing", "extra", "changed"),
    )


def _rows(proof: Proof, *kinds: str) -> tuple[RowKey, ...]:
    named = [RowKey(each.key, each.reason) for each in proof.findings if each.kind in kinds]
    return tuple(named[:LISTED])
