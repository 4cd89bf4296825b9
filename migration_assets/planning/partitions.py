"""Partitions as data: a key that never changes, and the bounds of the rows that it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from migration_assets.contracts.model import Scalar

#: The most partitions that one contract may have (Dagster's own recommended ceiling).
CEILING = 100_000

WHOLE = "all"
REST = "rest"


@dataclass(frozen=True)
class AllRows:
    pass


@dataclass(frozen=True)
class Range:
    """lower <= value < upper; no lower or no upper is open. NULL is never in a range."""

    lower: Scalar | None
    upper: Scalar | None


@dataclass(frozen=True)
class OneOf:
    """value = one of these (the values that one partition means; almost always one)."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Outside:
    """What no other partition means: NULL, below, at or above, or none of these values."""

    below: Scalar | None = None
    above: Scalar | None = None
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Within:
    """In one of these ranges, which rise and do not touch."""

    ranges: tuple[Range, ...]


Bounds = AllRows | Range | OneOf | Outside | Within


@dataclass(frozen=True)
class Partition:
    """What is moved, verified, retried and rolled back as one."""

    key: str
    bounds: Bounds
    #: the partition column in the source and in the target; None for `all`
    source_column: str | None = None
    target_column: str | None = None


#: writes a bound as a literal of the dialect
Literal = Callable[[Scalar], str]
#: (column, literal) to the condition that a text is exactly this one, byte by byte
Equality = Callable[[str, str], str]


def render(bounds: Bounds, column_sql: str, literal: Literal, text_equality: Equality | None = None) -> str:
    """The bounds as an SQL condition that needs no parentheses around it, for any dialect.

    `column_sql` is the quoted column, with the collation in which text has the order of its bytes.
    `text_equality` is for dialects whose `=` takes differing texts for the same (letter case, blanks
    at the end). Of all the bounds, `Outside` alone means the rows whose column is NULL.

    bounds                 condition
    AllRows                1 = 1
    Range(1, 5)            (c >= 1 AND c < 5)
    Range(None, None)      (c IS NOT NULL)
    OneOf((1, 2))          (c IN (1, 2))
    Outside(1, 9)          (c IS NULL OR c < 1 OR c >= 9)
    Outside(values=(1,))   (c IS NULL OR NOT (c IN (1)))
    Within((Range(1, 5),)) ((c >= 1 AND c < 5))
    """
    match bounds:
        case AllRows():
            return "1 = 1"
        case Range(lower, upper):
            parts = [] if lower is None else [f"{column_sql} >= {literal(lower)}"]
            parts += [] if upper is None else [f"{column_sql} < {literal(upper)}"]
            return f"({' AND '.join(parts) or f'{column_sql} IS NOT NULL'})"
        case OneOf(values):
            return f"({_among(values, column_sql, literal, text_equality)})"
        case Outside(below, above, values):
            parts = [f"{column_sql} IS NULL"]
            parts += [] if below is None else [f"{column_sql} < {literal(below)}"]
            parts += [] if above is None else [f"{column_sql} >= {literal(above)}"]
            if values:
                parts.append(f"NOT ({_among(values, column_sql, literal, text_equality)})")
            return f"({' OR '.join(parts)})"
        case Within(ranges):
            each = [render(one, column_sql, literal, text_equality) for one in ranges]
            return f"({' OR '.join(each) or '1 = 0'})"
        case _:
            assert_never(bounds)


def _among(
    values: tuple[Scalar, ...], column_sql: str, literal: Literal, text_equality: Equality | None
) -> str:
    if not values:
        return "1 = 0"
    if text_equality is None or not all(isinstance(value, str) for value in values):
        return f"{column_sql} IN ({', '.join(literal(value) for value in values)})"
    return " OR ".join(text_equality(column_sql, literal(value)) for value in values)
