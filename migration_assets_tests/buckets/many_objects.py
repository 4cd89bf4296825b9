"""One partition of so many objects, moved, looked at again, verified and taken back; prints figures as JSON.

`python -m migration_assets_tests.buckets.many_objects NUMBER FOLDER`
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
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    source, target = CountedStore(number), CountedStore(0)
    files = contract()
    ends = opened(source, target, reader=None)  # type: ignore[arg-type]
    migration = BucketMigration(files, {"files": files}, {"MIGRATION_STAGING": str(folder)}, ends)
    figures: dict[str, object] = {"objects": number, "rss_before_mb": rss()}

    def told(stage: str, work: object) -> None:
        result, _, cpu = timed(work)  # type: ignore[arg-type]
        figures[stage] = {"cpu_s": cpu, "rss_mb": rss(), "said": result}
        print(stage, figures[stage], file=sys.stderr, flush=True)

    for run in ("first", "second"):
        told(f"{run} extract", lambda run=run: migration.extract("all", run).rows)
        told(f"{run} transform", lambda run=run: migration.transform("all", run).rows)
        told(f"{run} load", lambda run=run: _said(migration.load("all", run)))
    told("verify", lambda: len(migration.verify("all").findings))
    told("foresee", lambda: [each.rows_before for each in migration.foreseen({"all": None})])
    migration.ask_to_restore(["all"], None, "back")
    told("back", lambda: [each.failure for each in migration.restore(["all"], "back", "run-back")])
    figures |= {"left": target.there_are, "rss_mb": rss()}
    print(json.dumps(figures))


def _said(report: object) -> object:
    facts = report.facts  # type: ignore[attr-defined]
    passed = all(each.passed for each in report.outcomes)  # type: ignore[attr-defined]
    return [facts["moved"], facts["skipped"], passed]


if __name__ == "__main__":
    main()
