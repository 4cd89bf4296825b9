"""Bounds in, what is to be asked of one column out: alternatives, each of terms that all must hold.

Every row is in exactly one partition, whatever its value: NULL, and what is no value for the source
(a zero date), are `Missing`; all else compares in one total order, text by its bytes in UTF-8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from migration_assets.contracts.model import Scalar
from migration_assets.planning.partitions import AllRows, Bounds, OneOf, Outside, Range, Within


@dataclass(frozen=True)
class AtLeast:
    value: Scalar


@dataclass(frozen=True)
class Below:
    value: Scalar


@dataclass(frozen=True)
class Among:
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class NotAmong:
    """None of these values, and not missing."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Missing:
    pass


@dataclass(frozen=True)
class Present:
    pass


Term = AtLeast | Below | Among | NotAmong | Missing | Present
#: any one of these, each of which wants all of its terms; `((),)` is every row, `()` is none
Alternatives = tuple[tuple[Term, ...], ...]


def alternatives(bounds: Bounds) -> Alternatives:
    """
    AllRows             every row
    Range(a, b)         present, a <= value < b; an open side asks nothing
    OneOf(values)       among them
    Outside             missing | below `below` | at least `above` | none of `values`
    Within(ranges)      in one of them
    """
    match bounds:
        case AllRows():
            return ((),)
        case Range(lower, upper):
            low: tuple[Term, ...] = () if lower is None else (AtLeast(lower),)
            high: tuple[Term, ...] = () if upper is None else (Below(upper),)
            return ((Present(), *low, *high),)
        case OneOf(values):
            return ((Among(values),),) if values else ()
        case Outside(below, above, values):
            found: list[tuple[Term, ...]] = [(Missing(),)]
            if below is not None:
                found.append((Below(below),))
            if above is not None:
                found.append((AtLeast(above),))
            if values:
                found.append((NotAmong(values),))
            return tuple(found)
        case Within(ranges):
            return tuple(terms for one in ranges for terms in alternatives(one))
        case _:
            assert_never(bounds)


def text_of(value: Scalar) -> str:
    """A bound as text that compares with ISO dates and times also where they are kept as text.

    Midnight is the date alone, so that it sorts before `2019-01-01 00:00` and `2019-01-01T00:00`."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        midnight = moment.time().isoformat() == "00:00:00"
        return moment.date().isoformat() if midnight else moment.isoformat(sep=" ")
    return str(value)


def texts_of(values: Sequence[Scalar]) -> list[str]:
    return [text_of(value) for value in values]
