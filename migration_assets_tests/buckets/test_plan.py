from pathlib import Path

import pytest

from migration_assets.buckets.plan import Inventory, plan_bucket
from migration_assets.buckets.s3.opened import source_of
from migration_assets.contracts.model import Contract
from migration_assets.contracts.places import place
from migration_assets.errors import ConnectionRefused, PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.key_ranges import holds, spans
from migration_assets.planning.keys import partitions
from migration_assets_tests.buckets.listing import Listing, found
from migration_assets_tests.planning.buckets import ODD, contract
from migration_assets_tests.s3 import Bucket

GIB = 2**30


def inventory(one: Contract, source: Listing) -> Inventory:
    assert one.bucket
    return Inventory(source, place(one.bucket.source, {}))


def planned(one: Contract, source: Listing) -> frozen.Plan:
    assert one.bucket
    plan_bucket(one, one.bucket, inventory(one, source))
    return frozen.read(one)


def test_ranges_are_cut_from_what_the_contract_means(tmp_path: Path) -> None:
    said = "from: {prefix: a/, exclude: ['tmp/**']}, partitions: {by: objects, objects: 2}"
    source = Listing([found(key, 10) for key in ("a/1", "a/2", "a/3", "a/tmp/4", "a/x5", "b/6")])

    plan = planned(contract(tmp_path, said), source)

    assert plan.bounds == ("1", "3")
    assert plan.sizes == ((2, 20), (2, 20))
    assert (plan.facts["objects"], plan.facts["bytes"], plan.facts["longest_key"]) == (4, 40, 2)


def test_a_plan_that_is_there_is_never_moved_and_its_source_not_listed_again(tmp_path: Path) -> None:
    one = contract(tmp_path, "partitions: {by: objects, objects: 1}")
    assert one.bucket
    before = Listing([found("a"), found("b")])
    first, _ = plan_bucket(one, one.bucket, inventory(one, before))
    file = frozen.plan_file(one).read_bytes()
    later = Listing([found("a"), found("aa"), found("b"), found("c")])
    second, surveyed = plan_bucket(one, one.bucket, inventory(one, later))

    assert first
    assert second
    assert (first.made, first.partitions, second.made, second.partitions) == (True, 2, False, 2)
    assert (before.asked, later.asked, surveyed.counts.objects) == (1, 0, 2)
    assert surveyed.at
    assert frozen.plan_file(one).read_bytes() == file
    assert [sum(holds(each.bounds, key) for each in partitions(one)) for key in ("", "aa", "c")] == [1, 1, 1]


def test_prefixes_are_frozen_with_what_they_hold(tmp_path: Path) -> None:
    keys = ["logs/2019/a", "logs/2019/b/c", "logs/x", "logs/ä,b/c", "top"]

    plan = planned(
        contract(tmp_path, "partitions: {by: prefix, depth: 2}"), Listing([found(key) for key in keys])
    )

    assert plan.bounds == ("logs/2019/", "logs/ä,b/")
    assert plan.sizes == ((2, 2), (1, 1), (2, 2))
    names = [each.key for each in partitions(contract(tmp_path, "partitions: {by: prefix, depth: 2}"))]
    assert names == ["logs/2019/", "logs/ä%2Cb/", "rest"]


def test_nothing_is_frozen_where_nothing_was_read_from_the_source(tmp_path: Path) -> None:
    one = contract(tmp_path, "partitions: {by: one}")
    assert one.bucket
    objects = [found("a", 6 * GIB, "GLACIER"), found("b", 1, "DEEP_ARCHIVE"), found("c" * 700)]
    made, surveyed = plan_bucket(one, one.bucket, inventory(one, Listing(objects)))

    assert made is None
    assert not frozen.plan_file(one).exists()
    counts = surveyed.counts
    assert (counts.objects, counts.above_5_gib, counts.archived, counts.largest) == (3, 1, 2, 6 * GIB)
    assert counts.longest_key == 700


def test_a_long_listing_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migration_assets.buckets.plan.OFTEN", 2)
    one, told = contract(tmp_path, "partitions: {by: one}"), list[int]()
    assert one.bucket
    source = Listing([found(f"{at}") for at in range(5)])
    plan_bucket(one, one.bucket, Inventory(source, place(one.bucket.source, {}), None, told.append))

    assert told == [2, 4]


def test_a_source_without_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused, match="by: one"):
        planned(contract(tmp_path, "priority: 1"), Listing([found("b"), found("a")]))


def test_the_environment_says_where_a_side_is(tmp_path: Path) -> None:
    one = contract(tmp_path, "from: {prefix: x/}")
    assert one.bucket
    side = one.bucket.source

    assert str(place(side, {})) == "s3://old-bucket/x/"
    said = place(side, {"OLD_STORE_URL": "s3://other/team"})
    assert (str(said), said.name, said.behind("team/x/a"), said.whole("a")) == (
        "s3://other/team/x/",
        "OLD_STORE",
        "a",
        "team/x/a",
    )
    with pytest.raises(ConnectionRefused, match="OLD_STORE_URL names no place"):
        place(side, {"OLD_STORE_URL": "postgresql://key:secret@host/x"})


def test_a_bucket_of_s3_is_planned_with_keys_as_odd_as_they_may_be(tmp_path: Path, bucket: Bucket) -> None:
    one = contract(tmp_path, "from: {prefix: in/}, partitions: {by: objects, objects: 5}")
    assert one.bucket
    # this server takes no key with a line break in it, and repeats what a listing starts after as it is,
    # which is no XML where that is no character of XML, such as those before a blank and before U+FFFF
    taken = [key[:500] for key in ODD if key >= "!" and key[-1] not in " \uffff"]
    keys = sorted({f"in/{key}" for key in taken}, key=lambda key: key.encode())
    for key in keys:
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"x" * (len(key) % 7))
    bucket.client.put_object(Bucket=bucket.name, Key="out", Body=b"")
    environment = {
        **bucket.environment,
        "OLD_STORE_URL": f"s3://{bucket.name}",
        "OLD_STORE_ENDPOINT_URL": bucket.endpoint,
    }
    side = place(one.bucket.source, environment)
    source = source_of(str(side), environment, side.name)
    made, _ = plan_bucket(one, one.bucket, Inventory(source, side))

    assert made
    assert made.partitions == -(-len(keys) // 5)
    listed = [
        each.key
        for partition in partitions(one)
        for lower, upper in spans(partition.bounds)
        for each in source.listed(
            None if lower is None else side.whole(lower), None if upper is None else side.whole(upper)
        )
    ]
    assert listed == keys
