"""Source: what a database must be able to do to be read.

A source is a module with these functions; `SOURCES` lists them. Rows leave a source as lines of
PostgreSQL's COPY text format (fields parted by TAB, NULL as `\\N`, backslash escapes, one row a
line), in the text that PostgreSQL itself would print for the value. So they can be staged, hashed
and loaded without being read again.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.planning.partitions import AllRows, Bounds

#: A field that begins with this is no value: the source's value cannot be written as text that
#: PostgreSQL reads, and the rest of the field says why. Escaping never makes these two characters.
MISFIT = "\\!"


@dataclass(frozen=True)
class SourceColumn:
    """A column as the source declares it."""

    name: str
    #: the source's own type, as it prints it
    declared: str
    #: the PostgreSQL type whose printed text is exactly what this source emits for the column;
    #: None where the source gives no such promise, so that every value has to be looked at
    carries: str | None
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True)
class SourceTable:
    """A table as the source's catalog has it."""

    name: TableName
    columns: tuple[SourceColumn, ...]
    primary_key: tuple[str, ...] = ()
    #: sets of columns that the source keeps unique
    unique: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> SourceColumn | None:
        """The column of that name: exactly, or else the only one that differs in case alone."""
        for column in self.columns:
            if column.name == name:
                return column
        alike = [c for c in self.columns if c.name.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None


@dataclass(frozen=True)
class Reading:
    """Which rows and columns of a table to read, in which order of columns."""

    table: SourceTable
    columns: tuple[SourceColumn, ...]
    #: a condition of the contract, in the source's dialect
    where: str | None = None
    bounds: Bounds = field(default_factory=AllRows)
    #: the column that the bounds speak of
    bounded: SourceColumn | None = None
    #: MySQL's zero dates leave the source as NULL instead of as a misfit
    zero_dates_as_null: bool = False
    #: rows at most that are taken at once; None: as the source finds handy, up to 1,000 row by row
    batch_rows: int | None = None


class Source(Protocol):
    # one read-only connection in one consistent snapshot, closed at the end
    def snapshot(self, server: Server, url: str) -> AbstractContextManager[Any]: ...

    # the table from the catalog; MappingFault when there is none
    def describe(self, snapshot: Any, table: TableName) -> SourceTable: ...

    # rows that the reading means, counted by the database itself
    def count(self, snapshot: Any, reading: Reading) -> int: ...

    # the same count, and the highest value of the column as the database prints it, None without any
    def extent(self, snapshot: Any, reading: Reading, column: SourceColumn) -> tuple[int, str | None]: ...

    # the rows, each piece one or more whole lines of COPY text with their newlines; a generator
    # that returns how many rows the database says it sent, or a plain iterator where it says nothing
    def read(self, snapshot: Any, reading: Reading) -> Iterator[bytes]: ...

    # lower bounds of ranges of about `rows` rows each in the order of `reading.bounded`
    # (without the first, lowest one when there are no rows); integers or text
    def ranges(self, snapshot: Any, reading: Reading, rows: int) -> tuple[Scalar, ...]: ...

    # the distinct values of `reading.bounded` that are not NULL, sorted, at most `limit` + 1
    def values(self, snapshot: Any, reading: Reading, limit: int) -> tuple[Scalar, ...]: ...

    # what names the snapshot (a transaction id, a log position), for the manifest
    def position(self, snapshot: Any) -> str: ...


Sink = Callable[[bytes], None]
