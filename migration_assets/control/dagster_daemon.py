"""The one module that drives what Dagster does not offer publicly: asset backfills, without its daemon.

Dagster's daemon looks at backfills and queued runs every 30 seconds and needs a process of its own.
`migrate run` makes the same rounds itself, every second, while nobody else makes them.
`migration_assets_tests/control/test_dagster_daemon.py` fails when these names or their meaning change.
"""

import json
import logging
import os
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.errors import DagsterAssetBackfillDataLoadError, DagsterUserCodeUnreachableError
from dagster._core.execution.backfill import (
    BULK_ACTION_TERMINAL_STATUSES,
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.remote_representation.code_location import GrpcServerCodeLocation
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.runs.in_memory import InMemoryRunStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.tags import GRPC_INFO_TAG, PRIORITY_TAG
from dagster._core.utils import make_new_backfill_id
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.controller import create_daemon_grpc_server_registry
from dagster._daemon.monitoring import execute_run_monitoring_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._grpc.client import DagsterGrpcClient
from sqlalchemy.exc import IntegrityError

from migration_assets.control.growing import make_known

#: Dagster's daemons say every 30 seconds that they live.
SILENT_AFTER = 75.0
DAEMONS = ("BACKFILL", "QUEUED_RUN_COORDINATOR")

#: seconds between two rounds of a kind; backfills are looked at earlier when runs are wanted
BACKFILLS, RETRIES, DEAD_RUNS, MONITORING = 20.0, 5.0, 5.0, 30.0
#: a round of backfills of very many contracts takes seconds; the next one waits so many times as long
PART_OF_THE_TIME = 10.0
#: seconds that runs wait for others that are being asked for and may be more urgent
PATIENCE = 10.0


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


class Rounds:
    """What Dagster's daemon does for backfills and for their runs, each one round at a time.

    The two may go on beside each other: to ask for the runs of very many partitions takes long, and
    the first of them need not wait for the last.
    """

    def __init__(self, context: WorkspaceProcessContext, log: logging.Logger) -> None:
        self._context = context
        self._instance: dg.DagsterInstance = context.instance
        self._log = log
        self._queue = QueuedRunCoordinatorDaemon(interval_seconds=1)
        self._retries = EventLogConsumerDaemon()
        self._last: dict[str, float] = {}
        self._ended_runs = -1
        self._asking_since: float | None = None
        self._between = BACKFILLS
        self._prioritised = datetime.fromtimestamp(0, UTC)
        self._silent: set[str] = set()

    def ask(self, now: float) -> str | None:
        """A round of backfills: asks for the runs that have become possible.

        The kind of the error that it failed with, empty without one; None where it is not yet time.
        """
        if not self._due("backfills", self._between, now) and not self._runs_are_wanted():
            return None
        self._last["backfills"] = now
        self._asking_since = now
        began = time.monotonic()
        try:
            return self._note(execute_backfill_iteration(self._context, self._log))
        finally:
            self._asking_since = None
            self._between = max(BACKFILLS, PART_OF_THE_TIME * (time.monotonic() - began))

    def serve(self, now: float) -> str | None:
        """A round of runs, likewise: starts those that have a place, the most urgent ones first."""
        asking = self._asking_since
        if asking is not None and now - asking < PATIENCE:
            return None
        self._prioritise()
        trouble = ""
        if isinstance(self._instance.run_coordinator, QueuedRunCoordinator):
            trouble = self._note(self._queue.run_iteration(self._context))
        if self._due("retries", RETRIES, now):
            self._note(self._retries.run_iteration(self._context))
        if self._due("monitoring", MONITORING, now):
            self._note(execute_run_monitoring_iteration(self._context, self._log))
        if self._due("dead runs", DEAD_RUNS, now):
            self._bury()
            self._revive()
        return trouble

    def soon(self) -> None:
        """Looks at backfills in the next round, whatever the time."""
        self._last.pop("backfills", None)

    def _runs_are_wanted(self) -> bool:
        """Whether a run has ended and no other is waiting for its place.

        A backfill asks at once for whatever has become possible. Asked more often, it would cut the
        partitions of a contract into many small runs.
        """
        count = self._instance.get_runs_count
        ended = count(dg.RunsFilter(statuses=list(FINISHED_STATUSES)))
        if ended == self._ended_runs or count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])):
            return False
        self._ended_runs = ended
        return True

    def _due(self, what: str, seconds: float, now: float) -> bool:
        if now - self._last.get(what, float("-inf")) < seconds:
            return False
        self._last[what] = now
        return True

    def _note(self, round_: Iterable[Any]) -> str:
        trouble = ""
        for problem in round_:
            if problem is not None and hasattr(problem, "cls_name"):
                self._log.error("%s", problem)
                trouble = problem.cls_name or "an error"
        return trouble

    def _prioritise(self) -> None:
        """Gives new runs the highest priority of their contracts: backfills know no priorities."""
        graph = self._context.create_request_context().asset_graph
        begun = datetime.now(UTC)
        queued = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED], created_after=self._prioritised)
        for run in self._instance.get_runs(queued):
            said = [
                graph.get(key).tags.get("migration/priority", "0")
                for key in run.asset_selection or ()
                if graph.has(key)
            ]
            if said and PRIORITY_TAG not in run.tags:
                self._instance.add_run_tags(run.run_id, {PRIORITY_TAG: str(max(map(int, said)))})
        self._prioritised = begun

    def _bury(self) -> None:
        """Ends runs whose process has been gone for two rounds: nobody else would ever end them."""
        silent: set[str] = set()
        going = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
        for run in self._instance.get_runs(dg.RunsFilter(statuses=going)):
            address = run.tags.get(GRPC_INFO_TAG)
            if not address or _answers(json.loads(address)):
                continue
            if run.run_id not in self._silent:
                silent.add(run.run_id)
            elif run.status == dg.DagsterRunStatus.CANCELING:
                self._instance.report_run_canceled(run, "The process of this run is gone.")
            else:
                self._instance.report_run_failed(run, "The process of this run is gone.")
        self._silent = silent

    def _revive(self) -> None:
        """Starts another code server where the one that was started is gone."""
        entries = self._context.create_request_context().get_code_location_entries().values()
        locations = [entry.code_location for entry in entries]
        if not all(isinstance(each, GrpcServerCodeLocation) and _pings(each.client) for each in locations):
            self._log.warning("The code server is gone; starting another.")
            self._context.reload_workspace()


def _answers(address: Mapping[str, Any]) -> bool:
    return _pings(
        DagsterGrpcClient(host=address["host"], port=address.get("port"), socket=address.get("socket"))
    )


def _pings(client: DagsterGrpcClient) -> bool:
    try:
        client.ping("")
    except DagsterUserCodeUnreachableError:
        return False
    return True
