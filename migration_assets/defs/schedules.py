"""Schedules of contracts: each tick starts a small run that asks for what is due.

To find out what is due reads the source, which may take longer than Dagster lets a tick take. The
schedules run as soon as they are there: the contract says so, and was reviewed for it.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import job_name
from migration_assets.stores.trying import in_words

JOB, OP = "scheduled", "ask_for_what_is_due"


def schedule_jobs(contracts: Mapping[str, Contract]) -> list[Any]:
    """One job for all schedules; none where there are no schedules."""
    if not any(contract.schedule for contract in contracts.values()):
        return []

    @dg.op(
        name=OP,
        config_schema={"contract": str, "tick": str},
        description="Windows that ended and are missing, and recent ones whose source has changed.",
    )
    def ask_for_what_is_due(context: dg.OpExecutionContext) -> None:
        said = context.op_config
        _ask(context, contracts[said["contract"]], datetime.fromisoformat(said["tick"]))

    @dg.job(
        name=JOB,
        description="One tick of a contract's schedule; it asks for a backfill of what is due, if anything.",
        executor_def=dg.in_process_executor,
    )
    def scheduled() -> None:
        ask_for_what_is_due()

    return [scheduled]


def schedules(contracts: Mapping[str, Contract]) -> list[dg.ScheduleDefinition]:
    return [_schedule(contract) for contract in contracts.values() if contract.schedule]


def _schedule(contract: Contract) -> dg.ScheduleDefinition:
    said = contract.schedule
    assert said is not None

    @dg.schedule(
        name=f"{job_name(contract)}_schedule",
        job_name=JOB,
        cron_schedule=said.cron,
        execution_timezone=said.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Moves the windows of {contract.name} that have ended and are missing, and those of the "
        f"newest {said.lookback} whose source has changed since.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        when = context.scheduled_execution_time.astimezone(UTC).isoformat(timespec="seconds")
        return dg.RunRequest(
            run_key=f"{contract.name}@{when}",
            run_config={"ops": {OP: {"config": {"contract": contract.name, "tick": when}}}},
            tags={"migration/schedule": contract.name},
        )

    return tick


def _ask(context: dg.OpExecutionContext, contract: Contract, moment: datetime) -> None:
    from migration_assets.control.due import ask

    try:
        due = ask(context.instance, contract, os.environ, moment)
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    for partition in due.missing:
        context.log.info("%s %s is missing.", contract.name, partition)
    for partition, why in due.stale.items():
        context.log.info("%s %s is stale: %s", contract.name, partition, why)
    context.add_output_metadata(
        {
            "contract": contract.name,
            "missing": len(due.missing),
            "stale": len(due.stale),
            "partitions": ", ".join([*due.missing, *due.stale]) or "nothing is due",
            "backfill": due.backfill or "none",
        }
    )
