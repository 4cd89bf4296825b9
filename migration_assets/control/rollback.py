"""A rollback in Dagster: the same backfill as a run, of `loaded` alone, with tags that say what it is."""

import getpass
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import Contract
from migration_assets.control import dagster_daemon, records
from migration_assets.control.hosting import this_process
from migration_assets.control.names import (
    GENERATION_TAG,
    OPERATION_TAG,
    PROCESS_TAG,
    RESTORE,
    RESTORE_TAG,
    RUN_TAG,
)
from migration_assets.control.plan import Step, keys_of
from migration_assets.control.progress import Progress
from migration_assets.control.rollback_plan import RollbackPlan, ask
from migration_assets.control.run import MODULE, PAUSE, Asked, run, wanted
from migration_assets.control.verdict import ContractVerdict, Verdict


def steps(plan: RollbackPlan, contracts: Mapping[str, Contract]) -> tuple[Step, ...]:
    keys = keys_of({name: contracts[name] for name in plan.contracts})
    return tuple(Step(contracts[name], plan.partitions(name), keys[name]) for name in plan.contracts)


def failure_point(
    instance: dg.DagsterInstance, plan: RollbackPlan, contracts: Mapping[str, Contract]
) -> dict[str, tuple[str, ...]]:
    """By contract the partitions whose last attempt failed; what was loaded since is in the plan."""
    failed: dict[str, tuple[str, ...]] = {}
    for step in steps(plan, contracts):
        states = records.states(instance, step.contract, step.all_partitions)
        if keys := tuple(key for key in step.all_partitions if states.get(key) == "failed"):
            failed[step.contract.name] = keys
    return failed


def asked_for(
    instance: dg.DagsterInstance,
    plan: RollbackPlan,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    *,
    by: str = "",
    tags: Mapping[str, str] | None = None,
) -> Asked:
    """Notes the rollback in the ledgers, then asks Dagster for its backfill."""
    ask(plan, contracts, environment, by or who())
    since = records.newest(instance)
    generations = {str(each.generation) for each in plan.foreseen}
    backfill = dagster_daemon.submit(
        instance,
        {key: what for key, what in wanted(steps(plan, contracts)).items() if key.path[-1] == "loaded"},
        title=f"migrate rollback: {len(plan.foreseen)} partitions of {len(plan.contracts)} contracts",
        tags={
            OPERATION_TAG: RESTORE,
            RESTORE_TAG: plan.restore,
            GENERATION_TAG: generations.pop() if len(generations) == 1 else "several",
            RUN_TAG: plan.restore,
            **(tags or {}),
        },
    )
    return Asked(plan.restore, backfill, since)


def roll_back(
    instance: dg.DagsterInstance,
    plan: RollbackPlan,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    folder: Path,
    *,
    module: str = MODULE,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    pause: float = PAUSE,
) -> Verdict:
    """Waits until every partition is back and proven, or is told why not."""
    mine = {PROCESS_TAG: this_process()}
    verdict = run(
        instance,
        steps(plan, contracts),
        folder,
        ask=lambda instance, _: asked_for(instance, plan, contracts, environment, tags=mine),
        module=module,
        on_progress=on_progress,
        stopping=stopping,
        pause=pause,
    )
    return replace(verdict, contracts=tuple(_of_loaded(each, contracts) for each in verdict.contracts))


def _of_loaded(verdict: ContractVerdict, contracts: Mapping[str, Contract]) -> ContractVerdict:
    """By the checks of `loaded` alone: a rollback transforms nothing."""
    mine = {spec.name for spec in specs(contracts[verdict.contract]) if spec.stage == "loaded"}
    return replace(verdict, checks={name: tally for name, tally in verdict.checks.items() if name in mine})


def who() -> str:
    """The user of this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may know no name for its user
        return "unknown"
