"""Distinct values, shapes and frequent values while rows are read in batches."""

import numpy as np
import pyarrow as pa
import pytest

from migration_assets.analyzer.profile.tally import KEPT, Distinct, Frequent, Shapes, Spread


def hashes(seed: int, number: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    print(f"seed {seed}")
    return np.random.default_rng(seed).integers(0, 1 << 64, number, np.uint64, endpoint=False)


def test_few_distinct_values_are_counted_exactly_however_often_they_come() -> None:
    distinct, some = Distinct(), hashes(1, 5_000)
    for _ in range(3):
        distinct.add(some)
    assert (distinct.number, distinct.exact) == (5_000, True)


def test_many_distinct_values_are_estimated_to_two_percent() -> None:
    distinct = Distinct()
    for part in np.array_split(hashes(2, 1_000_000), 50):
        distinct.add(part)
        distinct.add(part[::-1])
    assert not distinct.exact
    assert distinct.number == pytest.approx(1_000_000, rel=0.02)


def test_one_more_than_is_kept_is_no_longer_exact() -> None:
    distinct = Distinct()
    distinct.add(hashes(3, KEPT + 1))
    assert not distinct.exact
    assert distinct.number == pytest.approx(KEPT, rel=0.02)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("2026-11-21", "9999-99-99"),
        ("mary@example.com", "aa@aa.aa"),
        ("A1", "a9"),
        ("Łódź 7", "aa 9"),
        ("123456789012345", "9…"),
        ("", ""),
    ],
)
def test_the_shape_of_a_value(value: str, shape: str) -> None:
    shapes = Shapes()
    shapes.add(pa.array([value, None]))
    assert [(each.text, each.rows) for each in shapes.top()] == [(shape, 1)]


def test_frequent_values_are_added_up_over_batches() -> None:
    frequent = Frequent()
    frequent.add(pa.array(["a", "b", "a", None]))
    frequent.add(pa.array(["a", "c"]))
    assert [(each.text, each.rows) for each in frequent.top()] == [("a", 3)]


def test_a_frequent_value_is_kept_among_many_rare_ones() -> None:
    frequent = Frequent()
    for batch in range(5):
        rare = [f"{batch}-{number}" for number in range(30_000)]
        frequent.add(pa.array([*rare, "often", "often"]))
    assert [(each.text, each.rows) for each in frequent.top()] == [("often", 10)]


def test_a_histogram_is_of_what_is_a_number() -> None:
    spread = Spread("value", 0.0, 24.0)
    spread.add(pa.array(["0", "0.5", "24", "text", None, "1e3"]))
    assert spread.histogram is not None
    assert spread.histogram.rows[0] == 2
    assert sum(spread.histogram.rows) == 3
