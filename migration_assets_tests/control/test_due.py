"""What a tick of a schedule moves."""

from datetime import UTC, datetime

import pytest

from migration_assets.contracts.model import Schedule
from migration_assets.control.due import candidates, has_ended, judge
from migration_assets.planning.partitions import Outside, Partition, Range


def day(number: int) -> Partition:
    return Partition(f"2024-05-{number:02d}", Range(datetime(2024, 5, number), datetime(2024, 5, number + 1)))


REST = Partition("rest", Outside(below=datetime(2024, 5, 1)))


@pytest.mark.parametrize(
    ("moment", "timezone", "ended"),
    [
        (datetime(2024, 5, 2, tzinfo=UTC), "UTC", True),
        (datetime(2024, 5, 1, 23, 59, tzinfo=UTC), "UTC", False),
        # by the clock of Berlin it ended two hours before; in UTC it has not
        (datetime(2024, 5, 1, 23, tzinfo=UTC), "Europe/Berlin", False),
        # in UTC it ended three hours ago; in New York it is still the first of May
        (datetime(2024, 5, 2, 3, tzinfo=UTC), "America/New_York", False),
        (datetime(2024, 5, 2, 4, tzinfo=UTC), "America/New_York", True),
    ],
)
def test_a_window_has_ended_when_it_has_by_both_clocks(moment: datetime, timezone: str, ended: bool) -> None:
    bounds = day(1).bounds
    assert isinstance(bounds, Range)
    assert has_ended(bounds, moment, timezone) is ended


def test_windows_that_ended_are_candidates_and_the_newest_of_them_are_looked_at() -> None:
    planned = [*(day(number) for number in range(1, 8)), REST]
    some, recent = candidates(planned, Schedule("0 3 * * *", lookback=2), datetime(2024, 5, 6, 3, tzinfo=UTC))
    assert [each.key for each in some] == [*(f"2024-05-0{number}" for number in range(1, 6)), "rest"]
    assert recent == {"2024-05-04", "2024-05-05", "rest"}


def test_without_a_lookback_only_rest_is_looked_at() -> None:
    _, recent = candidates([day(1), REST], Schedule("@daily", lookback=0), datetime(2024, 6, 1, tzinfo=UTC))
    assert recent == {"rest"}


@pytest.mark.parametrize(
    ("state", "in_ledger", "recent", "then"),
    [
        ("running", False, True, "leave"),
        ("failed", True, True, "move"),
        ("failed", False, False, "leave"),
        ("missing", False, False, "move"),
        # the target was made anew
        ("loaded", False, False, "move"),
        # the instance was lost: the ledger knows better
        ("missing", True, True, "look"),
        ("missing", True, False, "leave"),
        ("loaded", True, True, "look"),
        ("loaded", True, False, "leave"),
    ],
)
def test_a_tick_moves_what_is_not_there_and_looks_at_what_is_recent(state, in_ledger, recent, then) -> None:
    assert judge(state, in_ledger=in_ledger, recent=recent) == then
