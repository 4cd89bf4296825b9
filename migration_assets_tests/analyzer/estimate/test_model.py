"""What samples make of a table's size, as a table."""

import pytest

from migration_assets.analyzer.estimate.model import (
    A_PARTITION,
    Estimates,
    Probe,
    Size,
    estimated,
    worth_a_sample,
)

SOME = Probe("orders", 1000, 100_000, False, 0.5, 0.25, 0.25)
WHOLE = Probe("regions", 5, 200, True, 0.01, 0.0, 0.01)


@pytest.mark.parametrize(
    ("name", "size", "rows", "size_in_bytes", "seconds"),
    [
        # all rows were in the sample, whatever the catalog believes
        ("regions", Size(70, 8192), 5, 200, 0.02),
        # ten times the sample
        ("orders", Size(10_000, None), 10_000, 1_000_000, 10.0),
        # no sample of its own: the source's bytes, at the speed of all samples
        ("lines", Size(500, 200_400), 500, 200_400, 2.04),
        # nor bytes: as many a row as in all samples
        ("notes", Size(2010, None), 2010, 200_400, 2.04),
        ("empty", Size(0, None), 0, 0, 0.0),
    ],
)
def test_rows_bytes_and_seconds(name: str, size: Size, rows: int, size_in_bytes: int, seconds: float) -> None:
    found = estimated(name, size, 1, {"orders": SOME, "regions": WHOLE})

    assert (found.rows, found.bytes) == (rows, size_in_bytes)
    assert found.seconds == pytest.approx(seconds + A_PARTITION)


def test_what_nobody_knows_stays_unknown_and_is_not_in_the_sums() -> None:
    unknown = estimated("t", Size(None, None, "unknown"), None, {})
    known = estimated("orders", Size(1000, None), 1, {"orders": SOME})

    both = Estimates((unknown, known))

    assert unknown.seconds is None
    assert both.unknown == ("t",)
    assert both.rows == 1000


def test_some_partitions_are_their_part_of_the_whole() -> None:
    found = Estimates((estimated("orders", Size(10_000, None), 10, {"orders": SOME}),))

    (part,) = found.of_partitions({"orders": 2}).contracts

    assert (part.rows, part.bytes, part.partitions) == (2000, 200_000, 2)


def test_samples_are_of_the_tables_that_make_up_most() -> None:
    sizes = {"a": Size(None, 5_000), "b": Size(None, 90_000), "c": Size(None, 1_000), "d": Size(None, 4_000)}

    assert worth_a_sample(sizes, 5) == ("b",)
    assert worth_a_sample({**sizes, "e": Size(None, 50_000)}, 2) == ("b", "e")


def test_samples_too_small_to_tell_a_speed_tell_none() -> None:
    assert Estimates((), (WHOLE,)).reading is None
    assert Estimates((), (Probe("t", 1, 4 << 20, False, 2.0, 0.0, 1.0),)).reading == (4 << 20) / 2
