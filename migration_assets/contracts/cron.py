"""Cron expressions: five fields, or a name such as `@daily`; what Dagster's own parser reads, and no more.

Contracts are read without Dagster; `migration_assets_tests/contracts/test_cron.py` holds that whatever
is let through here, Dagster takes, too.
"""

import re
from dataclasses import dataclass

NAMES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")

_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d{1,4}))?")
#: days of each month at most
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """The number that the text means here, None where it means none."""
        if text.lower() in self.words:
            return self.words.index(text.lower()) + self.lowest
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
            return None
        return int(text) if self.lowest <= int(text) <= self.highest else None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def fault_of(expression: str) -> str:
    """What is wrong with the expression, empty where nothing is."""
    if expression in NAMES:
        return ""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, and a cron expression has 5"
    meant: list[set[int]] = []
    for field, text in zip(_FIELDS, parts, strict=True):
        found = _numbers(field, text)
        if found is None:
            return f"`{text}` is no {field.name} ({field.lowest} to {field.highest}, lists, ranges, steps)"
        meant.append(found)
    _, _, days, months, _ = meant
    if all(min(days) > _LONGEST[month - 1] for month in months):
        return "none of its months has such a day, so that it never comes"
    return ""


def _numbers(field: _Field, text: str) -> set[int] | None:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        first, last, step = match["first"], match["last"], match["step"]
        lowest = field.lowest if first == "*" else field.number(first)
        highest = field.highest if first == "*" or (step and last is None) else lowest
        if last is not None:
            highest = None if first == "*" else field.number(last)
        every = int(step or 1)
        if lowest is None or highest is None or highest < lowest or not 1 <= every <= field.highest:
            return None
        found.update(range(lowest, highest + 1, every))
    return found
