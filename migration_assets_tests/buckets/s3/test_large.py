"""Objects that one request cannot hold: their limits, small here, and parts that stay within them."""

import pytest

from migration_assets.buckets.s3 import layout, way
from migration_assets.buckets.s3.layout import LARGEST_PUT, MOST_PARTS, SMALLEST_PART, can_be_made, own
from migration_assets_tests.buckets.s3.pair import Pair

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40


@pytest.mark.parametrize(
    "size",
    [5 * GIB + 1, 16 * MIB * MOST_PARTS, 16 * MIB * MOST_PARTS + 1, 1_000_000_000_001, 5 * TIB - 1, 5 * TIB],
)
def test_no_object_up_to_5_tib_has_more_parts_than_s3_takes(size: int) -> None:
    parts = own(size)
    assert sum(parts) == size
    assert can_be_made(parts)
    assert len(parts) <= MOST_PARTS
    assert SMALLEST_PART <= parts[0] <= LARGEST_PUT


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 GiB are 8 MiB here, and 10,000 parts two."""
    monkeypatch.setattr(way, "LARGEST_PUT", 8 * MIB)
    monkeypatch.setattr(way, "WHOLE", 4 * MIB)
    monkeypatch.setattr(layout, "PART", 5 * MIB)
    monkeypatch.setattr(layout, "MOST_PARTS", 2)


@pytest.mark.usefixtures("_small")
def test_an_object_above_the_limit_of_one_request_goes_in_as_few_parts_as_are_allowed(pair: Pair) -> None:
    pair.put("one request", b"1" * (8 * MIB))
    pair.put("two parts", b"2" * (11 * MIB))
    done = pair.moved()
    assert {key: (each.state, each.reason) for key, each in done.items()} == {
        "one request": ("moved", ""),
        "two parts": ("moved", ""),
    }
    assert pair.held(pair.new) == pair.held(pair.old)
    assert pair.client.head_object(Bucket=pair.new, Key="two parts")["ETag"].endswith('-2"')
    assert pair.unfinished() == []


@pytest.mark.usefixtures("_small")
def test_its_parts_are_held_to_the_md5_that_the_source_claims_of_the_whole(pair: Pair) -> None:
    pair.put("k", b"1" * (9 * MIB))
    pair.source_proxy.fault("flip", "GET", "/k", at=77)
    done = pair.moved()["k"]
    assert (done.state, done.proof, done.tried_after) == ("moved", "read_back", ("damage",))
    assert pair.held(pair.new) == pair.held(pair.old)
