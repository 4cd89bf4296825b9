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
    from migration_assets.defs.loading import nothing_thrown_away
    from migration_assets.defs.run_process import files_of_this_run, hand_to_runs
    from migration_assets.planning.keys import partitions

    folder = contracts_folder(os.environ)
    with nothing_thrown_away():
        needed = files_of_this_run(folder)
        contracts = load(folder, needed)
        if needed is None:
            hand_to_runs(contracts.values(), folder)
        return build_definitions(contracts, planner=partitions, checks=specs)
