"""MySQL and MariaDB as a source: the server writes the lines itself, in one consistent snapshot."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pymysql
from pymysql.connections import Connection

from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.errors import MappingFault, MigrationError
from migration_assets.tables.sources import (
    mysql_bounds,
    mysql_fields,
    mysql_lines,
    mysql_marks,
    mysql_types,
)
from migration_assets.tables.sources.base import Reading, SourceColumn, SourceTable
from migration_assets.tables.sources.hops import lower_bounds
from migration_assets.tables.sources.mysql_connection import connect
from migration_assets.tables.sources.mysql_marks import Marks
from migration_assets.tables.sources.mysql_session import Session
from migration_assets.tables.sources.rowwise import gathered, mended


@contextmanager
def snapshot(server: Server, url: str) -> Generator[Session]:
    def beside() -> "Connection[Any]":
        return connect(server, url)

    session = Session(beside(), beside)
    try:
        session.ask("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        session.ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield session
    finally:
        with suppress(pymysql.Error):
            session.connection.close()


def describe(snapshot: Session, table: TableName) -> SourceTable:
    schema = table.schema or snapshot.ask("SELECT DATABASE()")[0][0]
    if not schema:
        raise MappingFault(
            f"The source's table {table.name} is in no database.",
            advice="Name the database in the URL, or write `from.table` as `database.table`.",
        )
    found = _catalog(snapshot, "mysql_columns", schema, table.name)
    # the catalog may take no notice of letter case where the tables themselves do
    names = {row[0] for row in found}
    name = table.name if table.name in names or len(names) != 1 else names.pop()
    columns = tuple(_column(*row[1:]) for row in found if row[0] == name)
    if not columns:
        raise MappingFault(
            f"The source has no table {schema}.{table.name}, or its role may not read it.",
            advice="Correct `from.table` in the contract, or grant the role SELECT on the table.",
        )
    keys = _keys(row[1:] for row in _catalog(snapshot, "mysql_keys", schema, name) if row[0] == name)
    primary = keys.pop("PRIMARY", ())
    return SourceTable(TableName(schema, name), columns, primary, tuple(keys.values()))


def count(snapshot: Session, reading: Reading) -> int:
    return int(snapshot.ask(f"SELECT COUNT(*) {mysql_bounds.rows(reading)}")[0][0])


def extent(snapshot: Session, reading: Reading, column: SourceColumn) -> tuple[int, str | None]:
    highest = f"CAST(MAX({mysql_bounds.quoted(column.name)}) AS CHAR)"
    rows, value = snapshot.ask(f"SELECT COUNT(*), {highest} {mysql_bounds.rows(reading)}")[0]
    return int(rows), value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def read(snapshot: Session, reading: Reading) -> Iterator[bytes]:
    if any(mysql_types.declared(column).raw for column in reading.columns):
        yield from _row_by_row(snapshot, reading)
        return
    marks, left_out = Marks(len(reading.columns)), 0
    query = mysql_marks.selected(reading, marks, mariadb=snapshot.is_mariadb)
    with snapshot.cells(f"SELECT {query} {mysql_bounds.rows(reading)}") as blocks:
        for cells in mysql_lines.present(blocks):
            piece, troubled = mysql_marks.unmarked(cells, marks)
            left_out += troubled
            if piece:
                yield mended(piece, "invalid text")
    if left_out:
        yield from _row_by_row(snapshot, reading, mysql_marks.troubled(reading))


def _row_by_row(snapshot: Session, reading: Reading, condition: str | None = None) -> Iterator[bytes]:
    parts, kinds = mysql_lines.selected(reading, mariadb=snapshot.is_mariadb)
    meant = f"{mysql_bounds.rows(reading)} AND ({condition or 'TRUE'})"
    with snapshot.streamed(f"SELECT {', '.join(parts)} {meant}") as rows:
        for piece in gathered(mysql_lines.lines(rows, kinds), reading.batch_rows):
            yield mended(piece, "invalid text")


def ranges(snapshot: Session, reading: Reading, rows: int) -> tuple[Scalar, ...]:
    bounded = mysql_bounds.column(reading)
    text, place, source = _compared(reading)
    scalar = _scalar(bounded)
    if mysql_types.declared(bounded).kind in ("text", "bits", "other"):
        # no index has them in this order: one sort for all is less than one for each bound
        numbered = f"SELECT {text} AS v, ROW_NUMBER() OVER (ORDER BY {place}) AS n {source}"
        chosen = f"n % {int(rows)} = {1 % int(rows)}"
        found = snapshot.ask(f"SELECT v FROM ({numbered}) AS numbered WHERE {chosen} ORDER BY n")  # noqa: S608
        return tuple(dict.fromkeys(scalar(row[0]) for row in found))

    def lowest(condition: str, skipped: int = 0) -> Scalar | None:
        found = snapshot.ask(f"SELECT {text} {source} AND {condition} ORDER BY {place} LIMIT {skipped}, 1")
        return scalar(found[0][0]) if found else None

    return tuple(
        lower_bounds(
            lambda: lowest("TRUE"),
            lambda lower: lowest(f"{place} >= {mysql_bounds.literal(bounded, lower)}", int(rows)),
            lambda lower: lowest(f"{place} > {mysql_bounds.literal(bounded, lower)}"),
        )
    )


def values(snapshot: Session, reading: Reading, limit: int) -> tuple[Scalar, ...]:
    text, place, source = _compared(reading)
    found = snapshot.ask(f"SELECT DISTINCT {text}, {place} AS v {source} ORDER BY v LIMIT {int(limit) + 1}")
    return tuple(map(_scalar(mysql_bounds.column(reading)), (row[0] for row in found)))


def position(snapshot: Session) -> str:
    """The log position of the snapshot where the server tells it, else the connection and the time."""
    told = snapshot.ask("SHOW STATUS LIKE 'binlog_snapshot_%'")
    place = {str(name).lower().removeprefix("binlog_snapshot_"): str(value) for name, value in told}
    if place.get("file"):
        return f"binlog {place['file']}:{place['position']}"
    variable = "@@GLOBAL.gtid_current_pos" if snapshot.is_mariadb else "@@GLOBAL.gtid_executed"
    with suppress(MigrationError):
        if gtid := snapshot.ask(f"SELECT {variable}")[0][0]:
            return f"gtid {gtid}"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"connection {snapshot.connection.thread_id()} at {now}"


def _column(name: str, column_type: str, charset: str | None, nullable: int, comment: str) -> SourceColumn:
    bare = SourceColumn(name, mysql_types.written(column_type, charset), None, bool(nullable), comment)
    return replace(bare, carries=mysql_types.carries(mysql_types.declared(bare)))


def _keys(rows: Iterator[tuple[str, str | None, int]]) -> dict[str, tuple[str, ...]]:
    """Unique indexes of whole columns, by name."""
    parts: dict[str, list[str]] = {}
    partial: set[str] = set()
    for index, column, whole in rows:
        if column is None or not whole:
            partial.add(index)
        else:
            parts.setdefault(index, []).append(column)
    return {index: tuple(columns) for index, columns in parts.items() if index not in partial}


def _compared(reading: Reading) -> tuple[str, str, str]:
    """The bounded column as text, as it is compared, and the rows where it is present."""
    bounded = mysql_bounds.column(reading)
    text = mysql_fields.plain(bounded, mysql_bounds.quoted(bounded.name))
    source = f"{mysql_bounds.rows(reading)} AND {mysql_bounds.present(bounded)}"
    return text, mysql_bounds.compared(bounded), source


def _scalar(column: SourceColumn) -> Callable[[bytes | str], Scalar]:
    """How a value's text becomes a bound."""
    kind = mysql_types.declared(column)
    whole = kind.kind == "integer" or (kind.kind == "number" and kind.args[1:] in ((), (0,)))
    of_text: Callable[[str], Scalar] = int if whole else Decimal if kind.kind in ("number", "float") else str

    def scalar(value: bytes | str) -> Scalar:
        return of_text(value.decode() if isinstance(value, bytes) else value)

    return scalar


def _catalog(snapshot: Session, question: str, schema: str, table: str) -> list[tuple[Any, ...]]:
    return snapshot.ask(_text(question), {"schema": schema, "table": table})


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
