"""The project's engine without Dagster: `move` and prove, `list` the source, `verify` both."""

import os
import sys
from pathlib import Path

from migration_assets.buckets.engine import BucketMigration
from migration_assets.contracts.loader import load
from migration_assets.planning.keys import partitions
from migration_assets.stages.report import STAGES


def main(task: str) -> int:
    contracts = load(Path(os.environ["MIGRATION_CONTRACTS"]))
    (contract,) = contracts.values()
    keys = [each.key for each in partitions(contract)]
    migration = BucketMigration(contract, contracts, os.environ)
    if task == "list":
        print(sum(1 for key in keys for _ in migration.part(key).listed()))
        return 0
    if task == "verify":
        return 0 if all(not migration.verify(key).findings for key in keys) else 1
    failed = 0
    for result in migration.move(keys, STAGES, "bench"):
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
    sys.exit(main(sys.argv[1]))
