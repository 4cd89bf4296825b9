"""Partitions in, a verdict out: asks Dagster for a backfill, waits for it, and looks at what came of it."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from migration_assets.control import dagster_daemon, records
from migration_assets.control.growing import definition_of, make_known
from migration_assets.control.hosting import Host, this_process
from migration_assets.control.names import PROCESS_TAG, RUN_TAG, STAGES
from migration_assets.control.plan import Step
from migration_assets.control.progress import Progress
from migration_assets.control.verdict import Verdict
from migration_assets.control.watching import Watch, verdict_of

MODULE = "migration_assets.definitions"
#: seconds between two looks
PAUSE = 1.0


@dataclass(frozen=True)
class Asked:
    """A backfill that was asked for, and the place in the event log that what it does comes after."""

    name: str
    backfill: str
    since: int


def run(
    instance: dg.DagsterInstance,
    steps: Sequence[Step],
    folder: Path,
    *,
    ask: Callable[[dg.DagsterInstance, Sequence[Step]], Asked] | None = None,
    module: str = MODULE,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    pause: float = PAUSE,
) -> Verdict:
    """Moves the partitions of the steps; returns when every one of them has its verdict.

    Other contracts, parents too, are left as they are. `stopping` cancels the backfill and its runs.
    `ask` finds or makes the backfill where it is not this run's own.
    """
    started = time.monotonic()
    if not steps:
        return Verdict("", "", 0.0, ())
    for step in steps:
        make_known(instance, definition_of(step.contract, step.all_partitions), step.all_partitions)
    with Host(instance, module, folder) as host:
        asked = (ask or _asked)(instance, steps)
        watch = Watch(instance, steps, asked.backfill, asked.since)
        canceled = False
        while (status := dagster_daemon.ended(instance, watch.backfill)) is None:
            host.check()
            watch.look()
            on_progress(watch.progress(time.monotonic() - started, host.hosting))
            if stopping() and not canceled:
                dagster_daemon.cancel(instance, watch.backfill)
                host.soon()
                canceled = True
            time.sleep(pause)
        watch.look()
        on_progress(watch.progress(time.monotonic() - started, True))
    contracts = tuple(verdict_of(watch, step, status) for step in steps)
    return Verdict(asked.name, watch.backfill, round(time.monotonic() - started, 3), contracts)


def wanted(steps: Sequence[Step]) -> dict[dg.AssetKey, tuple[dg.PartitionsDefinition[str], Sequence[str]]]:
    """All stages of the steps' partitions, as a backfill is asked for them."""
    return {
        records.key_of(step.contract, stage): (
            definition_of(step.contract, step.all_partitions),
            step.partitions,
        )
        for step in steps
        for stage in STAGES
    }


def _asked(instance: dg.DagsterInstance, steps: Sequence[Step]) -> Asked:
    since, name = records.newest(instance), uuid.uuid4().hex[:8]
    partitions = sum(len(step.partitions) for step in steps)
    backfill = dagster_daemon.submit(
        instance,
        wanted(steps),
        title=f"migrate run: {partitions} partitions of {len(steps)} contracts",
        tags={RUN_TAG: name, PROCESS_TAG: this_process()},
    )
    return Asked(name, backfill, since)
