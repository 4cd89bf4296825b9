"""Unlike: which rows two readings do not have in common, by the hashes that they left.

As multisets: a row that one side has twice and the other once is one row too many. Hashes are first
added up in buckets; only those of buckets that differ are compared one by one, so many at a time that
memory stays small even where no row is like another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from migration_assets.tables.verify.digests import Quarters, chunks

BUCKETS = 1 << 16
#: hashes that are compared at once
AT_ONCE = 1 << 20

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Unlike:
    """Rows that one side has and the other has not."""

    #: how many
    source: int
    target: int
    #: the places of the first ones in each reading, rising
    source_places: tuple[int, ...]
    target_places: tuple[int, ...]


def unlike(source: tuple[BinaryIO, int], target: tuple[BinaryIO, int], most: int) -> Unlike:
    """Compares two readings (their file of hashes, and how many rows it has); names at most `most`
    places of each."""
    sums = [_sums(*side) for side in (source, target)]
    suspect = (sums[0] != sums[1]).any(axis=0)
    number = (sums[0][0] + sums[1][0]).astype(np.int64)
    totals, places = [0, 0], [np.empty(0, np.int64), np.empty(0, np.int64)]
    for group in _groups(suspect, number):
        found = [_those_of(*side, group) for side in (source, target)]
        for side in (0, 1):
            mine, theirs = found[side], found[1 - side]
            more = mine[1][_surplus(mine[0], theirs[0])]
            totals[side] += len(more)
            places[side] = np.sort(np.concatenate([places[side], more]))[:most]
    return Unlike(totals[0], totals[1], tuple(places[0].tolist()), tuple(places[1].tolist()))


def _sums(file: BinaryIO, places: int) -> Numbers:
    """By bucket: how many rows, and two sums of 32 bits of each hash. Sums of doubles are exact to 2**53,
    which is 2 million rows a bucket, and they are taken modulo 2**32 after each piece."""
    sums = np.zeros((3, BUCKETS))
    for _, hashes in chunks(file, places):
        counted = _counted(hashes)
        there = hashes if counted.all() else hashes[counted]
        of = there[:, 0] >> 16
        sums[0] += np.bincount(of, minlength=BUCKETS)
        for row, part in ((1, 2), (2, 3)):
            sums[row] = (sums[row] + np.bincount(of, there[:, part], BUCKETS)) % 2.0**32
    return sums


def _groups(suspect: npt.NDArray[np.bool_], number: Numbers) -> Iterator[npt.NDArray[np.bool_]]:
    """The suspect buckets, parted so that each part has about `AT_ONCE` rows."""
    buckets = np.flatnonzero(suspect)
    part = np.cumsum(number[buckets]) // AT_ONCE
    for group in np.unique(part):
        chosen = np.zeros(BUCKETS, np.bool_)
        chosen[buckets[part == group]] = True
        yield chosen


def _those_of(file: BinaryIO, places: int, group: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Half of the hash, and the place, of each row of these buckets."""
    halves: list[Numbers] = [np.empty(0, np.uint64)]
    found: list[Numbers] = [np.empty(0, np.int64)]
    for first, hashes in chunks(file, places):
        at = np.flatnonzero(group[hashes[:, 0] >> 16])
        at = at[_counted(hashes[at])]
        halves.append(_half(hashes[at]))
        found.append(at + first)
    return np.concatenate(halves), np.concatenate(found)


def _counted(hashes: Quarters) -> npt.NDArray[np.bool_]:
    """Which rows count: those that were set aside have a hash of zeros."""
    halves = hashes.view(np.uint64)
    return (halves[:, 0] | halves[:, 1]) != 0


def _half(hashes: Quarters) -> Numbers:
    return hashes[:, 2].astype(np.uint64) << np.uint64(32) | hashes[:, 3]


def _surplus(mine: Numbers, theirs: Numbers) -> Numbers:
    """Where those of mine are that theirs have not, or not as often."""
    order = np.argsort(mine, kind="stable")
    mine, theirs = mine[order], np.sort(theirs)
    turn = np.arange(len(mine)) - np.searchsorted(mine, mine, "left")
    have = np.searchsorted(theirs, mine, "right") - np.searchsorted(theirs, mine, "left")
    return order[turn >= have]
