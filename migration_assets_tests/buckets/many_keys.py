"""Plans the only contract of a folder, then lists each of its partitions alone; prints figures as JSON.

`python -m migration_assets_tests.buckets.many_keys FOLDER`
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from migration_assets.buckets.opening import source_of
from migration_assets.contracts.loader import load
from migration_assets.contracts.places import place
from migration_assets.control.bucket_plan import planned
from migration_assets.planning.key_ranges import spans
from migration_assets.planning.keys import partitions

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float, float]:
    """With seconds of the clock and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    return work(), round(time.perf_counter() - wall, 1), round(time.process_time() - cpu, 1)


def rss() -> int:
    """MB, the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    (contract,) = load(Path(sys.argv[1])).values()
    bucket = contract.bucket
    assert bucket
    before = rss()
    (_, surveyed), plan_s, plan_cpu = timed(lambda: planned(contract, bucket, os.environ))
    plan_rss = rss()
    side, source = place(bucket.source, os.environ), source_of(bucket, os.environ)

    def whole(key: str | None) -> str | None:
        return None if key is None else side.whole(key)

    def listed() -> list[int]:
        return [
            sum(1 for lower, upper in spans(each.bounds) for _ in source.listed(whole(lower), whole(upper)))
            for each in partitions(contract)
        ]

    held, list_s, list_cpu = timed(listed)
    print(
        json.dumps(
            {
                "keys": surveyed.counts.objects,
                "partitions": len(held),
                "in_partitions": sum(held),
                "largest_partition": max(held),
                "rss_before_mb": before,
                "plan_s": plan_s,
                "plan_cpu_s": plan_cpu,
                "plan_rss_mb": plan_rss,
                "list_each_s": list_s,
                "list_each_cpu_s": list_cpu,
                "rss_mb": rss(),
            }
        )
    )


if __name__ == "__main__":
    main()
