"""Which partitions a wave means, as the table in `choosing` says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from migration_assets.contracts.model import ByTime
from migration_assets.waves.choosing import chosen, unknown_bounds
from migration_assets.waves.model import ByState, ChangedSince, Partitions, Range
from migration_assets_tests.control.shop import CUSTOMERS, ORDERS

STATES = {"a": "loaded", "b": "failed", "c": "running", "d": "missing"}
KEYS = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (ByState("all"), "abcd"),
        (ByState("missing"), "bd"),
        (ByState("failed"), "b"),
        (Range("b", "c"), "bc"),
        (Range(None, "b"), "ab"),
        (Range("c", None), "cd"),
        (Range("c", "b"), ""),
        (ChangedSince(datetime(2026, 1, 1, tzinfo=UTC)), "bcd"),
    ],
)
def test_what_a_wave_says_of_a_contract_by_value(said: Partitions, expected: str) -> None:
    assert "".join(chosen(said, ORDERS, KEYS, states=STATES)) == expected


def test_what_is_loaded_is_meant_where_its_source_has_changed() -> None:
    said = ChangedSince(datetime(2026, 1, 1, tzinfo=UTC))
    states = dict.fromkeys(KEYS, "loaded")
    assert chosen(said, ORDERS, KEYS, states=states, changed={"b"}) == ("b",)


def test_a_contract_of_one_partition_moves_whole_in_every_range() -> None:
    assert chosen(Range("2024-01", None), CUSTOMERS, ("all",), states={}) == ("all",)
    assert unknown_bounds(Range("2024-01", None), CUSTOMERS, ("all",)) == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Range("2024-05", "2024-06"), ["2024-05-31", "2024-06-01", "2024-06-30"]),
        (Range("2024-06-02", None), ["2024-06-30", "2024-07-01"]),
        (Range(None, "2024"), ["2024-05-31", "2024-06-01", "2024-06-30", "2024-07-01"]),
        (Range("2024-06-01T05", "2024-06-01T07"), ["2024-06-01"]),
    ],
)
def test_keys_of_time_are_compared_as_far_as_both_go(said: Range, expected: list[str]) -> None:
    daily = replace(ORDERS, partitioning=ByTime("day", "at", datetime(2024, 5, 31)))
    keys = ("2024-05-31", "2024-06-01", "2024-06-30", "2024-07-01", "rest")
    assert list(chosen(said, daily, keys, states={})) == expected


def test_a_bound_that_is_no_partition_is_named() -> None:
    assert unknown_bounds(Range("b", "x"), ORDERS, KEYS) == ("x",)
