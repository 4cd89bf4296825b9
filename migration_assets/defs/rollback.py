"""The jobs `rollback` and `prune_staging`: one click in the UI, on the same ground as the command."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from migration_assets.contracts.model import Contract
from migration_assets.stores.trying import in_words

JOB = "rollback"
PRUNE_JOB = "prune_staging"
#: at night, where somebody switches the schedule on
PRUNE_AT = "30 3 * * *"

COLUMNS = {
    "contract": "string",
    "partition": "string",
    "before": "int",
    "generation": "int",
    "rows_before": "int",
    "rows": "int",
    "edited": "bool",
}


class RollbackConfig(dg.Config):
    """What to roll back."""

    contracts: list[str] = Field(
        default=[],
        description="Contracts, or waves. What refers to one another goes back in one transaction.",
    )
    partitions: list[str] = Field(
        default=[], description="Only these partitions of the one contract; all where none is named."
    )
    to: int | None = Field(
        default=None, description="The generation to put back, 0 for no rows; the one before by default."
    )
    discard_target_changes: bool = Field(
        default=False, description="Gives up what was changed in the target since it was loaded."
    )
    preview: bool = Field(default=False, description="Tells what would be done, and does nothing.")


def rollback_jobs(contracts: Mapping[str, Contract]) -> list[Any]:
    """None where there are no contracts."""
    return [_rollback(contracts), _prune(contracts)] if contracts else []


def rollback_schedules(contracts: Mapping[str, Contract]) -> list[dg.ScheduleDefinition]:
    if not contracts:
        return []
    return [
        dg.ScheduleDefinition(
            name=PRUNE_JOB,
            job_name=PRUNE_JOB,
            cron_schedule=PRUNE_AT,
            description="Every night, once it is switched on: what staging holds that nothing needs goes.",
        )
    ]


def _rollback(contracts: Mapping[str, Contract]) -> Any:
    @dg.op(name="roll_back", description="Asks for the backfill that puts earlier generations back.")
    def roll_back(context: dg.OpExecutionContext, config: RollbackConfig) -> None:
        context.add_output_metadata(_asked(context, config, contracts))

    @dg.job(
        name=JOB,
        description="Puts earlier generations of contracts back: names what would go, notes it in the "
        "ledger, and asks for a backfill of `loaded`. `migrate rollback` does the same and waits for it.",
    )
    def rollback() -> None:
        roll_back()

    return rollback


def _asked(
    context: dg.OpExecutionContext, config: RollbackConfig, contracts: Mapping[str, Contract]
) -> dict[str, Any]:
    """What was foreseen, and the backfill that does it; dg.Failure for what is refused."""
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.rollback import asked_for
    from migration_assets.control.rollback_plan import plan

    try:
        if not config.contracts:
            raise dg.Failure("Name the contracts to roll back in `contracts`.", allow_retries=False)
        found = plan(
            contracts,
            contracts_meant(contracts, config.contracts, os.environ),
            os.environ,
            wanted=config.partitions,
            to=config.to,
            discard=config.discard_target_changes,
        )
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(in_words(error), allow_retries=False) from None
    metadata: dict[str, Any] = {
        "partitions": len(found.foreseen),
        "foreseen": _table(found.foreseen),
        "rollback": found.restore,
        "completes an earlier one": found.begun,
        "not rolled back, but refer to these": ", ".join(found.dependents) or "none",
    }
    if found.refusals:
        raise dg.Failure("\n".join(found.refusals), metadata=metadata, allow_retries=False)
    if found.foreseen and not config.preview:
        asked = asked_for(context.instance, found, contracts, os.environ, by=f"run {context.run_id}")
        metadata["backfill"] = asked.backfill
        context.log.info("The backfill %s puts %d partitions back.", asked.backfill, len(found.foreseen))
    return metadata


def _table(foreseen: Sequence[Any]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [dg.TableRecord({name: getattr(each, name) for name in COLUMNS}) for each in foreseen],
        dg.TableSchema([dg.TableColumn(name, kind) for name, kind in COLUMNS.items()]),
    )


def _prune(contracts: Mapping[str, Contract]) -> Any:
    @dg.op(name="prune", description="Removes staged sets that no rollback and no run can need.")
    def prune(context: dg.OpExecutionContext) -> None:
        from migration_assets.control.kinds import tables
        from migration_assets.tables.engine import TableMigration

        # a bucket's load leaves no staged set but its own, and its records are never pruned
        removed: dict[str, int] = {}
        refused: list[str] = []
        for name, contract in tables(contracts).items():
            try:
                removed[name] = TableMigration(contract, contracts, os.environ).prune()
            except Exception as error:
                refused.append(f"{name}: {in_words(error)}")
        metadata = {"removed": sum(removed.values()), "by contract": removed}
        if refused:
            raise dg.Failure("\n".join(refused), metadata=metadata, allow_retries=False)
        context.add_output_metadata(metadata)

    @dg.job(
        name=PRUNE_JOB,
        description="Removes from staging what nothing needs any more: generations beyond "
        "`keep_generations`, and what dead runs left. What a rollback may still need stays.",
    )
    def prune_staging() -> None:
        prune()

    return prune_staging
