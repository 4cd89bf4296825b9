"""SQLite as a source: any kind of value may be in any column, and each leaves as what it is."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError, Passing, PlanRefused
from migration_assets.stores import connections
from migration_assets.tables.sources import sqlite_bounds
from migration_assets.tables.sources.base import Reading, SourceColumn, SourceTable
from migration_assets.tables.sources.hops import lower_bounds
from migration_assets.tables.sources.rowwise import BATCH_ROWS, SPELLINGS, Spellings, batches, lines

#: rows of a batch that are taken at once; few, so that they fit into memory also where each has a large
#: cell, and more of them take no less time
STEP = 64
#: bytes of lines above which fewer rows are taken at once
HANDY = 1 << 16
#: seconds that a writer's lock is waited for
PATIENCE = 30

_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_PROTOCOL")
_UNUSABLE = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_AUTH", "SQLITE_PERM")
_SPELLINGS = Spellings(SPELLINGS)


@contextmanager
def snapshot(server: Server, url: str) -> Generator[sqlite3.Connection]:
    database = connections.parsed(server, url).database
    if not database or not Path(database).is_file():
        raise ConnectionRefused(
            f"{server.variable} names no file that is there.",
            advice="Write it as `sqlite:////path/to/file.db`.",
        )
    with _told():
        connection = sqlite3.connect(
            f"file:{quote(str(Path(database).resolve()))}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=PATIENCE,
            check_same_thread=False,
        )
    with closing(connection):
        for statement in (
            "PRAGMA query_only = ON",
            "PRAGMA trusted_schema = OFF",
            "BEGIN",
            # the snapshot is the one of the transaction's first look at the file
            "SELECT count(*) FROM main.sqlite_master",
        ):
            _ask(connection, statement)
        yield connection


def describe(snapshot: sqlite3.Connection, table: TableName) -> SourceTable:
    names = [name for (name,) in _catalog(snapshot, "sqlite_tables", table.name)]
    if (table.schema or "main").lower() != "main" or not names:
        raise MappingFault(
            f"The source has no table {table}.",
            advice="Correct `from.table` in the contract; SQLite's only schema is `main`.",
        )
    name = table.name if table.name in names else names[0]
    columns = _catalog(snapshot, "sqlite_columns", name)
    primary = [column for column in sorted(columns, key=lambda column: column[3]) if column[3]]
    # the one kind of primary key that SQLite keeps free of NULL by itself
    rowid = primary[0][0] if len(primary) == 1 and primary[0][1].upper() == "INTEGER" else None
    keys: dict[str, list[str | None]] = {}
    for index, column in _catalog(snapshot, "sqlite_keys", name):
        keys.setdefault(index, []).append(column)
    return SourceTable(
        TableName(table.schema, name),
        tuple(SourceColumn(c, kind, None, not full and c != rowid) for c, kind, full, _ in columns),
        tuple(column[0] for column in primary),
        tuple(tuple(c for c in key if c is not None) for key in keys.values() if None not in key),
    )


def count(snapshot: sqlite3.Connection, reading: Reading) -> int:
    rows, parameters = sqlite_bounds.rows(reading)
    return _ask(snapshot, f"SELECT count(*) {rows}", parameters)[0][0]


def extent(snapshot: sqlite3.Connection, reading: Reading, column: SourceColumn) -> tuple[int, str | None]:
    rows, parameters = sqlite_bounds.rows(reading)
    place = sqlite_bounds.place_of(reading, column)
    ((number, value),) = _ask(snapshot, f"SELECT count(*), max({place}) {rows}", parameters)
    return number, None if value is None else str(value)


def read(snapshot: sqlite3.Connection, reading: Reading) -> Iterator[bytes]:
    rows, parameters = sqlite_bounds.rows(reading)
    columns = ", ".join(sqlite_bounds.place_of(reading, column) for column in reading.columns)
    with _told():
        most = reading.batch_rows or BATCH_ROWS
        yield from batches(_written(snapshot, f"SELECT {columns} {rows}", parameters, min(STEP, most)), most)


def ranges(snapshot: sqlite3.Connection, reading: Reading, rows: int) -> tuple[Scalar, ...]:
    place = sqlite_bounds.compared(reading)
    source, parameters = sqlite_bounds.rows(reading)

    def lowest(condition: str, *more: Any, skipped: int = 0) -> Scalar | None:
        query = f"SELECT {place} {source} AND {condition} ORDER BY {place} LIMIT 1 OFFSET {skipped}"
        found = _ask(snapshot, query, [*parameters, *more])
        return _scalar(reading, found[0][0]) if found else None

    return tuple(
        lower_bounds(
            lambda: lowest(f"{place} IS NOT NULL"),
            lambda lower: lowest(f"{place} >= ?", sqlite_bounds.parameter(lower), skipped=int(rows)),
            lambda lower: lowest(f"{place} > ?", sqlite_bounds.parameter(lower)),
        )
    )


def values(snapshot: sqlite3.Connection, reading: Reading, limit: int) -> tuple[Scalar, ...]:
    place = sqlite_bounds.compared(reading)
    rows, parameters = sqlite_bounds.rows(reading)
    query = f"SELECT DISTINCT {place} AS v {rows} AND {place} IS NOT NULL ORDER BY v LIMIT {int(limit) + 1}"
    return tuple(_scalar(reading, row[0]) for row in _ask(snapshot, query, parameters))


def position(snapshot: sqlite3.Connection) -> str:
    """How often the file was written, as its header counts it: one more than before after each
    transaction, but in WAL mode not before a checkpoint."""
    file = next(file for _, name, file in _ask(snapshot, "PRAGMA database_list") if name == "main")
    with Path(file).open("rb") as opened:
        return f"change {int.from_bytes(opened.read(28)[24:], 'big')}"


def _written(
    connection: sqlite3.Connection, query: str, parameters: list[Any], most: int
) -> Iterator[tuple[int, bytes]]:
    """Numbers of rows, with their lines; also of texts that are none."""
    done = 0
    try:
        for rows, piece in _steps(connection, query, parameters, done, most):
            yield rows, piece
            done += rows
        return
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):
            raise
    # a text that is no UTF-8: once more from the same row of the same snapshot on, which is slower
    connection.text_factory = _leniently
    try:
        yield from _steps(connection, query, parameters, done, most)
    finally:
        connection.text_factory = str


def _steps(
    connection: sqlite3.Connection, query: str, parameters: list[Any], skipped: int, most: int
) -> Iterator[tuple[int, bytes]]:
    """Numbers of rows, with their lines."""
    size = 1
    with closing(connection.execute(query, parameters)) as cursor:
        for _ in islice(cursor, skipped):
            pass
        while rows := cursor.fetchmany(size):
            piece = lines(rows, _SPELLINGS)
            yield len(rows), piece
            size = min(most, size * 2) if len(piece) < HANDY else max(1, size // 2)


def _leniently(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _scalar(reading: Reading, value: object) -> Scalar:
    match value:
        case int() | str():
            return value
        case float():
            return Decimal(repr(value))
        case _:
            column = reading.bounded.name if reading.bounded else ""
            raise PlanRefused(
                f"The column {column} holds bytes, which are no bounds of partitions.",
                advice="Partition by another column.",
            )


def _ask(connection: sqlite3.Connection, query: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    with _told():
        return connection.execute(query, parameters).fetchall()


def _catalog(connection: sqlite3.Connection, question: str, table: str) -> list[tuple[Any, ...]]:
    return _ask(connection, _text(question), {"table": table})


@contextmanager
def _told() -> Generator[None]:
    """The driver's errors as ours; its words are not told, for they may hold a row's values."""
    try:
        yield
    except sqlite3.Error as error:
        raise _classified(error) from None


def _classified(error: sqlite3.Error) -> MigrationError:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if name.startswith(_PASSING):
        return Passing(
            f"The source's file is held by another program ({name}).",
            advice="Try again.",
            cause="resources" if name.startswith("SQLITE_IOERR") else "lock",
        )
    if name.startswith(_UNUSABLE):
        return ConnectionRefused(
            f"The source's file cannot be read as a SQLite database ({name}).",
            advice="Look at the file and its rights; a database in WAL mode needs its folder to be writable.",
        )
    return MappingFault(
        f"The source refused to read the table ({name}).",
        advice="Look at `from`, `where` and the columns of the contract, then run `migrate plan`.",
    )


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
