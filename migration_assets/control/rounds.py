"""The rounds of Dagster's daemon, which asks for the runs of backfills and starts those that have a place.

Dagster's own looks every 30 seconds and needs a process of its own. `migrate run` makes the same rounds
itself, every second, while nobody else makes them; they are nothing that Dagster offers publicly, and
`migration_assets_tests/control/test_dagster_daemon.py` fails when they or their meaning change.
"""

import json
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.remote_representation.code_location import GrpcServerCodeLocation
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.monitoring import execute_run_monitoring_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._grpc.client import DagsterGrpcClient

#: seconds between two rounds of a kind; backfills are looked at earlier when runs are wanted
BACKFILLS, RETRIES, DEAD_RUNS, MONITORING = 20.0, 5.0, 5.0, 30.0
#: a round of backfills of very many contracts takes seconds; the next one waits so many times as long
PART_OF_THE_TIME = 10.0
#: seconds that runs wait for others that are being asked for and may be more urgent
PATIENCE = 10.0


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
