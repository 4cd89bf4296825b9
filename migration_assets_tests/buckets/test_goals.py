from pathlib import Path

import pytest

from migration_assets.buckets.goals import foretold
from migration_assets.buckets.plan import Inventory, plan_bucket
from migration_assets.contracts.model import Contract
from migration_assets.contracts.places import place
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets_tests.buckets.listing import Listing, found
from migration_assets_tests.planning.buckets import contract

FLAT = "key: \"regexp_replace(key, '^.*/', '')\""


def planned(one: Contract, *keys: str) -> None:
    assert one.bucket
    source = Listing([found(key) for key in keys])
    plan_bucket(one, one.bucket, Inventory(source, place(one.bucket.source, {})))


@pytest.mark.parametrize(
    ("said", "partitions"),
    [
        ("{by: objects, objects: 2}", "0001, 0002"),
        ("{by: prefix, depth: 1}", "a/, b/"),
        ("{by: month, layout: '%Y/%m/', start: 2019-01-01, end: 2019-03-01}", "2019-01, rest"),
    ],
)
def test_objects_of_two_partitions_that_would_go_to_one_key_are_named_before_anything_is_planned(
    tmp_path: Path, said: str, partitions: str
) -> None:
    one = contract(tmp_path, f"partitions: {said}, {FLAT}")
    first = "2019/01" if "month" in said else "a"

    with pytest.raises(PlanRefused, match=f"1 times: same \\({partitions}\\)"):
        planned(one, f"{first}/same", f"{first}/x", "b/same", "b/y")

    assert not frozen.plan_file(one).exists()


def test_objects_of_one_partition_are_told_where_they_are_decided(tmp_path: Path) -> None:
    planned(
        contract(tmp_path, f"partitions: {{by: prefix, depth: 1}}, {FLAT}"), "a/b/same", "a/c/same", "b/x"
    )


def test_several_partitions_that_keep_apart_are_planned(tmp_path: Path) -> None:
    one = contract(tmp_path, "partitions: {by: objects, objects: 1}, key: \"'new/' || key\"")

    planned(one, "a", "b", "c")

    assert len(frozen.read(one).bounds) == 3


def test_what_only_the_object_itself_tells_is_not_foretold(tmp_path: Path) -> None:
    one = contract(tmp_path, "partitions: {by: objects, objects: 1}, key: \"metadata['name']\"")
    assert one.bucket

    planned(one, "a", "b")

    assert not foretold(one.bucket, reported=False)


@pytest.mark.parametrize(
    ("said", "listed", "reported"),
    [
        ("key: \"'new/' || key\"", True, True),
        ("key: \"strftime(modified, '%Y/') || key\"", True, False),
        ("partitions: {by: one}, key: \"'new/' || key\"", False, False),
        ("partitions: {by: objects}", False, False),
    ],
)
def test_what_an_inventory_tells_depends_on_what_the_key_is_made_of(
    tmp_path: Path, said: str, listed: bool, reported: bool
) -> None:
    bucket = contract(tmp_path, said).bucket
    assert bucket

    assert (foretold(bucket, reported=False), foretold(bucket, reported=True)) == (listed, reported)
