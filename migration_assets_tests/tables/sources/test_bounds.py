"""What bounds ask of a column: the table of the docstring."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from migration_assets.contracts.model import Scalar
from migration_assets.planning.partitions import AllRows, Bounds, OneOf, Outside, Range
from migration_assets.tables.sources.bounds import (
    Alternatives,
    Among,
    AtLeast,
    Below,
    Missing,
    NotAmong,
    Present,
    alternatives,
    text_of,
)


@pytest.mark.parametrize(
    ("bounds", "asked"),
    [
        (AllRows(), ((),)),
        (Range(1, 2), ((Present(), AtLeast(1), Below(2)),)),
        (Range(1, None), ((Present(), AtLeast(1)),)),
        (Range(None, 2), ((Present(), Below(2)),)),
        (Range(None, None), ((Present(),),)),
        (OneOf(("a",)), ((Among(("a",)),),)),
        (OneOf(()), ()),
        (Outside(), ((Missing(),),)),
        (Outside(below=1), ((Missing(),), (Below(1),))),
        (Outside(below=1, above=9), ((Missing(),), (Below(1),), (AtLeast(9),))),
        (Outside(values=("a",)), ((Missing(),), (NotAmong(("a",)),))),
    ],
)
def test_bounds_are_alternatives_of_terms(bounds: Bounds, asked: Alternatives) -> None:
    assert alternatives(bounds) == asked


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        ("x", "x"),
        (Decimal("1.50"), "1.50"),
        (date(2019, 1, 2), "2019-01-02"),
        (datetime(2019, 1, 2), "2019-01-02"),
        (datetime(2019, 1, 2, 3), "2019-01-02 03:00:00"),
        (datetime(2019, 1, 2, 3, 4, 5, 600), "2019-01-02 03:04:05.000600"),
        (datetime(2019, 1, 2, tzinfo=UTC), "2019-01-02"),
        (datetime(2019, 1, 2, tzinfo=timezone(timedelta(hours=-5))), "2019-01-02 05:00:00"),
    ],
)
def test_a_bound_is_written_as_iso_text(value: Scalar, text: str) -> None:
    assert text_of(value) == text
