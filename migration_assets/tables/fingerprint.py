"""Fingerprint: how many rows, and a hash of all of them that does not depend on their order.

Each row is the line of COPY text that PostgreSQL prints for it; its XXH3 hash of 128 bits is added
modulo 2**128. A sum, unlike an exclusive or, also sees rows that are there twice. Two different
sets of rows agree by accident with odds of about 2**-128; the hash is not made to withstand
somebody who chooses rows on purpose.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xxhash import xxh3_128_intdigest

_MODULUS = 1 << 128


@dataclass(frozen=True)
class Fingerprint:
    """`rows` lines whose hashes add up to `total` (0 <= total < 2**128)."""

    rows: int
    total: int

    def __str__(self) -> str:
        return f"{self.rows}:{self.total:032x}"

    def without(self, other: "Fingerprint") -> "Fingerprint":
        """The fingerprint of these rows less the other ones, which are among them."""
        return Fingerprint(self.rows - other.rows, (self.total - other.total) % _MODULUS)

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """What `str()` printed; ValueError for anything else."""
        rows, _, total = text.partition(":")
        if len(total) != 32:
            raise ValueError("not a fingerprint")
        return cls(int(rows), int(total, 16))


class Lines(bytes):
    """Whole lines that are also there one by one, as a database sent them; `of` makes them."""

    rows: Sequence[bytes]

    @classmethod
    def of(cls, rows: Sequence[bytes]) -> "Lines":
        lines = cls(b"".join(rows))
        lines.rows = rows
        return lines


class Tally:
    """Counts and hashes whole lines, piece by piece; a line is hashed with its newline."""

    def __init__(self) -> None:
        self.rows = 0
        self._total = 0

    def add(self, lines: bytes) -> None:
        """Adds lines, each ended by a newline; a carriage return in a value is escaped."""
        self.add_rows(lines.rows if isinstance(lines, Lines) else lines.splitlines(keepends=True))

    def add_rows(self, rows: Sequence[bytes]) -> None:
        """Adds lines that are parted already, which costs less than to part them again."""
        self.rows += len(rows)
        self._total = (self._total + sum(map(xxh3_128_intdigest, rows))) % _MODULUS

    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.rows, self._total)
