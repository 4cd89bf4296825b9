"""All partitions of a contract without Dagster; writes how many seconds each stage took in all."""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path

from migration_assets.contracts.loader import load
from migration_assets.stages.report import STAGES
from migration_assets.tables.engine import TableMigration


def main(contract: str, answer: Path) -> int:
    contracts = load(Path(os.environ["MIGRATION_CONTRACTS"]))
    migration = TableMigration(contracts[contract], contracts, dict(os.environ))
    keys = [partition.key for partition in migration.partitions()]
    seconds: dict[str, float] = defaultdict(float)
    failed = 0
    for step in migration.move(keys, STAGES, "benchmark"):
        failed += bool(step.failure)
        if step.failure:
            print(f"{step.partition} {step.stage}: {step.failure}", file=sys.stderr)
        if step.report is not None:
            seconds[step.stage] += step.report.seconds
    answer.write_text(json.dumps(seconds), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
