"""Profiles in Dagster: an asset a contract, beside the stages; no row's value is in what it records."""

import os
from collections.abc import Iterable, Mapping
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
    return [_asset(contract, contracts) for contract in contracts.values()]


def _asset(contract: Contract, contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    @dg.asset(
        key=profile_key(contract),
        deps=[naming.source_key(contract)],
        group_name=naming.group(contract),
        owners=naming.owners(contract),
        tags=naming.tags(contract),
        kinds=naming.kinds(contract, "extracted"),
        code_version=contract.digest[:12],
        description=f"What `{contract.source_table}` in {contract.source.name} holds, and what a run will "
        "stumble over. `migrate profile` does the same for all tables of a source.",
    )
    def look() -> dg.MaterializeResult[Any]:
        return _looked(contract, contracts)

    return look


def _looked(contract: Contract, contracts: Mapping[str, Contract]) -> dg.MaterializeResult[Any]:
    from migration_assets.analyzer.profile.report import write
    from migration_assets.analyzer.profile.survey import Wanted, profile

    try:
        found = profile(Wanted(contract.source.name, (contract.name,)), contracts, os.environ)
        written = write(found, profiles_folder(os.environ), plain(contract.name, "-"))
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    if not found.tables:
        missing = "; ".join(f"{each.table}: {each.effect}" for each in found.hazards)
        raise dg.Failure(f"Nothing could be profiled. {missing}", allow_retries=False)
    return dg.MaterializeResult(profile_key(contract), metadata=metadata(found.tables[0], written.page))


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
