"""The project's engine without Dagster: inventory, decisions, and the move of every object, each one proven."""

import os
import sys
from pathlib import Path

from migration_assets.buckets.engine import BucketMigration
from migration_assets.contracts.loader import load
from migration_assets.planning.keys import partitions
from migration_assets.stages.report import STAGES


def main() -> int:
    contracts = load(Path(os.environ["MIGRATION_CONTRACTS"]))
    (contract,) = contracts.values()
    keys = [each.key for each in partitions(contract)]
    failed = 0
    for result in BucketMigration(contract, contracts, os.environ).move(keys, STAGES, "bench"):
        report = result.report
        print(
            result.partition,
            result.stage,
            result.failure or "done",
            f"{report.seconds:.2f} s" if report else "",
        )
        failed += bool(result.failure)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
