"""Canonical text: any valid spelling of a value, as the one that PostgreSQL prints for the type.

Loaded text and printed text are then the same bytes, so that a row can be proven by its line. What
a type cannot hold exactly is a `Misfit`; nothing is rounded, cut or padded away.
"""

import json
import math
import re
import struct
import uuid
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from migration_assets.contracts.pgtypes import PgType, parse
from migration_assets.tables.copy_text import pc
from migration_assets.tables.sources.base import MISFIT
from migration_assets.tables.sources.float_text import float_text

Canonical = Callable[[str], str]

INTEGER_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
#: digits of an integer type's largest value
INTEGER_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}

#: the days that PostgreSQL's calendar has; years before Christ count down from 0
EARLIEST, LAST_DATE, LAST_TIMESTAMP = (-4713, 11, 24), (5_874_897, 12, 31), (294_276, 12, 31)
#: digits that a numeric without bounds can have before the point, and behind it
NUMERIC_WHOLE, NUMERIC_FRACTION = 131_072, 16_383

# ASCII: digits of other scripts are digits to Python, but not to PostgreSQL
_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?", re.ASCII)
_SPECIAL = re.compile(r"([+-]?)(?:(nan)|inf|infinity)", re.IGNORECASE)
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
_BYTES = re.compile(r"\\x(?:[0-9a-f]{2})*")
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}(?:-?[0-9a-fA-F]{4}){7}\}?")


class Misfit(ValueError):
    """The value cannot be held exactly by the type; the text says why, without the value."""


def canonical(pgtype: PgType, carries: str | None = "text") -> Canonical | None:
    """The function that spells values for the type; None where any text is taken as it is.

    `carries` is the type whose text the values have; None where any kind of value may be among them.
    For the types of the last kind PostgreSQL alone knows the spelling: their text is loaded as it
    came, and read back it must be the same text, or the partition's checksum fails.
    """
    match pgtype.family:
        case "integer":
            return _integer(pgtype.name)
        case "numeric":
            return _numeric(pgtype)
        case "float":
            if pgtype.name == "real":
                return _single
            return _widened if carries == "real" else _double
        case "boolean":
            return _boolean
        case "text" | "char":
            return _text(pgtype) if carries is not None else _text_and_no_bytes(pgtype)
        case "bytes":
            return _bytes
        case "date":
            return _date
        case "timestamp" | "timestamptz":
            return _moment(pgtype)
        case "time":
            return _clock(pgtype)
        case "interval":
            return _interval(pgtype)
        case "uuid":
            return _uuid
        case "json":
            return _json
        case "jsonb":
            return _jsonb
        case "bit":
            return _bit(pgtype)
        case _:
            return None


def spelled(
    values: pa.Array, pgtype: PgType, carries: str | None = "text"
) -> tuple[pa.Array, dict[int, str]]:
    """Values in canonical text, and the reason for each place that holds none (null there)."""
    spell = canonical(pgtype, carries)
    if spell is None:
        return values, {}
    plain = pc.fill_null(_plainly_canonical(values, pgtype, carries), True)
    doubtful = pc.indices_nonzero(pc.and_not(pc.is_valid(values), plain))
    if not len(doubtful):
        return values, {}
    texts: list[str | None] = []
    misfits: dict[int, str] = {}
    known: dict[str, str] = {}
    for place, value in zip(doubtful.to_pylist(), values.take(doubtful).to_pylist(), strict=True):
        text = known.get(value)
        if text is None:
            try:
                text = spell(value)
            except Misfit as misfit:
                misfits[place] = str(misfit)
                texts.append(None)
                continue
            if len(known) < 100_000 and len(value) < 64:
                known[value] = text
        texts.append(text)
    if len(doubtful) == len(values):
        return pa.array(texts, pa.string()), misfits
    mask = np.zeros(len(values), dtype=bool)
    mask[doubtful.to_numpy()] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(texts, pa.string())), misfits


def _plainly_canonical(values: pa.Array, pgtype: PgType, carries: str | None) -> pa.Array:
    """Which values a glance at the whole column shows to be canonical; the others may be, too."""
    match pgtype.family:
        case "integer":
            digits = INTEGER_DIGITS[pgtype.name] - 2
            return pc.match_substring_regex(values, rf"\A(0|-?[1-9][0-9]{{0,{digits}}})\z")
        case "numeric" if (
            pgtype.precision is not None and pgtype.scale >= 0 and pgtype.precision > pgtype.scale
        ):
            whole = rf"(0|-?[1-9][0-9]{{0,{pgtype.precision - pgtype.scale - 1}}})"
            return pc.match_substring_regex(
                values, rf"\A{whole}\.[0-9]{{{pgtype.scale}}}\z" if pgtype.scale else rf"\A{whole}\z"
            )
        case "boolean":
            return pc.match_substring_regex(values, r"\A[tf]\z")
        case "text":
            # what begins with a backslash may be bytes
            whole = pc.invert(pc.match_substring_regex(values, r"\x00" if carries else r"\x00|\A\\"))
            if pgtype.length is None:
                return whole
            return pc.and_(whole, pc.less_equal(pc.utf8_length(values), pgtype.length))
        case "uuid":
            return pc.match_substring_regex(values, r"\A[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\z")
        case "bytes":
            return pc.match_substring_regex(values, r"\A\\x([0-9a-f]{2})*\z")
        case _:
            return pa.repeat(pa.scalar(False), len(values))


def marked(column: pa.Array) -> dict[int, str]:
    """The reasons that a source wrote in place of values (see `sources.base.MISFIT`)."""
    return {
        place: value.removeprefix(MISFIT)
        for place, value in enumerate(column.to_pylist())
        if value is not None and value.startswith(MISFIT)
    }


def _integer(name: str) -> Canonical:
    limit = 1 << (INTEGER_BITS[name] - 1)

    def spell(text: str) -> str:
        sign, whole, fraction = _digits(text, f"is no {name}")
        if fraction:
            raise Misfit(f"has decimals, {name} has none")
        if len(whole) > INTEGER_DIGITS[name] or not -limit <= int(sign + whole) < limit:
            raise Misfit(f"is out of the range of {name}")
        return sign + whole

    return spell


def _digits(text: str, complaint: str) -> tuple[str, str, str]:
    """Sign, whole digits without leading zeros, and decimals without trailing zeros."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        raise Misfit(complaint)
    sign, whole, fraction, exponent = found[1], found[2], found[3] or "", int(found[4] or 0)
    if abs(exponent) > NUMERIC_WHOLE:
        raise Misfit("has more digits than any number can have")
    if exponent > 0:
        fraction = fraction.ljust(exponent, "0")
        whole, fraction = whole + fraction[:exponent], fraction[exponent:]
    elif exponent < 0:
        whole = whole.rjust(-exponent, "0")
        whole, fraction = whole[:exponent], whole[exponent:] + fraction
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    negative = sign == "-" and (whole != "0" or fraction != "")
    return ("-" if negative else ""), whole, fraction


def _numeric(pgtype: PgType) -> Canonical:
    if pgtype.precision is None:
        return _any_numeric
    precision, scale = pgtype.precision, pgtype.scale

    def spell(text: str) -> str:
        if text.lower() == "nan":
            return "NaN"
        sign, whole, fraction = _digits(text, "is no number")
        if len(fraction) > max(scale, 0) or (scale < 0 and whole[scale:].strip("0")):
            raise Misfit(f"has more than {scale} decimals")
        if precision >= scale and len(whole.lstrip("0")) > precision - scale:
            raise Misfit(f"has more than {precision - scale} digits before the point")
        if precision < scale and len((whole + fraction.ljust(scale, "0")).lstrip("0")) > precision:
            raise Misfit(f"has more than {precision} digits in {scale} decimals")
        return f"{sign}{whole}" + (f".{fraction.ljust(scale, '0')}" if scale > 0 else "")

    return spell


def _any_numeric(text: str) -> str:
    """An unbounded numeric keeps its trailing zeros, as PostgreSQL does."""
    bare = text.strip()
    if special := _SPECIAL.fullmatch(bare):
        return "NaN" if special[2] else "-Infinity" if special[1] == "-" else "Infinity"
    found = _NUMBER.fullmatch(bare)
    sign, whole, fraction = _digits(text, "is no number")
    if found is not None:
        fraction = fraction.ljust(max(len(found[3] or "") - int(found[4] or 0), 0), "0")
    if len(whole) > NUMERIC_WHOLE or len(fraction) > NUMERIC_FRACTION:
        raise Misfit("has more digits than numeric can hold")
    return sign + whole + (f".{fraction}" if fraction else "")


def single_text(number: float) -> str:
    """PostgreSQL's spelling of a float of 32 bits (float4out, PostgreSQL 12 and later)."""
    if not math.isfinite(number):
        return float_text(number)
    sign, digits, exponent = Decimal(shortest_single(number)).as_tuple()
    if not any(digits):
        return "-0" if math.copysign(1, number) < 0 else "0"
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)
    minus = "-" if sign else ""
    if -4 < point <= 6:
        if point <= 0:
            return f"{minus}0.{'0' * -point}{text}"
        head, tail = text[:point].ljust(point, "0"), text[point:]
        return minus + head + (f".{tail}" if tail else "")
    power = point - 1
    mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
    return f"{minus}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _float(text: str, name: str) -> float:
    """The nearest float; its own text is not yet known to be the same number."""
    bare = text.strip()
    if _SPECIAL.fullmatch(bare):
        return float(bare)
    found = _NUMBER.fullmatch(bare)
    if found is None or not (found[2] or found[3]):
        raise Misfit("is no number")
    number = float(bare)
    if math.isinf(number):
        raise Misfit(f"is out of the range of {name}")
    return number


def _double(text: str) -> str:
    number = _float(text, "double precision")
    spelling = float_text(number)
    if text != spelling and math.isfinite(number):
        _refuse_rounding(text, "double precision", spelling, repr(number), number)
    return spelling


def _single(text: str) -> str:
    number = _float(text, "real")
    try:
        narrow: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        raise Misfit("is out of the range of real") from None
    spelling = single_text(narrow)
    if text != spelling and math.isfinite(number):
        _refuse_rounding(text, "real", spelling, repr(narrow), narrow)
    return spelling


def _widened(text: str) -> str:
    """A float of 32 bits is a number that 64 bits hold, but not the one of its shortest digits."""
    number = _float(text, "double precision")
    return float_text(struct.unpack("<f", struct.pack("<f", number))[0])


def _refuse_rounding(text: str, name: str, *same: str | float) -> None:
    """Misfit when the text is none of the numbers by which the float is known."""
    if all(Decimal(text.strip()) != Decimal(number) for number in same):
        raise Misfit(f"has more digits than {name} can hold")


def shortest_single(number: float) -> str:
    """The fewest digits (at most 9) that lie strictly nearer to this float of 32 bits than to its
    neighbours; digits that lie midway and are read back by rounding to even PostgreSQL leaves out."""
    if not math.isfinite(number):
        return repr(number)
    bits = struct.unpack("i", struct.pack("f", abs(number)))[0]
    neighbours = [
        Decimal(struct.unpack("f", struct.pack("i", bits + step))[0])
        for step in (1, -1)
        if 0 <= bits + step < 0x7F800000
    ]
    for digits in range(1, 10):
        text = f"{number:.{digits - 1}e}"
        gap = abs(abs(Decimal(text)) - Decimal(abs(number)))
        if all(gap * 2 < abs(other - Decimal(abs(number))) for other in neighbours):
            return text
    return repr(number)


def _boolean(text: str) -> str:
    match text.strip().lower():
        case "t" | "true" | "1":
            return "t"
        case "f" | "false" | "0":
            return "f"
        case _:
            raise Misfit("is neither true nor false")


def _text(pgtype: PgType) -> Canonical:
    length, padded = pgtype.length, pgtype.family == "char"

    def spell(text: str) -> str:
        if "\0" in text:
            raise Misfit("has a NUL character, which PostgreSQL's text cannot hold")
        if length is not None:
            bare = text.rstrip(" ") if padded else text
            if len(bare) > length:
                raise Misfit(f"has more than {length} characters")
            return bare.ljust(length) if padded else text
        return text

    return spell


def _text_and_no_bytes(pgtype: PgType) -> Canonical:
    spell = _text(pgtype)

    def spell_text(text: str) -> str:
        if _BYTES.fullmatch(text):
            raise Misfit("is bytes, or text that looks like them; say how to read it in transformLogic")
        return spell(text)

    return spell_text


def _bytes(text: str) -> str:
    if text.startswith("\\x"):
        try:
            return "\\x" + bytes.fromhex(text[2:]).hex()
        except ValueError:
            raise Misfit("is no hexadecimal") from None
    return "\\x" + text.encode().hex()


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


def _date(text: str) -> str:
    if infinite := _infinite(text):
        return infinite
    found = _parts(text)
    if found.moment.time() != time() or found.fraction or found.zone:
        raise Misfit("has a time of day, date has none")
    _refuse_far(found, "date", LAST_DATE)
    return found.printed("")


def _moment(pgtype: PgType) -> Canonical:
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


def _clock(pgtype: PgType) -> Canonical:
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


def _interval(pgtype: PgType) -> Canonical:
    """Years, months and days in words, and a time."""
    most = _seconds(pgtype)

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


def _uuid(text: str) -> str:
    bare = text.strip()
    if not _UUID.fullmatch(bare) or bare.startswith("{") != bare.endswith("}"):
        raise Misfit("is no uuid")
    return str(uuid.UUID(bare))


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class _Number(str):
    """A JSON number, kept as it was written."""


def _json(text: str) -> str:
    _read_json(text)
    return text


def _jsonb(text: str) -> str:
    value = _read_json(text, _unrepeated)
    try:
        return _printed(value)
    except RecursionError:
        raise Misfit(TOO_DEEP) from None


TOO_DEEP = "is JSON that is nested too deeply"


def _read_json(text: str, pairs: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_Number,
            parse_float=_Number,
            object_pairs_hook=pairs,
        )
    except Misfit:
        raise
    except RecursionError:
        raise Misfit(TOO_DEEP) from None
    except ValueError:
        raise Misfit("is no JSON") from None


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """jsonb keeps the last one alone."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Misfit("has a key twice in one object, of which jsonb keeps one; json keeps both")
    return found


def _printed(value: object) -> str:
    """A JSON value as jsonb prints it: keys by length, then by bytes."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _Number():
            return _any_numeric(_plain_number(value))
        case str():
            if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                raise Misfit("has a character that jsonb cannot hold")
            return json.dumps(value, ensure_ascii=False)
        case list():
            return "[" + ", ".join(_printed(item) for item in value) + "]"
        case dict():
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            return "{" + ", ".join(f"{_printed(str(key))}: {_printed(value[key])}" for key in keys) + "}"
        case _:
            raise Misfit("is no JSON")


def _plain_number(text: str) -> str:
    """A JSON number without exponent, with the decimals that PostgreSQL's numeric keeps."""
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return text
    power = int(exponent) if len(exponent) < 9 else NUMERIC_WHOLE + 1
    if abs(power) > NUMERIC_WHOLE:
        raise Misfit("has a number with more digits than numeric can hold")
    kept = max(len(mantissa.partition(".")[2]) - power, 0)
    return format(Decimal(text), f".{kept}f")


def _bit(pgtype: PgType) -> Canonical:
    length, varying = pgtype.length, pgtype.name == "bit varying"

    def spell(text: str) -> str:
        if text.strip("01"):
            raise Misfit("is no bit string")
        if length is not None and (len(text) > length if varying else len(text) != length):
            raise Misfit(f"has not {length} bits")
        return text

    return spell


def trusted(carries: str | None, target: PgType) -> bool:
    """Whether text of the type that a source carries is already canonical for the target's type.

    carries               target                        trusted
    nothing promised      any                           no
    the same type         the same                      yes
    integer               a wider integer, numeric      yes
    numeric(p, s)         numeric(more, s), numeric     yes
    varchar(n), char(n)   varchar(more), text           yes
    timestamp(p)          timestamp(more)               yes (times, and zoned ones, too)
    jsonb                 json                          yes
    any                   a type of no known spelling   yes (the checksum judges it)
    """
    if carries is None:
        return target.family in ("other", "array", "timetz")
    source = parse(carries)
    if source == target or target.family in ("other", "array", "timetz"):
        return True
    match source.family, target.family:
        case "integer", "integer":
            return INTEGER_BITS[source.name] <= INTEGER_BITS[target.name]
        case "integer", "numeric":
            digits = INTEGER_DIGITS[source.name]
            return target.precision is None or (target.scale == 0 and target.precision >= digits)
        case "numeric", "numeric":
            if target.precision is None:
                return True
            same_scale = source.precision is not None and source.scale == target.scale
            return same_scale and (source.precision or 0) <= target.precision
        case ("text", "text") | ("char", "text"):
            return target.length is None or (source.length or 1 << 31) <= target.length
        case ("timestamp", "timestamp") | ("timestamptz", "timestamptz") | ("time", "time"):
            return _seconds(source) <= _seconds(target)
        case "jsonb", "json":
            return True
        case "bit", "bit":
            return target.name == "bit varying" and (target.length or 1 << 31) >= (source.length or 1 << 31)
        case _:
            return False


def _seconds(pgtype: PgType) -> int:
    return 6 if pgtype.precision is None else pgtype.precision
