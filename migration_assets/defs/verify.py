"""Verification in Dagster: the job `verify`, a schedule for it, and the checks that it leaves.

The checks are those of the partition's last load: whoever looks at it sees the last proof.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.control.names import stage_path
from migration_assets.defs import events
from migration_assets.defs.asking import asking_job

JOB = "verify"
#: at three in the morning, once somebody turns it on
DAILY = "0 3 * * *"


class VerifyConfig(dg.Config):
    """Contracts or waves (all contracts where none is named), and partitions of the one contract named."""

    contracts: list[str] = Field(default_factory=list)
    partitions: list[str] = Field(default_factory=list)


def evaluations(
    instance: dg.DagsterInstance, contract: Contract, outcomes: Mapping[str, tuple[CheckOutcome, ...]]
) -> Iterator[dg.AssetCheckEvaluation]:
    """The checks of each partition, as Dagster shows them beside its last load."""
    key = dg.AssetKey(stage_path(contract, "loaded"))
    for partition, found in outcomes.items():
        about = events.latest(instance, key, partition)
        for outcome in found:
            yield events.evaluated(key, partition, outcome, about)


def record(
    instance: dg.DagsterInstance,
    found: Sequence[tuple[Contract, Mapping[str, tuple[CheckOutcome, ...]]]],
) -> str:
    """Writes the checks down as a run of the job's name, whose id it returns: a check may be evaluated
    once in a run."""

    @dg.op(out={})
    def recorded() -> Iterator[Any]:
        for contract, outcomes in found:
            yield from evaluations(instance, contract, outcomes)

    @dg.job(name=JOB, executor_def=dg.in_process_executor)
    def job() -> None:
        recorded()

    quietly = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    # it ends as failed where a blocking check has: so it stands in the list of runs, too
    done = job.execute_in_process(run_config=quietly, instance=instance, raise_on_error=False)
    return done.run_id


def verify_jobs(contracts: Mapping[str, Contract]) -> list[Any]:
    return asking_job(
        JOB,
        "compare_with_source",
        "Compares every partition in the target with what its contract makes of the source now."
        " Nothing is written but its checks. `migrate verify` does the same.",
        VerifyConfig,
        _compared,
        contracts,
    )


def verify_schedules(contracts: Mapping[str, Contract]) -> list[dg.ScheduleDefinition]:
    """Daily, and stopped until somebody starts it."""
    if not contracts:
        return []
    return [
        dg.ScheduleDefinition(
            name=JOB,
            job_name=JOB,
            cron_schedule=DAILY,
            default_status=dg.DefaultScheduleStatus.STOPPED,
            description="Whether the targets are still what their sources say.",
        )
    ]


def _compared(
    context: dg.OpExecutionContext, config: VerifyConfig, contracts: Mapping[str, Contract]
) -> Iterator[Any]:
    """The checks of every contract as they come; dg.Failure at the end, naming what is not equal."""
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.plan import steps
    from migration_assets.control.verify import verified
    from migration_assets.errors import MigrationError

    try:
        names = contracts_meant(contracts, config.contracts, os.environ)
        asked = steps(contracts, names, wanted=config.partitions)
    except MigrationError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    unequal: list[str] = []
    for found in verified(asked, contracts, os.environ):
        yield from evaluations(context.instance, contracts[found.contract], found.outcomes or {})
        if not found.equal:
            unequal.append(found.contract)
            for line in (found.failure, *found.structure):
                if line:
                    context.log.error("%s: %s", found.contract, line)
        context.log.info("%s: %s", found.contract, "equal" if found.equal else "not equal")
    if unequal:
        raise dg.Failure(
            f"{len(unequal)} of {len(asked)} contracts are not what their sources say: {', '.join(unequal)}. "
            "Their checks name the rows, or the objects.",
            allow_retries=False,
        )
