"""Attempts at a wave: each has a pre-flight and a backfill of its own, found again by the attempt's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control import dagster_daemon, records
from migration_assets.control.names import ATTEMPT_TAG, SINCE_TAG, WAVE_TAG, WORK_TAG
from migration_assets.control.plan import Step
from migration_assets.control.run import wanted
from migration_assets.control.wave_changes import Changes, asks
from migration_assets.control.wave_files import planned
from migration_assets.control.wave_limits import run_tags
from migration_assets.errors import PlanRefused
from migration_assets.planning.order import in_order
from migration_assets.waves.choosing import chosen
from migration_assets.waves.model import ByState, Wave
from migration_assets.waves.selection import contracts_of

PREFLIGHT_TAG = "migration/preflight"


@dataclass(frozen=True)
class Scene:
    """What waves are seen by: Dagster's instance, and the contracts with their planned partitions."""

    instance: dg.DagsterInstance
    contracts: Mapping[str, Contract]
    #: by contract; empty where it is not planned
    keys: Mapping[str, Sequence[str]]
    #: why a contract has no partitions, and what to do
    unplanned: Mapping[str, str]

    def of(self, wave: Wave) -> list[Contract]:
        return [self.contracts[name] for name in contracts_of(wave, self.contracts)]


def scene_of(instance: dg.DagsterInstance, contracts: Mapping[str, Contract]) -> Scene:
    """The contracts with their partitions as they are planned now."""
    return Scene(instance, contracts, *planned(contracts))


@dataclass(frozen=True)
class Attempt:
    """The n-th, from 1; every release of what the wave moves allows another one."""

    wave: Wave
    number: int

    @property
    def id(self) -> str:
        """Also the backfill's id: the storage lets nobody ask for one twice."""
        said = f"{self.wave.name}\n{self.wave.work}\n{self.number}"
        return f"wave{sha256(said.encode()).hexdigest()[:16]}"


def preflight_tags(attempt: Attempt) -> dict[str, str]:
    return {WAVE_TAG: attempt.wave.name, PREFLIGHT_TAG: attempt.id}


def preflight_of(instance: dg.DagsterInstance, attempt: Attempt) -> dg.DagsterRun | None:
    """The newest run of its pre-flight: Dagster may have started it once more."""
    runs = instance.get_runs(dg.RunsFilter(tags={PREFLIGHT_TAG: attempt.id}), limit=1)
    return runs[0] if runs else None


def stopped_by(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """What a pre-flight found standing in the way."""
    wanted_types = {dg.DagsterEventType.ASSET_CHECK_EVALUATION, dg.DagsterEventType.STEP_FAILURE}
    found: list[str] = []
    for record in instance.get_records_for_run(run.run_id, of_type=wanted_types).records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data.user_failure_data
            found += [failure.description] if failure and failure.description else []
        elif not event.asset_check_evaluation_data.passed:
            evaluation = event.asset_check_evaluation_data
            found.append(f"{evaluation.check_name}: {evaluation.description or 'it does not hold.'}")
    return "; ".join(found) or f"its run {run.run_id[:8]} ended without a word."


def unplanned(scene: Scene, wave: Wave) -> str:
    """Why it cannot be planned yet; empty when it can."""
    return " ".join(
        scene.unplanned[contract.name] for contract in scene.of(wave) if contract.name in scene.unplanned
    )


def plan(scene: Scene, attempt: Attempt, changes: Changes | None = None) -> tuple[Step, ...]:
    """What the attempt moves, parents first: all that the wave means, or what earlier ones left.

    Where it is not told what has changed, everything counts as changed. PlanRefused where a contract has
    no partitions yet."""
    if why := unplanned(scene, attempt.wave):
        raise PlanRefused(why)
    for number in range(attempt.number - 1, 0, -1):
        before = dagster_daemon.asked_for(scene.instance, Attempt(attempt.wave, number).id)
        if before is not None:
            return _left(scene, before)
    return tuple(
        Step(contract, keys, tuple(scene.keys[contract.name]))
        for contract in scene.of(attempt.wave)
        if (keys := _chosen(scene, attempt.wave, contract, changes))
    )


def steps_of(scene: Scene, asked: dagster_daemon.Backfill) -> tuple[Step, ...]:
    """What a backfill was asked for, parents first; contracts that are gone are left out."""
    of = {records.key_of(contract, "loaded"): contract for contract in scene.contracts.values()}
    partitions = {of[key].name: keys for key, keys in asked.partitions.items() if key in of}
    return tuple(
        Step(
            contract,
            tuple(partitions[contract.name]),
            tuple(scene.keys[contract.name] or partitions[contract.name]),
        )
        for contract in in_order(scene.contracts[name] for name in partitions)
    )


def since_of(asked: dagster_daemon.Backfill) -> int:
    return int(asked.tags.get(SINCE_TAG, "0"))


def submit(scene: Scene, attempt: Attempt, steps: Sequence[Step]) -> str:
    """Asks for the attempt's backfill, once however often it is called; its id."""
    partitions, wave = sum(len(step.partitions) for step in steps), attempt.wave
    again = f", attempt {attempt.number}" if attempt.number > 1 else ""
    return dagster_daemon.submit(
        scene.instance,
        wanted(steps),
        title=f"wave {wave.name}{again}: {partitions} partitions of {len(steps)} contracts",
        tags={
            WAVE_TAG: wave.name,
            ATTEMPT_TAG: attempt.id,
            WORK_TAG: wave.work,
            SINCE_TAG: str(records.newest(scene.instance)),
            **run_tags(wave, [step.contract for step in steps]),
        },
        backfill_id=attempt.id,
    )


def _chosen(scene: Scene, wave: Wave, contract: Contract, changes: Changes | None) -> tuple[str, ...]:
    keys = tuple(scene.keys[contract.name])
    said = wave.partitions
    by_states = asks(wave) or (isinstance(said, ByState) and said.state != "all")
    states = records.states(scene.instance, contract, keys) if by_states else {}
    changed = keys if changes is None else changes.get(contract.name, keys)
    return chosen(said, contract, keys, states=states, changed=changed)


def _left(scene: Scene, before: dagster_daemon.Backfill) -> tuple[Step, ...]:
    """What is not there of it since; where all is there and it was not verified, all of it."""
    whole = steps_of(scene, before)
    left: list[Step] = []
    for step in whole:
        found = records.materialized(scene.instance, step.contract, "loaded", since_of(before))
        there = {each.partition for each in found}
        if keys := tuple(key for key in step.partitions if key not in there):
            left.append(Step(step.contract, keys, step.all_partitions))
    return tuple(left) or whole
