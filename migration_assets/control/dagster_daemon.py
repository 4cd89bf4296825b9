"""Asset backfills, asked for and looked at: what Dagster does not offer publicly, in one module.

`migration_assets_tests/control/test_dagster_daemon.py` fails when these names or their meaning change.
"""

import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.errors import DagsterAssetBackfillDataLoadError
from dagster._core.execution.backfill import (
    BULK_ACTION_TERMINAL_STATUSES,
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.storage.runs.in_memory import InMemoryRunStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.utils import make_new_backfill_id
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.controller import create_daemon_grpc_server_registry
from sqlalchemy.exc import IntegrityError

from migration_assets.control.growing import make_known

#: Dagster's daemons say every 30 seconds that they live.
SILENT_AFTER = 75.0
DAEMONS = ("BACKFILL", "QUEUED_RUN_COORDINATOR")


@dataclass(frozen=True)
class Backfill:
    """What somebody asked for: partitions by asset, with which tags, when (seconds since 1970)."""

    partitions: Mapping[dg.AssetKey, Sequence[str]]
    tags: Mapping[str, str]
    at: float


def submit(
    instance: dg.DagsterInstance,
    partitions: Mapping[dg.AssetKey, tuple[dg.PartitionsDefinition[str], Sequence[str]]],
    *,
    title: str,
    tags: Mapping[str, str],
    backfill_id: str | None = None,
) -> str:
    """Asks for a backfill of just these partitions of just these assets; its id.

    An id of one's own (32 characters at most) is asked for once: where there is such a backfill
    already, whoever asked for it, nothing is done."""
    for definition, keys in partitions.values():
        make_known(instance, definition, keys)
    subsets = {
        key: definition.subset_with_partition_keys(keys) for key, (definition, keys) in partitions.items()
    }
    backfill = PartitionBackfill.from_asset_graph_subset(
        backfill_id=backfill_id or make_new_backfill_id(),
        backfill_timestamp=time.time(),
        tags=tags,
        dynamic_partitions_store=instance,
        asset_graph_subset=AssetGraphSubset(partitions_subsets_by_asset_key=subsets),
        title=title,
        description=None,
        run_config=None,
    )
    try:
        instance.add_backfill(backfill)
    except IntegrityError:
        # the storage holds ids apart, so that of two who ask at the same moment one comes too late
        if backfill_id is None or not exists(instance, backfill_id):
            raise
    return backfill.backfill_id


def exists(instance: dg.DagsterInstance, backfill_id: str) -> bool:
    return instance.get_backfills_count(BulkActionsFilter(backfill_ids=[backfill_id])) > 0


def asked_for(instance: dg.DagsterInstance, backfill_id: str) -> Backfill | None:
    """What a backfill was asked for; None where there is none of that id."""
    found = instance.get_backfill(backfill_id)
    if found is None or found.asset_backfill_data is None:
        return None
    subsets = found.asset_backfill_data.target_subset.partitions_subsets_by_asset_key
    return Backfill(
        {key: tuple(subset.get_partition_keys()) for key, subset in subsets.items()},
        found.tags or {},
        found.backfill_timestamp,
    )


def ended(instance: dg.DagsterInstance, backfill_id: str) -> str | None:
    """The status of a backfill that has ended: COMPLETED_SUCCESS, COMPLETED_FAILED, FAILED or CANCELED."""
    # asked every second, and to read a backfill of very many partitions takes long
    going = [status for status in BulkActionStatus if status not in BULK_ACTION_TERMINAL_STATUSES]
    if instance.get_backfills_count(BulkActionsFilter(statuses=going, backfill_ids=[backfill_id])):
        return None
    backfill = instance.get_backfill(backfill_id)
    return backfill.status.value if backfill else "FAILED"


#: the error that ends a backfill of partitions that its definitions do not have
UNKNOWN_PARTITIONS = DagsterAssetBackfillDataLoadError.__name__


def error_of(instance: dg.DagsterInstance, backfill_id: str) -> str:
    """The type of the error that ended the backfill itself, where there was one."""
    backfill = instance.get_backfill(backfill_id)
    return (backfill.error.cls_name or "an error") if backfill and backfill.error else ""


def cancel(instance: dg.DagsterInstance, backfill_id: str) -> None:
    backfill = instance.get_backfill(backfill_id)
    if backfill and backfill.status == BulkActionStatus.REQUESTED:
        instance.update_backfill(backfill.with_status(BulkActionStatus.CANCELING))


def open_backfills(instance: dg.DagsterInstance) -> list[tuple[str, Mapping[str, str]]]:
    """Id and tags of every backfill that has not ended."""
    statuses = [status for status in BulkActionStatus if status not in BULK_ACTION_TERMINAL_STATUSES]
    found = instance.get_backfills(filters=BulkActionsFilter(statuses=statuses))
    return [(backfill.backfill_id, backfill.tags or {}) for backfill in found]


def daemon_lives(instance: dg.DagsterInstance, now: float) -> bool:
    """Whether a daemon of Dagster's own takes backfills and queued runs."""
    beats = instance.get_daemon_heartbeats()
    return all(name in beats and now - beats[name].timestamp < SILENT_AFTER for name in DAEMONS)


def is_shared(instance: dg.DagsterInstance) -> bool:
    """Whether other machines may see the same backfills and runs: only files are this machine's own."""
    return not isinstance(instance.run_storage, SqliteRunStorage | InMemoryRunStorage)


@contextmanager
def code_server(instance: dg.DagsterInstance, module: str) -> Generator[WorkspaceProcessContext]:
    """A process that has the definitions and starts runs; it ends with the runs that it has started."""
    target = ModuleTarget(module, None, os.getcwd(), None)
    with (
        create_daemon_grpc_server_registry(instance, code_server_log_level="WARNING") as registry,
        WorkspaceProcessContext(instance, target, grpc_server_registry=registry) as context,
    ):
        yield context


def load_error(context: WorkspaceProcessContext) -> str:
    """Why the code server has no definitions; empty when it has."""
    for entry in context.create_request_context().get_code_location_entries().values():
        if entry.load_error:
            return entry.load_error.message
    return ""
