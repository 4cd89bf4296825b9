"""Profiles in Dagster: an asset a contract, beside the stages; no row's value is in what it records."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import plain
from migration_assets.control.project import own_folder
from migration_assets.defs import naming
from migration_assets.stores.trying import in_words

if TYPE_CHECKING:
    from migration_assets.analyzer.profile.model import Hazard, Profile, TableProfile

#: hazards that the metadata lists; the report has all
LISTED = 200
HAZARDS = dg.TableSchema(
    [
        dg.TableColumn("outcome", "text"),
        dg.TableColumn("kind", "text"),
        dg.TableColumn("column", "text"),
        dg.TableColumn("rows", "int"),
        dg.TableColumn("what happens", "text"),
    ]
)


def profile_key(contract: Contract) -> dg.AssetKey:
    return dg.AssetKey(["profiles", plain(contract.name, "-")])


def profiles_folder(environment: Mapping[str, str]) -> Path:
    """Where reports are written that nobody gave another place."""
    return own_folder(environment) / "profiles"


def profile_assets(contracts: Mapping[str, Contract]) -> list[dg.AssetsDefinition]:
    """One op a source, of which any assets can be materialized.

    An op for each asset costs half a second of CPU for a thousand contracts whenever definitions load,
    and a look at the source's catalog for each of them.
    """
    together: dict[tuple[str, int], list[Contract]] = defaultdict(list)
    alike: Counter[tuple[str, str]] = Counter()
    for contract in contracts.values():
        # Dagster's names for what comes of `a-b` and `a_b` would be the same: they are kept in two ops
        name = (contract.source.name, re.sub(r"\W", "_", contract.name))
        together[contract.source.name, alike[name]].append(contract)
        alike[name] += 1
    return [_assets(source, turn, mine, contracts) for (source, turn), mine in together.items()]


def _assets(
    source: str, turn: int, mine: Sequence[Contract], contracts: Mapping[str, Contract]
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=plain(f"profile_{source}_{turn + 1}" if turn else f"profile_{source}"),
        description=f"Looks at every column of the tables in {source}, and foretells what a run will refuse.",
        specs=[_spec(contract) for contract in mine],
        can_subset=True,
        op_tags={"migration/source": source},
    )
    def look(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        yield from _looked(source, context.op_execution_context.selected_asset_keys, contracts)

    return look


def _spec(contract: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        profile_key(contract),
        deps=[naming.source_key(contract)],
        skippable=True,
        group_name=naming.group(contract),
        owners=naming.owners(contract),
        tags=naming.tags(contract),
        kinds=naming.kinds(contract, "extracted"),
        code_version=contract.digest[:12],
        description=f"What `{contract.source_table}` in {contract.source.name} holds, and what a run will "
        "stumble over. `migrate profile` does the same for all tables of a source.",
    )


def _looked(
    source: str, selected: AbstractSet[dg.AssetKey], contracts: Mapping[str, Contract]
) -> Iterator[dg.MaterializeResult[Any]]:
    """A materialization and a report for each contract; dg.Failure at the end for those that have none."""
    from migration_assets.analyzer.profile.report import write
    from migration_assets.analyzer.profile.survey import Wanted, profile

    names = [name for name, contract in contracts.items() if profile_key(contract) in selected]
    try:
        found = profile(Wanted(source, names), contracts, os.environ)
        for table in found.tables:
            contract = contracts[table.contract]
            alone = replace(found, tables=(table,), hazards=())
            written = write(alone, profiles_folder(os.environ) / source, plain(contract.name, "-"))
            yield dg.MaterializeResult(profile_key(contract), metadata=metadata(table, written.page))
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    lost = [
        f"{each.table}: {each.kind}"
        for each in found.hazards
        if each.contract in names and each.outcome == "refused"
    ]
    if lost:
        raise dg.Failure(f"Not everything could be profiled. {'; '.join(lost)}", allow_retries=False)


def record(
    instance: dg.DagsterInstance, found: "Profile", contracts: Mapping[str, Contract], report: Path
) -> None:
    """Writes down what was found, outside of any run; nothing of contracts that are only proposed."""
    for table in () if found.proposed else found.tables:
        key = profile_key(contracts[table.contract])
        instance.report_runless_asset_event(dg.AssetMaterialization(key, metadata=metadata(table, report)))


def metadata(table: "TableProfile", report: Path) -> dict[str, Any]:
    """Counts and kinds; neither values nor keys."""
    return {
        "score": table.score,
        "rows": table.rows if table.rows is not None else table.read,
        "rows_read": table.read,
        "scans": table.scans,
        "seconds": table.seconds,
        "hazards": len(table.hazards),
        **{f"hazards/{kind}": number for kind, number in sorted(table.by_kind.items())},
        "listed": dg.MetadataValue.table([_record(each) for each in _listed(table)], HAZARDS),
        "report": dg.MetadataValue.path(str(report)),
    }


def _listed(table: "TableProfile") -> "Iterable[Hazard]":
    from migration_assets.analyzer.profile.model import OUTCOMES

    return sorted(table.hazards, key=lambda each: OUTCOMES.index(each.outcome))[:LISTED]


def _record(hazard: "Hazard") -> dg.TableRecord:
    return dg.TableRecord(
        {
            "outcome": hazard.outcome,
            "kind": hazard.kind,
            "column": hazard.column or "",
            "rows": hazard.rows if hazard.rows is not None else -1,
            "what happens": f"{hazard.effect}{f' ({hazard.detail})' if hazard.detail else ''}",
        }
    )
