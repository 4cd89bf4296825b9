"""Dates, times and intervals as PostgreSQL prints them, in its calendar."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.spelling.misfit import Canonical, Misfit

#: the days that PostgreSQL's calendar has; years before Christ count down from 0
EARLIEST, LAST_DATE, LAST_TIMESTAMP = (-4713, 11, 24), (5_874_897, 12, 31), (294_276, 12, 31)

# ASCII: digits of other scripts are digits to Python, but not to PostgreSQL
_MOMENT = re.compile(
    r"(\d{4,7})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d*))?)?)?"
    r"\s*(Z|[+-]\d\d(?::?\d\d)?)?( BC)?",
    re.ASCII,
)
_TIME = re.compile(r"(-?)(\d{1,3}):(\d\d)(?::(\d\d)(?:\.(\d*))?)?", re.ASCII)
_SPAN = re.compile(
    r"(?:([+-]?\d{1,10}) years?)?\s*(?:([+-]?\d{1,10}) (?:mons?|months?))?\s*(?:([+-]?\d{1,10}) days?)?\s*"
    r"(?:([+-]?)(\d{1,10}):(\d\d)(?::(\d\d)(?:\.(\d*))?)?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class _Moment:
    """A date with its time of day; years before Christ count down from 0."""

    year: int
    #: the same moment in a year from 2000 on that has the same days
    moment: datetime
    #: digits of a second, without zeros at the end
    fraction: str
    zone: str

    @property
    def date(self) -> tuple[int, int, int]:
        return self.year, self.moment.month, self.moment.day

    def printed(self, time: str) -> str:
        era = " BC" if self.year < 1 else ""
        year = 1 - self.year if era else self.year
        return f"{year:04d}-{self.moment:%m-%d}{time}{era}"


def _parts(text: str) -> _Moment:
    found = _MOMENT.fullmatch(text.strip())
    if found is None or (found[8] and not found[4]):
        raise Misfit("is no date")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = (int(found[n] or 0) for n in (4, 5, 6))
    counted = 1 - year if found[9] else year
    if not (year and 1 <= month <= 12 and 1 <= day <= monthrange(2000 + counted % 400, month)[1]):
        raise Misfit("is no day of the calendar")
    if hour > 23 or minute > 59 or second > 59:
        raise Misfit("is no time of day")
    moment = datetime(2000 + counted % 400, month, day, hour, minute, second)
    return _Moment(counted, moment, (found[7] or "").rstrip("0"), found[8] or "")


def _refuse_far(found: _Moment, name: str, last: tuple[int, int, int]) -> None:
    if not EARLIEST <= found.date <= last:
        raise Misfit(f"is out of the range of {name}")


def _infinite(text: str) -> str | None:
    bare = text.strip().lower()
    return bare if bare in ("infinity", "-infinity") else None


def day(text: str) -> str:
    if infinite := _infinite(text):
        return infinite
    found = _parts(text)
    if found.moment.time() != time() or found.fraction or found.zone:
        raise Misfit("has a time of day, date has none")
    _refuse_far(found, "date", LAST_DATE)
    return found.printed("")


def moment(pgtype: PgType) -> Canonical:
    digits = 6 if pgtype.precision is None else pgtype.precision
    zoned = pgtype.family == "timestamptz"

    def spell(text: str) -> str:
        if infinite := _infinite(text):
            return infinite
        found = _parts(text)
        if len(found.fraction) > digits:
            raise Misfit(f"has more than {digits} digits of a second")
        if zoned and not found.zone:
            raise Misfit("has no time zone; say which by AT TIME ZONE in transformLogic")
        if found.zone and not zoned:
            raise Misfit("has a time zone; drop it by AT TIME ZONE in transformLogic")
        if zoned:
            found = _in_utc(found)
        _refuse_far(found, "timestamp", LAST_TIMESTAMP)
        fraction = f".{found.fraction}" if found.fraction else ""
        return found.printed(f"{found.moment: %H:%M:%S}{fraction}{'+00' if zoned else ''}")

    return spell


def _in_utc(found: _Moment) -> _Moment:
    if found.zone == "Z":
        return found
    digits = found.zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 15 or minutes > 59:
        raise Misfit("has a time zone that there is not")
    offset = timedelta(hours=hours, minutes=minutes)
    moment = found.moment + (offset if found.zone[0] == "-" else -offset)
    return replace(found, year=found.year + moment.year - found.moment.year, moment=moment)


def clock(pgtype: PgType) -> Canonical:
    digits = 6 if pgtype.precision is None else pgtype.precision

    def spell(text: str) -> str:
        found = _TIME.fullmatch(text.strip())
        if found is None:
            raise Misfit("is no time of day")
        hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
        fraction = (found[5] or "").rstrip("0")
        if len(fraction) > digits:
            raise Misfit(f"has more than {digits} digits of a second")
        whole_day = (hour, minute, second, fraction) == (24, 0, 0, "")
        if found[1] or minute > 59 or second > 59 or (hour > 23 and not whole_day):
            raise Misfit("is out of the range of time; interval holds it")
        return f"{hour:02d}:{minute:02d}:{second:02d}" + (f".{fraction}" if fraction else "")

    return spell


def interval(pgtype: PgType) -> Canonical:
    """Years, months and days in words, and a time."""
    most = fraction_digits(pgtype)

    def spell(text: str) -> str:
        if infinite := _infinite(text):
            return infinite
        found = _SPAN.fullmatch(text.strip())
        if found is None or not any(found.groups()):
            raise Misfit("is no interval of years, months, days and a time")
        if len((found[8] or "").rstrip("0")) > most:
            raise Misfit(f"has more than {most} digits of a second")
        return _span(found)

    return spell


def _span(found: re.Match[str]) -> str:
    fraction = (found[8] or "").rstrip("0")
    hours, minutes, seconds = (int(found[n] or 0) for n in (5, 6, 7))
    if minutes > 59 or seconds > 59:
        raise Misfit("is no time")
    months = int(found[1] or 0) * 12 + int(found[2] or 0)
    days = int(found[3] or 0)
    microseconds = (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + int(fraction.ljust(6, "0"))
    if max(abs(months), abs(days)) >= 1 << 31 or microseconds >= 1 << 63:
        raise Misfit("is out of the range of interval")
    words: list[str] = []
    years = abs(months) // 12 * (-1 if months < 0 else 1)
    negative = False
    for number, unit in ((years, "year"), (months - years * 12, "mon"), (days, "day")):
        if number:
            plus = "+" if negative and number > 0 else ""
            words.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            negative = number < 0
    clock = f"{hours:02d}:{minutes:02d}:{seconds:02d}" + (f".{fraction}" if fraction else "")
    if clock != "00:00:00":
        words.append(("-" if found[4] == "-" else "+" if negative else "") + clock)
    return " ".join(words) or "00:00:00"


def fraction_digits(pgtype: PgType) -> int:
    return 6 if pgtype.precision is None else pgtype.precision
