"""When a window is open, as the table in `hours` says."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from migration_assets.waves.hours import is_open, opens_next
from migration_assets.waves.model import Day, Window

BERLIN = ZoneInfo("Europe/Berlin")
#: a Tuesday
NIGHT = datetime(2026, 1, 6, 3, 0, tzinfo=BERLIN)


def window(days: tuple[Day, ...], opens: int, closes: int) -> Window:
    return Window("Europe/Berlin", days, time(opens), time(closes))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, True),
        (window(("tue",), 0, 0), True),
        (window(("mon",), 0, 0), False),
        (window(("tue",), 2, 4), True),
        (window(("tue",), 4, 5), False),
        (window(("tue",), 3, 4), True),
        (window(("tue",), 2, 3), False),
        (window(("mon",), 22, 6), True),
        (window(("tue",), 22, 6), False),
        (window(("mon",), 22, 3), False),
    ],
)
def test_a_window_is_open_on_its_days_in_its_hours(said: Window | None, expected: bool) -> None:
    assert is_open(said, NIGHT) is expected
    assert is_open(said, NIGHT.astimezone(UTC)) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (window(("tue",), 4, 5), datetime(2026, 1, 6, 4, tzinfo=BERLIN)),
        (window(("tue",), 2, 3), datetime(2026, 1, 13, 2, tzinfo=BERLIN)),
        (window(("mon", "fri"), 22, 3), datetime(2026, 1, 9, 22, tzinfo=BERLIN)),
        (window(("wed",), 0, 0), datetime(2026, 1, 7, tzinfo=BERLIN)),
    ],
)
def test_a_shut_window_says_when_it_opens(said: Window, expected: datetime) -> None:
    assert opens_next(said, NIGHT) == expected


def test_a_window_holds_its_hours_when_the_clocks_change() -> None:
    said = Window("Europe/Berlin", ("sun",), time(2, 30), time(4))
    changing = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)
    assert not is_open(said, changing)
    assert is_open(said, datetime(2026, 3, 29, 1, 5, tzinfo=UTC))
