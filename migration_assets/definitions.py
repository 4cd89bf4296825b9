"""Everything that Dagster sees: the data contracts, as assets, checks and jobs."""

import os

import dagster as dg

from migration_assets.control.project import contracts_folder


@dg.definitions
def defs() -> dg.Definitions:
    """Reads the contracts when Dagster loads definitions; all faults of all of them at once."""
    from migration_assets.checks.from_contract import specs
    from migration_assets.contracts.loader import load
    from migration_assets.defs.build import build_definitions
    from migration_assets.planning.keys import partitions

    return build_definitions(load(contracts_folder(os.environ)), planner=partitions, checks=specs)
