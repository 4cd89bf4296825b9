"""Replace: a partition's rows in the target, exchanged for the staged ones inside one transaction."""

import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Contract, Scalar
from migration_assets.errors import MigrationError
from migration_assets.planning.partitions import Partition, render
from migration_assets.tables.targets.catalog import columns_of, identifier, place_of

#: the temporary table that an upsert goes through
INCOMING = sql.Identifier("migration_incoming")


def rows_of(contract: Contract, partition: Partition) -> sql.Composable:
    """The condition for the partition's rows in the target's table, by bare column names."""
    if partition.target_column is None:
        return sql.SQL("true")
    column = contract.column(partition.target_column)
    family = pgtypes.parse(column.type).family
    name = sql.Identifier(column.name)
    # bytes order text on both sides, so that a range means the same rows in source and target
    placed = sql.SQL('{} COLLATE "C"').format(name) if family in ("text", "char") else name
    return _Bounds(partition, placed)


@contextmanager
def found_by_index(cursor: extensions.cursor, partition: Partition) -> Generator[None]:
    """Has the partition's rows found by an index, if there is any: of a table that is being filled there
    are no statistics, and a look at all rows for each partition would grow with their square."""
    if partition.target_column is None:
        yield
        return
    cursor.execute("SET LOCAL enable_seqscan = off")
    yield
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")


class _Bounds(sql.Composable):
    """Bounds as SQL; literals are quoted by the connection that they are written for."""

    def __init__(self, partition: Partition, column: sql.Composable) -> None:
        self._partition = partition
        self._column = column
        super().__init__((partition, column))

    def as_string(self, context: extensions.connection | extensions.cursor) -> str:
        def literal(value: Scalar) -> str:
            # quoted and untyped, so that PostgreSQL reads it as the column's own type
            return sql.Literal(str(value)).as_string(context)

        return render(self._partition.bounds, self._column.as_string(context), literal)


class LinesFile(io.RawIOBase):
    """Pieces of lines as a file that psycopg2's COPY reads."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        #: why the pieces could not be read to their end
        self.fault: MigrationError | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        del size  # COPY sends what it is given, however long
        try:
            return next(self._pieces, b"")
        except MigrationError as fault:
            self.fault = fault
            raise


class LinesKept(io.RawIOBase):
    """A file that psycopg2's COPY writes rows into, for the few rows that somebody has to see."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.lines.append(bytes(data))
        return len(data)


def put_in(
    cursor: extensions.cursor, table: sql.Composable, contract: Contract, pieces: Iterator[bytes]
) -> None:
    """COPY; when the pieces give out, their own fault leaves, not the cancelled statement's."""
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns_of(contract))
    file = LinesFile(pieces)
    try:
        cursor.copy_expert(copy.as_string(cursor), file, 1 << 20)
    except psycopg2.Error:
        if file.fault is not None:
            raise file.fault from None
        raise


def exchange(
    cursor: extensions.cursor, contract: Contract, where: sql.Composable, pieces: Iterator[bytes]
) -> sql.Composable:
    """Puts the rows in the place of those that are there; the condition of those that are there now."""
    take_out(cursor, contract, where)
    return bring(cursor, contract, where, pieces)


def take_out(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> None:
    """Deletes the partition's rows; an upsert leaves them."""
    if contract.load_mode == "replace":
        # a child's foreign key is looked at when all is in place again
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        table = identifier(place_of(contract))
        cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, where))


def bring(
    cursor: extensions.cursor, contract: Contract, where: sql.Composable, pieces: Iterator[bytes]
) -> sql.Composable:
    """Puts the rows into the target's table, where the partition was taken out or by primary key.

    Returns the condition of the rows that now have to be the staged ones.
    """
    if contract.load_mode == "replace":
        put_in(cursor, identifier(place_of(contract)), contract, pieces)
        return where
    put_aside(cursor, contract, INCOMING, pieces)
    return upsert(cursor, contract, INCOMING)


def put_aside(
    cursor: extensions.cursor, contract: Contract, name: sql.Identifier, pieces: Iterator[bytes]
) -> sql.Composable:
    """Puts the rows into a new temporary table; the condition of the target's rows with their keys."""
    table = identifier(place_of(contract))
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(
            name, columns_of(contract), table
        )
    )
    put_in(cursor, name, contract, pieces)
    return keyed_as(contract.primary_key, name)


def keyed_as(columns: Sequence[str], name: sql.Identifier) -> sql.Composable:
    """The condition of the rows whose key, these columns, is in that table."""
    key = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("({0}) IN (SELECT {0} FROM {1})").format(key, name)


def upsert(cursor: extensions.cursor, contract: Contract, name: sql.Identifier) -> sql.Composable:
    """Puts the rows of that table into the target's, by primary key; the condition of those rows."""
    table = identifier(place_of(contract))
    key = sql.SQL(", ").join(map(sql.Identifier, contract.primary_key))
    others = [c.name for c in contract.columns if c.name not in contract.primary_key]
    sets = sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in others)
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {} "
            "ON CONFLICT ({}) DO {}"
        ).format(
            table,
            name,
            key,
            sql.SQL("UPDATE SET {}").format(sets) if others else sql.SQL("NOTHING"),
            columns=columns_of(contract),
        )
    )
    return keyed_as(contract.primary_key, name)
