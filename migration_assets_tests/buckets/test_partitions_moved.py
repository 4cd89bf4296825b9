"""Every way of partitioning a bucket, from its plan through all stages."""

from pathlib import Path

import pytest

from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.plan import Inventory, plan_bucket
from migration_assets.contracts.places import place
from migration_assets.planning.keys import partitions
from migration_assets.stages.report import STAGES
from migration_assets_tests.buckets.fake import Store, opened
from migration_assets_tests.planning.buckets import ODD, contract

ENDS = "from: {prefix: in/, exclude: ['logs/**/x/*']}, to: {prefix: out/}"


@pytest.mark.parametrize(
    "said",
    [
        "{by: objects, objects: 4}",
        "{by: prefix, depth: 1}",
        "{by: month, layout: logs/%Y/%m/, start: 2018-12-01, end: 2019-03-01}",
        "{by: one}",
    ],
)
def test_all_partitions_together_move_what_the_contract_means(tmp_path: Path, said: str) -> None:
    one = contract(tmp_path, f"partitions: {said}, {ENDS}")
    assert one.bucket
    source, target = Store(), Store()
    for at, key in enumerate([*ODD, "logs/2019/02/x/gone"]):
        source.put(f"in/{key}"[:500], b"x" * at)
    source.put("elsewhere", b"stays")
    plan_bucket(one, one.bucket, Inventory(source, place(one.bucket.source, {})))
    # what comes after the plan belongs to a partition, too
    for key in ("", "new", "zz/new", "logs/2019/02/new", "logs/3000/01/new"):
        source.put(f"in/{key}", b"new")

    names = [each.key for each in partitions(one)]
    migration = BucketMigration(
        one, {one.name: one}, {"MIGRATION_STAGING": str(tmp_path / "staging")}, opened(source, target)
    )
    results = list(migration.move(names, STAGES, "run-1"))

    assert [each.failure for each in results if each.failure] == []
    meant = {key for key in source.objects if key.startswith("in/") and not key.endswith(("/gone", "/x/y"))}
    assert set(target.objects) == {f"out/{key.removeprefix('in/')}" for key in meant}
    assert sorted(target.sent) == sorted(target.objects), "an object was moved twice"
