"""All contracts as Dagster definitions; no connection is opened."""

import os
from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract
from migration_assets.defs.assets import source_specs
from migration_assets.defs.certificate import certificate_jobs
from migration_assets.defs.jobs import jobs
from migration_assets.defs.moving import Engine, Migration
from migration_assets.defs.partitions import Planner, partition_all, runs_beside
from migration_assets.defs.preflight import preflight_assets, preflight_jobs
from migration_assets.defs.profiles import profile_assets
from migration_assets.defs.rollback import rollback_jobs, rollback_schedules
from migration_assets.defs.schedules import schedule_jobs, schedules
from migration_assets.defs.tables import table_assets
from migration_assets.defs.verify import verify_jobs, verify_schedules
from migration_assets.defs.wave_sensor import wave_sensors
from migration_assets.defs.waves import wave_assets


def table_migration(
    contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
) -> Migration:
    """The real engine, imported where rows move: what only loads definitions needs no pandas."""
    from migration_assets.tables.engine import TableMigration

    return TableMigration(contract, contracts, environment)


def bucket_migration(
    contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
) -> Migration:
    """Likewise, where objects move."""
    from migration_assets.buckets.engine import BucketMigration

    return BucketMigration(contract, contracts, environment)


def build_definitions(
    contracts: Mapping[str, Contract],
    *,
    planner: Planner,
    checks: Callable[[Contract], Sequence[CheckSpec]],
    engine: Engine = table_migration,
) -> dg.Definitions:
    partitioned = partition_all(contracts, planner, runs_beside(os.environ))
    preflights = preflight_jobs(contracts)
    return dg.Definitions(
        assets=[
            *source_specs(contracts.values()),
            *(
                table_assets(
                    each,
                    contracts,
                    checks(each.contract),
                    engine if each.contract.bucket is None else bucket_migration,
                )
                for each in partitioned.values()
            ),
            *preflight_assets(contracts),
            *profile_assets({name: each for name, each in contracts.items() if each.bucket is None}),
            *wave_assets(contracts, partitioned),
        ],
        jobs=[
            *jobs(list(partitioned.values())),
            *preflights,
            *verify_jobs(contracts),
            *certificate_jobs(contracts),
            *rollback_jobs(contracts),
            *schedule_jobs(contracts),
        ],
        sensors=wave_sensors(contracts, partitioned, preflights),
        schedules=[*verify_schedules(contracts), *rollback_schedules(contracts), *schedules(contracts)],
        executor=dg.in_process_executor,
    )
