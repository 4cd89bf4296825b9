"""What a check found: passed or not, counts, and the keys of the first rows concerned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: How many keys an outcome names; the counts are always of all rows.
KEYS_SHOWN = 20


@dataclass(frozen=True)
class RowKey:
    """One row concerned: its key as `column=value`, personal columns hashed, and why."""

    key: str
    reason: str


@dataclass(frozen=True)
class CheckOutcome:
    """The result of one check on one partition; never holds a value other than a shown key."""

    name: str
    passed: bool
    #: a failed blocking check keeps the partition from being loaded
    blocking: bool
    #: one line for the reader
    summary: str
    counts: Mapping[str, int | float | str] = field(default_factory=dict)
    rows: tuple[RowKey, ...] = ()
