"""Numbers as PostgreSQL prints them; never rounded."""

import math
import re
import struct
from decimal import Decimal

from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.sources.float_text import float_text
from migration_assets.tables.spelling.misfit import Canonical, Misfit

INTEGER_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
#: digits of an integer type's largest value
INTEGER_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}
#: digits that a numeric without bounds can have before the point, and behind it
NUMERIC_WHOLE, NUMERIC_FRACTION = 131_072, 16_383

# ASCII: digits of other scripts are digits to Python, but not to PostgreSQL
_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?", re.ASCII)
_SPECIAL = re.compile(r"([+-]?)(?:(nan)|inf|infinity)", re.IGNORECASE)


def integer(name: str) -> Canonical:
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


def numeric(pgtype: PgType) -> Canonical:
    if pgtype.precision is None:
        return any_numeric
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


def any_numeric(text: str) -> str:
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


def double(text: str) -> str:
    number = _float(text, "double precision")
    spelling = float_text(number)
    if text != spelling and math.isfinite(number):
        _refuse_rounding(text, "double precision", spelling, repr(number), number)
    return spelling


def single(text: str) -> str:
    number = _float(text, "real")
    try:
        narrow: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        raise Misfit("is out of the range of real") from None
    spelling = single_text(narrow)
    if text != spelling and math.isfinite(number):
        _refuse_rounding(text, "real", spelling, repr(narrow), narrow)
    return spelling


def widened(text: str) -> str:
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
