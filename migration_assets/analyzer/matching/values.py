"""What the values of two columns have in common, by hashes of a sample; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

#: distinct values below which a column says little by them
FEW = 5
#: the highest of counted numbers, as so many times how many they are
DENSE = 4
#: the weight that an overlap has against name and type; weak values of tables that belong together
#: say more than those of any two
STRONG, WEAK, TOGETHER = 0.6, 0.15, 0.4

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?"
)
_TRUTH = {"t": "1", "true": "1", "y": "1", "yes": "1", "f": "0", "false": "0", "n": "0", "no": "0"}


@dataclass(frozen=True)
class Sketch:
    """A column's sample, without its values."""

    #: hashes of its distinct values
    hashes: frozenset[int]
    #: values that are not NULL
    present: int
    #: whether they are whole numbers from one on with few gaps, as the counted keys of any table are
    counted: bool
    #: whether the sample is of all rows
    whole: bool


def sketch(values: Iterable[str | None], *, whole: bool) -> Sketch:
    plain = [plainly(value) for value in values if value is not None]
    distinct = set(plain)
    numbers = [int(value) for value in distinct if value.isdecimal() and len(value) < 10]
    counted = bool(plain) and len(numbers) == len(distinct) and max(numbers) <= DENSE * len(distinct) + FEW
    return Sketch(frozenset(map(hash, distinct)), len(plain), counted, whole)


def plainly(value: str) -> str:
    """One spelling for what two databases print differently: numbers, moments, truth, letter case."""
    value = value.strip()
    moment = _MOMENT.fullmatch(value)
    if moment:
        time = moment[2] or ""
        return moment[1] + ("" if time in ("", "00:00:00") else f" {time}")
    if value[:1] in "-+.0123456789" and len(value) < 40:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value.casefold()
        if number.is_finite() and abs(number.adjusted()) < 40:
            return format(number.normalize() + 0, "f")
    return _TRUTH.get(value.casefold(), value.casefold())


@dataclass(frozen=True)
class Overlap:
    #: the part of the one with fewer distinct values that the other has, too
    share: float
    #: the same, less what the other has beyond them where both are known whole
    likeness: float
    #: 0 to 1: how much that says
    weight: float
    #: distinct values that were compared
    compared: int


def overlap(one: Sketch, other: Sketch, *, together: bool) -> Overlap | None:
    """None where one of them has no values; `together` are columns of tables that belong together.

    values                        weight
    one or two                    weak: so are they anywhere
    counted keys, or few          weak, but for tables that belong together
    all others                    strong
    none alike                    half of that: the target may hold other rows
    none alike, samples in part   nothing: other rows may have been sampled
    """
    fewer = min(len(one.hashes), len(other.hashes))
    if not fewer:
        return None
    common = len(one.hashes & other.hashes)
    share = likeness = common / fewer
    weight = STRONG
    if (one.counted and other.counted) or fewer < FEW:
        weight = TOGETHER if together and fewer > 2 else WEAK
    if one.whole and other.whole:
        likeness = (3 * share + common / len(one.hashes | other.hashes)) / 4
        # the target may hold other rows, or some to try it with
        weight *= min(1.0, 0.5 + share)
    else:
        # a sample can show that values are alike, and hardly that they are not
        weight *= min(1.0, 2 * share)
    return Overlap(share, likeness, weight, fewer)
