"""The Dagster instance of the trials, read back: which materializations it has, and of which loads."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from faults import reading
from faults.trial import Trial
from faults.world import World


@dataclass(frozen=True)
class Green:
    """A materialization of `loaded`."""

    partition: str
    generation: int
    fingerprint: str
    run_id: str


@contextmanager
def instance(world: World) -> Generator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(world.home)) as opened:
        yield opened


def runs(world: World) -> dict[str, dg.DagsterRunStatus]:
    with instance(world) as opened:
        return {run.run_id: run.status for run in opened.get_runs()}


def greens(world: World, contract: str, partitions: Collection[str]) -> list[Green]:
    """Of these partitions, newest first."""
    wanted = dg.AssetRecordsFilter(
        dg.AssetKey(["tables", contract, "loaded"]), asset_partitions=list(partitions)
    )
    with instance(world) as opened:
        records = opened.fetch_materializations(wanted, limit=1000).records
    found: list[Green] = []
    for record in records:
        event = record.asset_materialization
        assert event is not None
        assert event.partition is not None
        said = event.metadata
        found.append(
            Green(
                event.partition,
                int(str(said["generation"].value)),
                str(said["fingerprint"].value),
                record.run_id,
            )
        )
    return found


def judge(trial: Trial, *, recovered: bool) -> None:
    """I3: whatever is green is in the ledger, as it says; once recovered, the newest of both are one."""
    known = greens(trial.world, trial.subject.contract, trial.partitions)
    statuses = runs(trial.world)
    for partition in trial.partitions:
        loads = {one.generation: one for one in reading.ledger(trial.world, trial.subject, partition)}
        mine = [green for green in known if green.partition == partition]
        for green in mine:
            load = loads.get(green.generation)
            if load is None or load.fingerprint != green.fingerprint or load.run_id != green.run_id:
                trial.violated("I3", f"{partition} is green for a load that the ledger does not have")
        if recovered and (not mine or mine[0].generation != max(loads)):
            trial.violated("I3", f"{partition}: what is green is not the newest load")
        for load in loads.values():
            done = statuses.get(load.run_id) == dg.DagsterRunStatus.SUCCESS
            if done and not any(green.run_id == load.run_id for green in mine):
                trial.violated("I3", f"{partition}: a run succeeded and recorded nothing")
