"""Windows of time in, their keys and bounds out; calendar windows in UTC, whole ones always."""

from datetime import datetime, timedelta
from itertools import pairwise

from migration_assets.contracts.model import Grain

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_STEPS: dict[Grain, timedelta] = {"hour": HOUR, "day": DAY, "week": WEEK}
#: how much of the ISO text of a window's first moment is its key
_SHOWN: dict[Grain, int] = {"hour": 13, "day": 10, "week": 10, "month": 7, "year": 4}


def key_of(grain: Grain, first: datetime) -> str:
    """`2019-01-01T05`, `2019-01-01` (of a week: its Monday), `2019-01` or `2019`."""
    return first.isoformat()[: _SHOWN[grain]]


def beginning(grain: Grain, moment: datetime) -> datetime:
    """The first moment of the window that holds the moment."""
    if grain == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day.replace(month=1, day=1)


def count(grain: Grain, start: datetime, last: datetime) -> int:
    """How many windows there are from the one of `start` to the one of `last`, at least one."""
    first, final = beginning(grain, start), beginning(grain, max(start, last))
    if grain in _STEPS:
        return (final - first) // _STEPS[grain] + 1
    years = final.year - first.year
    return (years * 12 + final.month - first.month if grain == "month" else years) + 1


def edges(grain: Grain, start: datetime, windows: int) -> list[datetime]:
    """The first moments of that many windows, and the end of the last one.

    OverflowError or ValueError when that end is after the year 9999."""
    first = beginning(grain, start)
    if grain in _STEPS:
        step = _STEPS[grain]
        return [first + step * number for number in range(windows + 1)]
    months = 1 if grain == "month" else 12
    begun = first.year * 12 + first.month - 1
    return [
        first.replace(year=number // 12, month=number % 12 + 1)
        for number in range(begun, begun + windows * months + 1, months)
    ]


def spans(grain: Grain, start: datetime, windows: int) -> list[tuple[str, datetime, datetime]]:
    """Key, first moment and end of each window."""
    marks = edges(grain, start, windows)
    return [(key_of(grain, first), first, end) for first, end in pairwise(marks)]
