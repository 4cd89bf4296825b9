"""Digests: the hash of every row that was read, in a file beside it, and their sum.

A reading leaves 16 bytes a row in the order in which its rows came. They cost next to nothing to
write; where two readings do not agree, they say which rows to ask for again, so that nothing has to
be read twice. Memory goes with a piece of rows, not with the table.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from migration_assets.tables.fingerprint import Fingerprint

#: bytes of a row's hash
SIZE = 16
#: a row that does not count: it was set aside
NOTHING = bytes(SIZE)
#: rows whose hashes are in memory at once
AT_ONCE = 1 << 18

Quarters = npt.NDArray[np.uint32]


class Digests:
    """What one reading has hashed so far; `file` is the reading's own, written from its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sums = np.zeros(4, np.uint64)
        #: rows that count
        self.rows = 0
        #: rows that were read
        self.places = 0
        file.seek(0)
        file.truncate()

    def add(self, rows: Sequence[bytes]) -> None:
        """Lines, each with its newline."""
        self._write(b"".join(map(xxh3_128_digest, rows)), len(rows))
        self.places += len(rows)

    def add_among(self, rows: Sequence[bytes], number: int, left_out: Collection[int]) -> None:
        """The lines of `number` rows without those at these places of them, counted from 0."""
        if not left_out:
            self.add(rows)
            return
        hashes = iter(map(xxh3_128_digest, rows))
        self._write(
            b"".join(NOTHING if place in left_out else next(hashes) for place in range(number)), len(rows)
        )
        self.places += number

    def leave_out(self, places: Collection[int]) -> int:
        """Takes rows out again by their places; how many of them had counted."""
        self._file.flush()
        out = 0
        for place in places:
            was = os.pread(self._file.fileno(), SIZE, place * SIZE)
            if was != NOTHING:
                os.pwrite(self._file.fileno(), NOTHING, place * SIZE)
                # sums are taken modulo 2**64 by numpy, and each is below it by far
                self._sums -= _quarters(was).astype(np.uint64)[0]
                out += 1
        self.rows -= out
        return out

    def fingerprint(self) -> Fingerprint:
        """As `fingerprint.Tally` has it; what was added is in the file now."""
        self._file.flush()
        total = sum(int(part) << shift for part, shift in zip(self._sums, (96, 64, 32, 0), strict=True))
        return Fingerprint(self.rows, total % (1 << 128))

    def _write(self, hashes: bytes, counted: int) -> None:
        self._file.write(hashes)
        self._sums += _quarters(hashes).sum(axis=0, dtype=np.uint64)
        self.rows += counted


def _quarters(hashes: bytes) -> npt.NDArray[Any]:
    """Four numbers of 32 bits for each hash, the highest first: their sums fit into 64 bits."""
    return np.frombuffer(hashes, ">u4").reshape(-1, 4)


def chunks(file: BinaryIO, places: int) -> Iterator[tuple[int, Quarters]]:
    """The hashes of so many rows as quarters, with the place of the first one; whoever writes the file
    keeps its own position."""
    for first in range(0, places, AT_ONCE):
        number = min(AT_ONCE, places - first)
        yield first, _quarters(os.pread(file.fileno(), number * SIZE, first * SIZE)).astype(np.uint32)
