"""The queue of runs: every run says which servers it reads and fills, and how urgent it is.

`dagster.yaml` names it as `run_coordinator`. Whoever asks for a run, the sensor, a backfill, a schedule,
the UI or a command, it passes here before it waits for its place. So the limits of waves count all runs
at a server, and of the waves that have runs going or waiting, the smallest limit holds.
"""

from collections.abc import Mapping, Sequence

import dagster as dg
from dagster._core.run_coordinator.base import SubmitRunContext
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator, RunQueueConfig
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.storage.tags import PRIORITY_TAG

from migration_assets.control.names import LIMITS_TAG, WINDOW_TAG, server_tag

#: the value of WINDOW_TAG that keeps a run in the queue
SHUT = "shut"
#: runs that have a place, and those that wait for one
AT_WORK = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class RunQueue(QueuedRunCoordinator[dg.DagsterInstance]):
    """Dagster's own queue, whose rules follow the waves that are at work."""

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        run = context.dagster_run
        told = _told(context, run)
        new = {name: value for name, value in told.items() if name not in run.tags}
        if new:
            self._instance.add_run_tags(run.run_id, new)
        return super().submit_run(context)

    def get_run_queue_config(self) -> RunQueueConfig:
        said = super().get_run_queue_config()
        shut = {"key": WINDOW_TAG, "value": SHUT, "limit": 0}
        rules = [{"key": name, "limit": limit} for name, limit in smallest(self._instance).items()]
        return said._replace(tag_concurrency_limits=[*said.tag_concurrency_limits, shut, *rules])


def smallest(instance: dg.DagsterInstance) -> dict[str, int]:
    """By the tag of the server: how many runs at once the waves that are at work allow."""
    found: dict[str, int] = {}
    for _, values in instance.get_run_tags(tag_keys=[LIMITS_TAG]):
        for said in values:
            if instance.get_runs_count(dg.RunsFilter(statuses=AT_WORK, tags={LIMITS_TAG: said})):
                for server, limit in limits_in(said).items():
                    found[server] = min(limit, found.get(server, limit))
    return found


def limits_said(limits: Mapping[str, int]) -> str:
    """`source/legacy 2, target/cloud 4`: the value of a wave's tag, by the tags of the servers."""
    said = {name.removeprefix("migration."): limit for name, limit in limits.items()}
    return ", ".join(f"{server} {limit}" for server, limit in sorted(said.items()))


def limits_in(said: str) -> dict[str, int]:
    """What `limits_said` said; what else a person may have written there counts for nothing."""
    parts = [part.rpartition(" ") for part in said.split(", ")]
    return {f"migration.{server}": int(limit) for server, _, limit in parts if limit.isdecimal()}


def _told(context: SubmitRunContext, run: DagsterRun) -> dict[str, str]:
    """By the assets that it makes: what is extracted is read, what is loaded is filled."""
    graph = context.workspace.asset_graph
    keys: Sequence[dg.AssetKey] = [key for key in run.asset_selection or () if graph.has(key)]
    told: dict[str, str] = {}
    for key in keys:
        tags = graph.get(key).tags
        for side, stage in (("source", "extracted"), ("target", "loaded")):
            if key.path[-1] == stage and (name := tags.get(f"migration/{side}")):
                told[server_tag(side, name)] = name
    priorities = [graph.get(key).tags.get("migration/priority") for key in keys]
    if urgent := [int(each) for each in priorities if each]:
        told[PRIORITY_TAG] = str(max(urgent))
    return told
