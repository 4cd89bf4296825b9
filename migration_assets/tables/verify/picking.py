"""Picking: a few rows of a reading that was made already, by their places in it.

A reading of some millions of rows is not made twice for ten of them. A database that reads once more
in the same snapshot in the same way meets the rows in the same order, and passes over those that
nobody asks for without printing them: PostgreSQL moves a cursor over them (about 0.1 µs a row, where
printing and hashing a row takes 1.5), MySQL counts them in a variable. That it was the same order is
not believed: each row must have the hash that the first reading noted for its place. Where one has
not, or the engine has no such way, all rows are read once more, and those with the hashes are kept.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from xxhash import xxh3_128_digest

from migration_assets.planning.partitions import AllRows
from migration_assets.stores.postgres import classify
from migration_assets.tables.replace import LinesKept
from migration_assets.tables.sources import mysql_bounds, postgres
from migration_assets.tables.sources.base import Reading, Source
from migration_assets.tables.verify.digests import SIZE
from migration_assets.tables.verify.mapped import Batch
from migration_assets.tables.verify.side import Picked

#: more places than so many are not gone to one by one
ONE_BY_ONE = 5_000
#: bytes of lines that are kept
KEPT = 32 << 20

#: lines, and where each lies
Straight = list[tuple[bytes, str]]

#: One reading like another: no plan that begins fast, none in parallel, none that joins another scan.
SAME_ORDER = {
    "cursor_tuple_fraction": "1",
    "max_parallel_workers_per_gather": "0",
    "synchronize_seqscans": "off",
}


class Wanted:
    """The rows at some places of a reading, known by the hashes that it left."""

    def __init__(self, file: BinaryIO, places: Sequence[int]) -> None:
        self._places = places
        self._hashes = [os.pread(file.fileno(), SIZE, place * SIZE) for place in places]

    def matched(self, rows: Iterable[tuple[bytes, str]]) -> list[Picked] | None:
        """The rows, in any order, by their hashes; None where they are not those that were wanted."""
        free: dict[bytes, list[int]] = {}
        for place, digest in zip(reversed(self._places), reversed(self._hashes), strict=True):
            free.setdefault(digest, []).append(place)
        found: list[Picked] = []
        for line, where in rows:
            places = free.get(xxh3_128_digest(line))
            if places:
                found.append(Picked(places.pop(), line, where))
        return found if len(found) == len(self._places) else None

    def searched(self, batches: Iterable[Batch]) -> list[Picked]:
        """The rows with these hashes among all rows."""
        search = Search(self)
        for batch in batches:
            search.add(batch)
        return search.found

    def counted(self) -> Counter[bytes]:
        return Counter(self._hashes)


class Search:
    """Takes all rows once more, and keeps those that are wanted, as far as they fit into some memory."""

    def __init__(self, wanted: Wanted) -> None:
        self.found: list[Picked] = []
        self._free = wanted.counted()
        self._size = self._done = 0

    def add(self, batch: Batch) -> None:
        free = self._free
        for number, line in enumerate(batch.rows):
            digest = xxh3_128_digest(line)
            if digest in free and free[digest] and self._size < KEPT:
                free[digest] -= 1
                self._size += len(line)
                place = self._done + number
                self.found.append(Picked(place, line, f"row {place + 1}"))
        self._done += batch.number


def settle(engine: str, snapshot: Any) -> None:
    """Has a session read in the same order whenever it is asked again."""
    if engine == "postgres":
        with snapshot.cursor() as cursor:
            settings = ", ".join("set_config(%s, %s, false)" for _ in SAME_ORDER)
            cursor.execute(f"SELECT {settings}", [word for pair in SAME_ORDER.items() for word in pair])


def straight(
    engine: str, source: Source, snapshot: Any, asked: Reading, places: Sequence[int]
) -> Straight | None:
    """A source's lines at these places of a reading; None where the engine has no way of its own."""
    if len(places) > ONE_BY_ONE:
        return None
    if engine == "postgres":
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in asked.columns)
        return of_postgres(snapshot, columns, postgres.rows_meant(snapshot, asked), places)
    if engine == "mysql":
        snapshot.ask("SET @migration_place := 0")
        lines = b"".join(source.read(snapshot, _numbered(asked, places))).splitlines(keepends=True)
        return [(line, f"row {place + 1}") for line, place in zip(lines, places, strict=False)]
    return None


def of_postgres(
    connection: Connection, columns: sql.Composable, rows: sql.Composable, places: Sequence[int]
) -> Straight | None:
    """Lines of `SELECT columns rows` by places; None where the relation has no row identifiers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT picking")
            try:
                identifiers = list(_identifiers(cursor, rows, places))
                kept = LinesKept()
                query = sql.SQL("COPY (SELECT ctid, {} {} AND ctid = ANY({}::tid[])) TO STDOUT").format(
                    columns, rows, sql.Literal(identifiers)
                )
                cursor.copy_expert(query.as_string(cursor), kept)  # type: ignore[arg-type]
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT picking; RELEASE SAVEPOINT picking")
    except (psycopg2.errors.UndefinedColumn, psycopg2.errors.FeatureNotSupported):
        return None
    except psycopg2.Error as error:
        raise classify(error) from None
    parted = [line.partition(b"\t") for line in kept.lines]
    return [(line, f"ctid {identifier.decode()}") for identifier, _, line in parted]


def _identifiers(cursor: Any, rows: sql.Composable, places: Sequence[int]) -> Iterator[str]:
    """Where the rows at these places lie, by a cursor that is moved over all others."""
    # not cast to text, which would be done for the rows that are passed over, too
    declare = sql.SQL("DECLARE migration_picking NO SCROLL CURSOR FOR SELECT ctid {}").format(rows)
    cursor.execute(declare)
    done = 0
    for place in places:
        if place > done:
            cursor.execute(f"MOVE FORWARD {place - done} IN migration_picking")
        cursor.execute("FETCH 1 FROM migration_picking")
        found = cursor.fetchone()
        if found is None:
            break
        yield found[0]
        done = place + 1
    cursor.execute("CLOSE migration_picking")


def _numbered(asked: Reading, places: Sequence[int]) -> Reading:
    """The reading of the rows with these numbers alone, as the server counts them."""
    everything = mysql_bounds.rows(replace(asked, where=None, bounds=AllRows()))
    condition = mysql_bounds.rows(asked).removeprefix(everything.removesuffix("(TRUE)"))
    numbers = ", ".join(str(place + 1) for place in places)
    counted = f"({condition}) AND (@migration_place := @migration_place + 1) IN ({numbers})"
    return replace(asked, where=counted, bounds=AllRows())
