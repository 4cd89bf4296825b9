"""Partitions as data: a key that never changes, and the bounds of the rows that it means."""

from dataclasses import dataclass

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


Bounds = AllRows | Range | OneOf | Outside


@dataclass(frozen=True)
class Partition:
    """What is moved, verified, retried and rolled back as one."""

    key: str
    bounds: Bounds
    #: the partition column in the source and in the target; None for `all`
    source_column: str | None = None
    target_column: str | None = None
