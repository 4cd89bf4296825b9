"""All contracts as Dagster definitions; no connection is opened."""

from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract
from migration_assets.defs.assets import source_specs
from migration_assets.defs.jobs import jobs
from migration_assets.defs.moving import Engine, Migration
from migration_assets.defs.partitions import Planner, partition_all
from migration_assets.defs.preflight import preflight_assets, preflight_jobs
from migration_assets.defs.profiles import profile_assets
from migration_assets.defs.tables import table_assets


def table_migration(
    contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
) -> Migration:
    """The real engine, imported where rows move: what only loads definitions needs no pandas."""
    from migration_assets.tables.engine import TableMigration

    return TableMigration(contract, contracts, environment)


def build_definitions(
    contracts: Mapping[str, Contract],
    *,
    planner: Planner,
    checks: Callable[[Contract], Sequence[CheckSpec]],
    engine: Engine = table_migration,
) -> dg.Definitions:
    partitioned = partition_all(contracts, planner)
    return dg.Definitions(
        assets=[
            *source_specs(contracts.values()),
            *(table_assets(each, contracts, checks(each.contract), engine) for each in partitioned.values()),
            *preflight_assets(contracts),
            *profile_assets(contracts),
        ],
        jobs=[*jobs(list(partitioned.values())), *preflight_jobs(contracts)],
        sensors=[],
        schedules=[],
        executor=dg.in_process_executor,
    )
