"""Bounds over keys in, ranges that a listing takes out: `lower` included, `upper` excluded, None open.

Keys are ordered by their bytes in UTF-8, which is the order of Python's text."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import cast

from migration_assets.planning.partitions import AllRows, Bounds, Range, Within

Span = tuple[str | None, str | None]


def spans(bounds: Bounds) -> tuple[Span, ...]:
    """The ranges of keys that a bucket's partition means; they rise and do not touch."""
    match bounds:
        case AllRows():
            return ((None, None),)
        case Range(lower, upper):
            return ((cast(str | None, lower), cast(str | None, upper)),)
        case Within(ranges):
            return tuple(span for one in ranges for span in spans(one))
        case _:
            raise TypeError(f"no bounds of keys: {type(bounds).__name__}")


def holds(bounds: Bounds, key: str) -> bool:
    return any(
        (lower is None or lower <= key) and (upper is None or key < upper) for lower, upper in spans(bounds)
    )


def beginning_with(prefix: str) -> Range:
    """All keys that begin with it."""
    return Range(prefix or None, after_all(prefix))


def after_all(prefix: str) -> str | None:
    """The first text behind all that begin with the prefix; None where there is none."""
    for at in range(len(prefix) - 1, -1, -1):
        if (last := ord(prefix[at])) < 0x10FFFF:
            # what lies between is no character
            return prefix[:at] + chr(0xE000 if last == 0xD7FF else last + 1)
    return None


def outside(prefixes: Iterable[str]) -> Within:
    """All keys that begin with none of these, of which none begins with another."""
    taken = sorted(spans(beginning_with(prefix))[0] for prefix in prefixes)
    edges: list[Span] = [(None, None), *taken, (None, None)]
    gaps = [(before[1], after[0]) for before, after in pairwise(edges)]
    if taken and taken[-1][1] is None:
        gaps.pop()
    return Within(tuple(Range(lower, upper) for lower, upper in gaps if lower is None or lower != upper))


def prefix_of(key: str, depth: int) -> str | None:
    """What the key has up to its depth-th slash; None where it has fewer."""
    at = -1
    for _ in range(depth):
        at = key.find("/", at + 1)
        if at < 0:
            return None
    return key[: at + 1]


def dated(layout: str, moments: Iterable[datetime]) -> Iterator[str]:
    """The layout (`logs/%Y/%m/`) filled with each moment."""
    for moment in moments:
        text = layout
        for code, value in (
            ("%Y", f"{moment.year:04d}"),
            ("%m", f"{moment.month:02d}"),
            ("%d", f"{moment.day:02d}"),
            ("%H", f"{moment.hour:02d}"),
        ):
            text = text.replace(code, value)
        yield text
