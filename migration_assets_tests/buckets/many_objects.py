"""One partition of so many objects, moved (once more, where it was), verified or taken back: what it takes.

`python -m migration_assets_tests.buckets.many_objects NUMBER FOLDER move|verify|back` prints figures as JSON.
"""

import json
import sys
from pathlib import Path

from migration_assets.buckets.engine import BucketMigration
from migration_assets_tests.buckets.counted_store import CountedStore
from migration_assets_tests.buckets.fake import opened
from migration_assets_tests.buckets.many_keys import rss, timed
from migration_assets_tests.buckets.world import contract


def main() -> None:
    number, folder, step = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    source = CountedStore(number)
    target = CountedStore(number if folder.exists() else 0)
    ends = opened(source, target, reader=None)  # type: ignore[arg-type]
    migration = BucketMigration(contract(), {}, {"MIGRATION_STAGING": str(folder)}, ends)
    work = {
        "move": lambda: moved(migration),
        "verify": lambda: verified(migration),
        "back": lambda: back(migration),
    }
    before = rss()
    said, wall, cpu = timed(work[step])
    print(
        json.dumps(
            {
                **said,
                "there": target.there_are,
                "s": wall,
                "cpu_s": cpu,
                "rss_before_mb": before,
                "rss_mb": rss(),
            }
        )
    )


def moved(migration: BucketMigration) -> dict[str, object]:
    run = f"run-{len(migration.part('all').records.generations())}"
    migration.extract("all", run)
    migration.transform("all", run)
    report = migration.load("all", run)
    passed = all(each.passed for each in report.outcomes)
    return {"moved": report.facts["moved"], "skipped": report.facts["skipped"], "passed": passed}


def verified(migration: BucketMigration) -> dict[str, object]:
    found = migration.verify("all")
    return {
        "source": found.source,
        "findings": len(found.findings),
        "passed": all(each.passed for each in found.outcomes),
    }


def back(migration: BucketMigration) -> dict[str, object]:
    (found,) = migration.foreseen({"all": None})
    migration.ask_to_restore(["all"], None, "back")
    (result,) = migration.restore(["all"], "back", "run-back")
    return {"rows_before": found.rows_before, "failure": result.failure}


if __name__ == "__main__":
    main()
