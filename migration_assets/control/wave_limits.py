"""How Dagster's queue of runs keeps a wave's limits, its priority and its window."""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg
from dagster._core.storage.tags import PRIORITY_TAG

from migration_assets.contracts.model import Contract
from migration_assets.control.names import WINDOW_TAG
from migration_assets.waves.hours import is_open
from migration_assets.waves.model import Wave

SHUT, OPEN = "shut", "open"


def run_tags(wave: Wave, contracts: Sequence[Contract]) -> dict[str, str]:
    """The limit is in the tag's name and what it protects in its value: rules of the queue are fixed.

    All runs of a wave that has several sources count against each of them."""
    tags = {PRIORITY_TAG: str(wave.priority)} if wave.priority else {}
    if wave.limits.source:
        names = sorted({contract.source.name for contract in contracts})
        tags[f"migration/source_at_most_{wave.limits.source}"] = "+".join(names)
    if wave.limits.target:
        names = sorted({contract.target.name for contract in contracts})
        tags[f"migration/target_at_most_{wave.limits.target}"] = "+".join(names)
    return tags


def unkept(instance: dg.DagsterInstance, wave: Wave) -> str:
    """What this instance's queue would not keep, and what to do; empty when it keeps all."""
    missing = [rule for rule in _rules(wave) if rule not in _kept(instance)]
    if not missing:
        return ""
    lines = ", ".join(
        f"{{key: {key}, value: {SHUT}, limit: 0}}"
        if key == WINDOW_TAG
        else f"{{key: {key}, value: {{applyLimitPerUniqueValue: true}}, limit: {limit}}}"
        for key, limit in missing
    )
    return (
        "This Dagster instance would not keep its limits or its window. Add to"
        f" `concurrency.runs.tag_concurrency_limits` in dagster.yaml: {lines}; then start Dagster again."
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


def _rules(wave: Wave) -> list[tuple[str, int]]:
    rules = [
        (f"migration/{side}_at_most_{limit}", limit)
        for side, limit in (("source", wave.limits.source), ("target", wave.limits.target))
        if limit
    ]
    return [*rules, (WINDOW_TAG, 0)] if wave.window else rules


def _kept(instance: dg.DagsterInstance) -> set[tuple[str, int]]:
    queue = instance.get_concurrency_config().run_queue_config
    kept: set[tuple[str, int]] = set()
    for rule in queue.tag_concurrency_limits if queue else ():
        value = rule.get("value")
        each = isinstance(value, dict) and value.get("applyLimitPerUniqueValue")
        if each or (rule["key"] == WINDOW_TAG and value == SHUT):
            kept.add((rule["key"], rule["limit"]))
    return kept
