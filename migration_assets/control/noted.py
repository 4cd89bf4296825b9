"""Staleness where a person sees it: an observation on `extracted` of the partition, with the reason."""

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.records import key_of
from migration_assets.tables.freshness import Freshness


def note(instance: dg.DagsterInstance, contract: Contract, found: Iterable[Freshness]) -> int:
    """Notes each stale partition, unless the same is noted of what is there now; how many were noted."""
    noted = 0
    for each in found:
        if each.state != "fresh" and not _is_noted(instance, contract, each):
            instance.report_runless_asset_event(_observation(contract, each))
            noted += 1
    return noted


def _observation(contract: Contract, found: Freshness) -> dg.AssetObservation:
    return dg.AssetObservation(
        key_of(contract, "extracted"),
        partition=found.partition,
        description=f"Stale: {found.reason}" if found.state == "stale" else found.reason,
        metadata={
            "stale": found.state == "stale",
            "why": found.reason,
            "told_by": found.method,
            "looked_at": dg.MetadataValue.timestamp(datetime.now(UTC)),
            "next": f"migrate run {contract.name} --stale",
        },
    )


def _is_noted(instance: dg.DagsterInstance, contract: Contract, found: Freshness) -> bool:
    wanted = dg.AssetRecordsFilter(
        asset_key=key_of(contract, "extracted"), asset_partitions=[found.partition]
    )
    observed = instance.fetch_observations(wanted, limit=1).records
    if not observed or observed[0].asset_observation is None:
        return False
    there = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key_of(contract, "loaded"), asset_partitions=[found.partition]),
        limit=1,
    ).records
    why = observed[0].asset_observation.metadata.get("why")
    newer = not there or observed[0].storage_id > there[0].storage_id
    return newer and why is not None and why.value == found.reason
