"""PostgreSQL as a source: COPY in one REPEATABLE READ transaction, so the text is the server's own."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, assert_never

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.errors import MappingFault
from migration_assets.stores import postgres
from migration_assets.tables.sources import bounds
from migration_assets.tables.sources.base import Reading, SourceColumn, SourceTable
from migration_assets.tables.sources.copy_out import copied
from migration_assets.tables.sources.rowwise import mended

SCHEMA = "public"


@contextmanager
def snapshot(server: Server, url: str) -> Generator[Connection]:
    connection = postgres.connect(server, url, read_only=True)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        # the snapshot is the one of the transaction's first statement
        position(connection)
        yield connection
    finally:
        connection.close()


def describe(snapshot: Connection, table: TableName) -> SourceTable:
    schema = table.schema or SCHEMA
    found = _catalog(snapshot, "table", schema=schema, table=table.name)
    if not found:
        raise MappingFault(
            f"The source has no table {schema}.{table.name}, or its role may not look into the schema.",
            advice="Correct `from.table` in the contract, with its schema and in its own letter case.",
        )
    oid = found[0][0]
    keys = _catalog(snapshot, "keys", oid=oid)
    return SourceTable(
        TableName(schema, table.name),
        tuple(SourceColumn(*row) for row in _catalog(snapshot, "columns", oid=oid)),
        next((tuple(columns) for primary, columns in keys if primary), ()),
        tuple(tuple(columns) for primary, columns in keys if not primary),
    )


def count(snapshot: Connection, reading: Reading) -> int:
    return _ask(snapshot, sql.SQL("SELECT count(*)") + _rows(reading))[0][0]


def extent(snapshot: Connection, reading: Reading, column: SourceColumn) -> tuple[int, str | None]:
    highest = sql.SQL("SELECT count(*), max({})::text").format(sql.Identifier(column.name))
    ((rows, value),) = _ask(snapshot, highest + _rows(reading))
    return rows, value


def read(snapshot: Connection, reading: Reading) -> Generator[bytes, None, int]:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in reading.columns)
    query = sql.SQL("COPY (SELECT {columns}{rows}) TO STDOUT").format(columns=columns, rows=_rows(reading))
    _found_by_index(snapshot, reading)
    if snapshot.info.parameter_status("server_encoding") != "SQL_ASCII":
        return (yield from copied(snapshot, query.as_string(snapshot), reading.batch_rows))
    # the one encoding whose text may be of any bytes
    query += sql.SQL(" (ENCODING 'SQL_ASCII')")
    lines = copied(snapshot, query.as_string(snapshot), reading.batch_rows)
    with closing(lines):
        while True:
            try:
                piece = next(lines)
            except StopIteration as end:
                return end.value
            yield mended(piece)


def ranges(snapshot: Connection, reading: Reading, rows: int) -> tuple[Scalar, ...]:
    query = sql.SQL(
        "SELECT DISTINCT ON (numbered.bound) numbered.bound::text FROM ("
        "SELECT {bounded} AS bound, row_number() OVER (ORDER BY {bounded}) AS number {rows}"
        ") AS numbered WHERE number % {step} = {first} ORDER BY numbered.bound"
    ).format(
        bounded=_bounded(reading),
        rows=_present_rows(reading),
        step=sql.Literal(rows),
        first=sql.Literal(1 % rows),
    )
    return _scalars(_column(reading), _ask(snapshot, query))


def values(snapshot: Connection, reading: Reading, limit: int) -> tuple[Scalar, ...]:
    query = sql.SQL(
        "SELECT found.value::text FROM (SELECT DISTINCT {bounded} AS value {rows}) AS found "
        "ORDER BY found.value LIMIT {limit}"
    ).format(bounded=_bounded(reading), rows=_present_rows(reading), limit=sql.Literal(limit + 1))
    return _scalars(_column(reading), _ask(snapshot, query))


def position(snapshot: Connection) -> str:
    return f"snapshot {_ask(snapshot, sql.SQL('SELECT pg_current_snapshot()'))[0][0]}"


def rows_meant(snapshot: Connection, reading: Reading) -> sql.Composed:
    """` FROM … WHERE …`: the rows of a reading, for those who ask for other columns of them; found in
    the same way."""
    _found_by_index(snapshot, reading)
    return _rows(reading)


def found_by_index(snapshot: Connection, table: TableName, column: str | None) -> None:
    """Has the server find a partition's rows by an index, where there is one for its column.

    By its own reckoning it reads the whole table for each partition where the index has further columns,
    so that twice the rows cost four times the time. Partitions go side by side in lanes: the server need
    not cut each of them into processes of its own.
    """
    there = False
    if column is not None:
        schema = table.schema or SCHEMA
        ((there,),) = _catalog(snapshot, "index", schema=schema, table=table.name, column=column)
    # without such an index, the server would read the whole table by the order of another one
    _ask(
        snapshot,
        sql.SQL(
            "SELECT set_config('enable_seqscan', {}, true), "
            "set_config('max_parallel_workers_per_gather', '0', true)"
        ).format(sql.Literal("off" if there else "on")),
    )


def _found_by_index(snapshot: Connection, reading: Reading) -> None:
    column = reading.bounded
    # text is bounded by its bytes, which is no order of an index
    name = column.name if column is not None and not _is_text(column) else None
    found_by_index(snapshot, reading.table.name, name)


def _rows(reading: Reading) -> sql.Composed:
    """` FROM … WHERE …`"""
    name = reading.table.name
    place = sql.Identifier(name.schema or SCHEMA, name.name)
    where = sql.SQL("(\n{}\n) AND ").format(sql.SQL(reading.where)) if reading.where else sql.SQL("")
    return sql.SQL(" FROM {} WHERE {}{}").format(place, where, _meant(reading))


def _present_rows(reading: Reading) -> sql.Composed:
    return _rows(reading) + sql.SQL(" AND {} IS NOT NULL").format(_bounded(reading))


def _meant(reading: Reading) -> sql.Composable:
    ways = [
        sql.SQL(" AND ").join([_term(reading, term) for term in terms] or [sql.SQL("true")])
        for terms in bounds.alternatives(reading.bounds)
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(ways or [sql.SQL("false")]))


def _term(reading: Reading, term: bounds.Term) -> sql.Composable:
    place = _bounded(reading)
    match term:
        case bounds.AtLeast(value):
            return sql.SQL("{} >= {}").format(place, _literals([value]))
        case bounds.Below(value):
            return sql.SQL("{} < {}").format(place, _literals([value]))
        case bounds.Among(values):
            exactly = sql.SQL("{} IN ({})").format(place, _literals(values))
            column = _column(reading)
            if not (_is_text(column) and column.declared == column.carries):
                return exactly
            # an index serves the column's own equality, which never tells apart what bytes do not
            loosely = sql.SQL("{} IN ({})").format(sql.Identifier(column.name), _literals(values))
            return sql.SQL("{} AND {}").format(loosely, exactly)
        case bounds.NotAmong(values):
            return sql.SQL("{} NOT IN ({})").format(place, _literals(values))
        case bounds.Missing():
            return sql.SQL("{} IS NULL").format(place)
        case bounds.Present():
            return sql.SQL("{} IS NOT NULL").format(place)
        case _:
            assert_never(term)


def _bounded(reading: Reading) -> sql.Composable:
    """The bounded column as it is compared: text by its bytes."""
    column = _column(reading)
    name = sql.Identifier(column.name)
    return sql.SQL('({}::text COLLATE "C")').format(name) if _is_text(column) else name


def _column(reading: Reading) -> SourceColumn:
    assert reading.bounded is not None, "bounds speak of a column"
    return reading.bounded


def _type(column: SourceColumn) -> pgtypes.PgType:
    try:
        return pgtypes.parse(column.carries or column.declared)
    except ValueError:
        return pgtypes.PgType(column.declared)


def _is_text(column: SourceColumn) -> bool:
    kind = _type(column)
    return kind.family in ("text", "char") or kind.name.rpartition(".")[2] == "citext"


def _literals(values: Sequence[Scalar]) -> sql.Composable:
    """Values as untyped literals, which take the type of the column."""
    return sql.SQL(", ").join(sql.Literal(text) for text in bounds.texts_of(values))


def _scalars(column: SourceColumn, rows: Sequence[tuple[Any, ...]]) -> tuple[Scalar, ...]:
    kind = _type(column)
    of_text: Callable[[str], Scalar] = str
    if kind.family == "integer" or (kind.family == "numeric" and kind.args and not kind.scale):
        of_text = int
    elif kind.family in ("numeric", "float"):
        of_text = Decimal
    return tuple(of_text(text) for (text,) in rows)


def _ask(snapshot: Connection, query: sql.Composable) -> list[tuple[Any, ...]]:
    return _fetched(snapshot, query.as_string(snapshot), None)


def _catalog(snapshot: Connection, question: str, **parameters: object) -> list[tuple[Any, ...]]:
    return _fetched(snapshot, _text(f"postgres_source_{question}"), parameters)


def _fetched(
    snapshot: Connection, query: str, parameters: Mapping[str, object] | None
) -> list[tuple[Any, ...]]:
    try:
        with snapshot.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()
    except psycopg2.Error as error:
        raise postgres.classify(error) from None


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
