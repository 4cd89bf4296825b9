"""Whether texts of a sample are values of a type; pure, and no more than a look."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time

from migration_assets.contracts.pgtypes import PgType

#: values of one column, without NULLs
Values = Sequence[str]

_WHOLE = re.compile(r"[-+]?\d{1,19}")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
#: days that MySQL takes and the calendar has not
ZEROS = re.compile(r"0000-|\d{4}-00-|\d{4}-\d{2}-00")


def share(pgtype: PgType, values: Values) -> float:
    """The part of the values that the type would take; 1 where there is none."""
    fits = _fits(pgtype)
    return sum(map(fits, values)) / len(values) if values else 1.0


def _fits(pgtype: PgType) -> Callable[[str], bool]:
    match pgtype.family:
        case "integer":
            return lambda text: _WHOLE.fullmatch(text) is not None
        case "numeric" if pgtype.precision is not None:
            return lambda text: _decimal(text, pgtype)
        case "numeric" | "float":
            return lambda text: _NUMBER.fullmatch(text) is not None
        case "boolean":
            return lambda text: text.lower() in ("0", "1", "t", "f", "true", "false")
        case "text" | "char" if pgtype.length is not None:
            return lambda text: len(text) <= (pgtype.length or 0)
        case "date":
            return _reader(date.fromisoformat)
        case "timestamp" | "timestamptz":
            return _reader(datetime.fromisoformat)
        case "time":
            return _reader(time.fromisoformat)
        case _:
            return lambda _: True


def _decimal(text: str, pgtype: PgType) -> bool:
    if not _NUMBER.fullmatch(text) or "e" in text.lower():
        return False
    whole, _, decimals = text.lstrip("+-").partition(".")
    room = (pgtype.precision or 0) - pgtype.scale
    return len(whole.lstrip("0")) <= room and len(decimals.rstrip("0")) <= pgtype.scale


def _reader(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return ZEROS.match(text) is not None
        return True

    return fits


def columns_of(rows: Iterable[Sequence[str | None]], width: int) -> tuple[tuple[str, ...], ...]:
    """The values of each column, without NULLs."""
    listed: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for place, value in enumerate(row):
            if value is not None:
                listed[place].append(value)
    return tuple(map(tuple, listed))
