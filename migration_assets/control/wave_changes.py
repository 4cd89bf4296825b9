"""What has changed in the sources of a wave that says `changed_since`: asked in its pre-flight.

To ask may read every partition, which takes longer than Dagster lets a look of the sensor take. The
pre-flight's run asks, and keeps what it found in its metadata; the plan is made from that.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control import records
from migration_assets.control.noted import note
from migration_assets.control.plan import keys_of
from migration_assets.control.stale import freshness
from migration_assets.waves.model import ChangedSince, Wave

#: of the pre-flight's materialization
CHANGED, WORK = "changed", "work"
#: partitions by contract
Changes = Mapping[str, frozenset[str]]


def asks(wave: Wave) -> bool:
    return isinstance(wave.partitions, ChangedSince)


def changed(
    instance: dg.DagsterInstance, contracts: Mapping[str, Contract], environment: Mapping[str, str]
) -> Changes:
    """Partitions that are loaded and not what their source or their contract is now, or that the ledger has
    not; also noted for the UI. MigrationError where a source or a target cannot be asked."""
    keys = keys_of(contracts)
    loaded = {
        name: [key for key, state in records.states(instance, each, keys[name]).items() if state == "loaded"]
        for name, each in contracts.items()
    }
    found = freshness(contracts, loaded, environment)
    for name, each in contracts.items():
        note(instance, each, found[name].values())
    return {
        name: frozenset(key for key in some if key not in found[name] or found[name][key].state != "fresh")
        for name, some in loaded.items()
    }


def metadata(wave: Wave, changes: Changes) -> dict[str, Any]:
    return {
        CHANGED: dg.MetadataValue.json({name: sorted(some) for name, some in changes.items()}),
        WORK: wave.work,
    }


def told(instance: dg.DagsterInstance, run: dg.DagsterRun | None, wave: Wave) -> Changes | None:
    """What the pre-flight found for just this work; None where it did not ask."""
    if run is None:
        return None
    found: dict[str, frozenset[str]] = {}
    kinds = {dg.DagsterEventType.ASSET_MATERIALIZATION}
    for record in instance.get_records_for_run(run.run_id, of_type=kinds).records:
        event = record.event_log_entry.asset_materialization
        said: dict[str, Any] = {name: each.value for name, each in event.metadata.items()} if event else {}
        if CHANGED not in said or said.get(WORK) != wave.work:
            return None
        changes: Mapping[str, list[str]] = said[CHANGED]
        found |= {name: frozenset(some) for name, some in changes.items()}
    return found or None
