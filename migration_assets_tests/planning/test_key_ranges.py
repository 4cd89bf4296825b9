import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migration_assets.contracts.bucket_model import ByObjects
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.cutting import cut
from migration_assets.planning.key_ranges import after_all, holds, outside, prefix_of, spans
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meanings
from migration_assets.planning.partitions import Range, Within
from migration_assets_tests.planning.buckets import ODD, contract, keys

GIB = 2**30


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("partitions: {by: one}", ("all",)),
        ("partitions: {by: objects, objects: 3}", None),
        ("partitions: {by: prefix, depth: 2}", None),
        (
            "partitions: {by: month, layout: logs/%Y/%m/, start: 2019-01-01, end: 2019-04-01}",
            ("2019-01", "2019-02", "2019-03", "rest"),
        ),
        (
            "partitions: {by: day, layout: 'logs/%Y-%m-%d', start: 2019-01-31, end: 2019-02-02}",
            ("2019-01-31", "2019-02-01", "rest"),
        ),
    ],
)
def test_every_key_is_in_exactly_one_partition_for_ever(
    tmp_path: Path, said: str, names: tuple[str, ...] | None
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    bucket, listed = contract(tmp_path, said), keys(seed, 300)
    if "objects" in said:
        cutting = cut(((key, 1) for key in listed), ByObjects(3))
        frozen.write(bucket, frozen.freeze(bucket, tuple(cutting.bounds), sizes=tuple(cutting.sizes)))
    if "prefix" in said:
        prefixes = dict.fromkeys(prefix for key in listed if (prefix := prefix_of(key, 2)))
        frozen.write(bucket, frozen.freeze(bucket, tuple(prefixes)))

    found = partitions(bucket)

    assert names is None or tuple(each.key for each in found) == names
    assert len({each.key for each in found}) == len(found)
    # those that come later are in exactly one, too
    for key in [*listed, *keys(seed + 1, 300)]:
        assert sum(holds(each.bounds, key) for each in found) == 1, ascii(key)
    for each in found:
        edges = [edge or "" for span in spans(each.bounds) for edge in span]
        assert edges[:-1] == sorted(edges[:-1], key=lambda edge: edge.encode("utf-8", "surrogatepass"))


def test_windows_of_keys_go_on_until_today(tmp_path: Path) -> None:
    bucket = contract(tmp_path, "partitions: {by: year, layout: '%Y/', start: 2019-01-01}")

    found = partitions(bucket, datetime(2021, 5, 1, tzinfo=UTC))

    assert [each.key for each in found] == ["2019", "2020", "2021", "rest"]
    assert found[0].bounds == Range("2019/", "20190")


def test_a_range_holds_at_most_so_many_objects_and_bytes() -> None:
    sizes = [1, 1, 1, 5, 6, 1, 0, 0, 0]
    cutting = cut(((f"k{at}", size) for at, size in enumerate(sizes)), ByObjects(objects=3, bytes=6))

    assert cutting.bounds == ["k0", "k3", "k4", "k5", "k8"]
    assert cutting.sizes == [(3, 3), (1, 5), (1, 6), (3, 1), (1, 0)]


def test_a_huge_object_has_a_range_of_its_own() -> None:
    listed = [("a", 1), ("b", 5 * GIB + 1), ("c", 1), ("d", 5 * GIB)]

    assert cut(listed, ByObjects()).bounds == ["a", "b", "c"]


def test_versions_of_one_key_stay_together() -> None:
    listed = [("a", 1), ("b", 1), ("b", 1), ("b", 1), ("c", 1)]

    assert cut(listed, ByObjects(objects=2)).sizes == [(4, 4), (1, 1)]


def test_what_is_not_listed_in_order_cannot_be_cut() -> None:
    with pytest.raises(PlanRefused, match="order of their bytes"):
        cut([("b", 1), ("a", 1)], ByObjects())


def test_keys_are_ordered_by_their_bytes() -> None:
    listed = sorted(ODD, key=lambda key: key.encode())

    assert cut(((key, 1) for key in listed), ByObjects(objects=1)).bounds == listed


def test_an_empty_bucket_has_one_partition(tmp_path: Path) -> None:
    bucket = contract(tmp_path, "priority: 1")
    frozen.write(bucket, frozen.freeze(bucket, ()))

    (only,) = partitions(bucket)

    assert (only.key, spans(only.bounds)) == ("0001", ((None, None),))


def test_a_bucket_that_is_not_planned_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused, match=r"migrate plan artifacts"):
        partitions(contract(tmp_path, "priority: 1"))


def test_keys_survive_the_plan_file_whatever_signs_they_have(tmp_path: Path) -> None:
    bucket = contract(tmp_path, "priority: 1")
    bounds = tuple(sorted(ODD, key=lambda key: key.encode()))
    sizes = tuple((1, at) for at in range(len(bounds)))
    file = frozen.write(bucket, frozen.freeze(bucket, bounds, sizes=sizes, facts={"objects": len(bounds)}))

    assert file.read_bytes().isascii()
    plan = frozen.read(bucket)
    assert (plan.bounds, plan.sizes, plan.facts) == (bounds, sizes, {"objects": len(bounds)})


def test_a_plan_with_damaged_sizes_is_damaged(tmp_path: Path) -> None:
    bucket = contract(tmp_path, "priority: 1")
    file = frozen.write(bucket, frozen.freeze(bucket, ("a",), sizes=((1, 1),), facts={"objects": 1}))
    file.write_text(json.dumps({**json.loads(file.read_text()), "facts": [1]}))

    with pytest.raises(PlanRefused, match="damaged"):
        frozen.read(bucket)


@pytest.mark.parametrize(
    ("prefix", "after"),
    [("a/", "a0"), ("a\U0010ffff", "b"), ("\U0010ffff", None), ("", None), ("\ud7ff", "\ue000")],
)
def test_the_first_text_behind_all_that_begin_so(prefix: str, after: str | None) -> None:
    assert after_all(prefix) == after


def test_nothing_lies_between_prefixes_that_touch() -> None:
    assert outside(["a", "b", "d"]) == Within((Range(None, "a"), Range("c", "d"), Range("e", None)))
    assert outside(["\U0010ffff"]) == Within((Range(None, "\U0010ffff"),))
    assert outside([]) == Within((Range(None, None),))


@pytest.mark.parametrize(
    ("key", "depth", "prefix"),
    [("a/b/c", 1, "a/"), ("a/b/c", 2, "a/b/"), ("a/b/c", 3, None), ("//x", 2, "//"), ("a", 1, None)],
)
def test_a_prefix_goes_up_to_a_slash(key: str, depth: int, prefix: str | None) -> None:
    assert prefix_of(key, depth) == prefix


@pytest.mark.parametrize(
    ("said", "differs"),
    [
        ("from: {prefix: a/}", True),
        ("from: {include: [a]}", True),
        ("key: lower(key)", True),
        ("keep: [tags]", True),
        ("conflict: overwrite", True),
        ("priority: 3", False),
        ("read_back: all", False),
    ],
)
def test_what_makes_a_moved_partition_stale(tmp_path: Path, said: str, differs: bool) -> None:
    one = "partitions: {by: one}"
    before, after = contract(tmp_path, one), contract(tmp_path, f"{one}, {said}")

    assert (meanings(before, partitions(before)) != meanings(after, partitions(after))) is differs
