from pathlib import Path

import pytest

from migration_assets.buckets.claimed import PLACE, Claims, hash_of
from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.plan import Inventory, plan_bucket
from migration_assets.contracts.places import place
from migration_assets.errors import StagingRefused
from migration_assets.stages.report import STAGES
from migration_assets.staging.root import staging_of
from migration_assets_tests.buckets.fake import Store, opened
from migration_assets_tests.planning.buckets import contract


def claims(folder: Path, *partitions: str) -> Claims:
    return Claims(staging_of({"MIGRATION_STAGING": str(folder)}).partition("files", PLACE), partitions)


def test_a_partition_is_told_what_others_have_claimed_and_they_of_it(tmp_path: Path) -> None:
    of_all = claims(tmp_path, "a", "b", "c")

    assert of_all.claim("a", ["1", "2", "2"]) == {}
    assert of_all.claim("b", ["2", "3"]) == {hash_of("2"): "a"}
    assert of_all.claim("c", []) == {}
    assert of_all.claim("a", ["1", "2", "3"]) == {hash_of("2"): "b", hash_of("3"): "b"}


def test_a_claim_is_replaced_and_one_of_a_partition_that_is_none_any_more_counts_no_longer(
    tmp_path: Path,
) -> None:
    claims(tmp_path, "a", "b").claim("a", ["1"])

    assert claims(tmp_path, "b", "c").claim("b", ["1"]) == {}
    claims(tmp_path, "a", "b").claim("a", ["2"])
    assert claims(tmp_path, "a", "b").claim("b", ["1"]) == {}


def test_a_damaged_claim_is_refused(tmp_path: Path) -> None:
    of_all = claims(tmp_path, "a", "b")
    of_all.claim("a", ["1"])
    (file,) = (each for each in tmp_path.rglob("a") if each.is_file())
    file.write_text("00" + file.read_text())

    with pytest.raises(StagingRefused, match="partition a of files has claimed is damaged"):
        of_all.claim("b", ["1"])


@pytest.mark.parametrize("conflict", ["skip_equal", "overwrite"])
def test_an_object_that_came_after_the_plan_does_not_take_the_key_of_another_partition_s(
    tmp_path: Path, conflict: str
) -> None:
    said = "partitions: {by: prefix, depth: 1}, key: \"regexp_replace(key, '^.*/', '')\""
    one = contract(tmp_path, f"{said}, conflict: {conflict}")
    assert one.bucket
    source, target = Store(), Store()
    for key in ("a/1", "a/2", "b/3"):
        source.put(key, key.encode())
    plan_bucket(one, one.bucket, Inventory(source, place(one.bucket.source, {})))
    source.put("b/2", b"another")
    environment = {"MIGRATION_STAGING": str(tmp_path / "staging")}
    migration = BucketMigration(one, {one.name: one}, environment, opened(source, target))

    results = list(migration.move(["a/", "b/"], STAGES, "run-1"))

    failures = [each.failure for each in results if each.failure]
    assert len(failures) == 1
    assert "b/2: it would go to the same key as an object of partition a/" in failures[0]
    assert target.bodies() == {"1": b"a/1", "2": b"a/2", "3": b"b/3"}
