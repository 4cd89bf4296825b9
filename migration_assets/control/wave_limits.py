"""How Dagster's queue of runs keeps a wave's limits, its priority and its window."""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg
from dagster._core.storage.tags import PRIORITY_TAG

from migration_assets.contracts.model import Contract
from migration_assets.control.names import LIMITS_TAG, WINDOW_TAG, server_tag
from migration_assets.control.run_queue import SHUT, RunQueue, limits_said
from migration_assets.waves.hours import is_open
from migration_assets.waves.model import Wave

OPEN = "open"


def run_tags(wave: Wave, contracts: Sequence[Contract]) -> dict[str, str]:
    """Priority and limits, which each of the wave's runs says; those of servers that it does not touch, too:
    while the wave is at work, no more runs than it allows go on at any of its servers."""
    tags = {PRIORITY_TAG: str(wave.priority)} if wave.priority else {}
    limits: dict[str, int] = {}
    for each in contracts:
        if wave.limits.source:
            limits[server_tag("source", each.source.name)] = wave.limits.source
        if wave.limits.target:
            limits[server_tag("target", each.target.name)] = wave.limits.target
    return {**tags, LIMITS_TAG: limits_said(limits)} if limits else tags


def unkept(instance: dg.DagsterInstance, wave: Wave) -> str:
    """What this instance's queue would not keep, and what to do; empty when it keeps all."""
    if not (wave.limits.source or wave.limits.target or wave.window):
        return ""
    overruled = "tag_concurrency_limits" in (instance.get_settings("concurrency") or {}).get("runs", {})
    if isinstance(instance.run_coordinator, RunQueue) and not overruled:
        return ""
    return (
        "This Dagster instance would not keep its limits or its window. In dagster.yaml say"
        " `run_coordinator: {module: migration_assets.control.run_queue, class: RunQueue}`, with what was"
        " said in `run_queue` as its `config`, and take `tag_concurrency_limits` out of `concurrency.runs`;"
        " then start Dagster again."
    )


def guard(instance: dg.DagsterInstance, backfill_id: str, wave: Wave, now: datetime) -> None:
    """Keeps the runs of a wave that wait for their place waiting while its window is shut.

    Runs that have begun go on to their end."""
    if wave.window is None:
        return
    said = OPEN if is_open(wave.window, now) else SHUT
    waiting = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED],
        tags={"dagster/backfill": backfill_id},
    )
    for run in instance.get_runs(waiting):
        if run.tags.get(WINDOW_TAG, OPEN) != said:
            instance.add_run_tags(run.run_id, {WINDOW_TAG: said})
