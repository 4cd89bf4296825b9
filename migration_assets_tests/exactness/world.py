"""The databases of the matrix: where a family's table is written, and where it is looked at afterwards.

Nothing here is the package's: values are compared by what the databases themselves say of them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psycopg2
from psycopg2 import sql

from migration_assets_tests import mariadb
from migration_assets_tests.exactness.case import Case, Cell

#: a value as the database prints it, and a hash of the bytes that it sends for it
Printed = tuple[str | None, str | None]


def column_of(number: int) -> str:
    return f"c{number:03d}"


@dataclass(frozen=True)
class Row:
    """One row of a family's table: all of its columns but one are NULL."""

    id: int
    case: int
    #: None: this column is NULL, too
    cell: Cell | None


def rows_of(cases: Sequence[Case]) -> list[Row]:
    places = [(number, cell) for number, case in enumerate(cases) for cell in (*case.cells, None)]
    return [Row(id, number, cell) for id, (number, cell) in enumerate(places, 1)]


class SourceSide(Protocol):
    """A database that values come from."""

    type: str
    url: str

    def write(self, table: str, cases: Sequence[Case], rows: Sequence[Row]) -> None: ...


@dataclass(frozen=True)
class PostgresSide:
    url: str
    type: str = "postgres"

    def run(self, statements: Iterable[str | sql.Composable]) -> list[tuple[Any, ...]]:
        """Runs the statements in one transaction; the rows of the last one."""
        found: list[tuple[Any, ...]] = []
        connection = _connected(self.url)
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                found = cursor.fetchall() if cursor.description else []
        return found

    def write(self, table: str, cases: Sequence[Case], rows: Sequence[Row]) -> None:
        self.run(script(table, "bigint", cases, rows))

    def insert(self, table: str, *values: str | None) -> None:
        literals = sql.SQL(", ").join(map(sql.Literal, values))
        self.run([sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), literals)])

    def printed(
        self, table: str, case: int, kind: str | None = None, ids: list[int] | None = None
    ) -> dict[int, Printed]:
        """The case's values by id, as this database prints them, cast to the kind where one is said."""
        value = sql.Identifier(column_of(case))
        if kind is not None:
            value = sql.SQL("CAST({} AS {})").format(value, sql.SQL(kind))
        send = self._send(table, case, kind)
        query = sql.SQL(
            "SELECT id, format('%s', {0}), {1} FROM {2} WHERE num_nonnulls({3}) = 1 AND {4}"
        ).format(
            value,
            sql.SQL("md5({}({}))").format(sql.SQL(send), value) if send else sql.SQL("NULL"),
            sql.Identifier(table),
            sql.Identifier(column_of(case)),
            sql.SQL("true") if ids is None else sql.SQL("id = ANY({})").format(sql.Literal(ids)),
        )
        return {id: (text, digest) for id, text, digest in self.run([query])}

    def filled(self, table: str, width: int) -> dict[int, int]:
        """How many of the cases' columns have a value, by id."""
        names = [column_of(number) for number in range(width)]
        # a function takes a hundred arguments at most
        parts = [f"num_nonnulls({', '.join(names[at : at + 100])})" for at in range(0, width, 100)]
        return dict(self.run([f"SELECT id, {' + '.join(parts)} FROM {table}"]))

    def _send(self, table: str, case: int, kind: str | None) -> str | None:
        """The function that makes the bytes of the binary protocol, where the type has one."""
        of = (
            sql.SQL("{}::regtype").format(sql.Literal(kind))
            if kind
            else sql.SQL(
                "(SELECT atttypid FROM pg_attribute WHERE attrelid = {}::regclass AND attname = {})"
            ).format(sql.Literal(table), sql.Literal(column_of(case)))
        )
        query = sql.SQL("SELECT typsend::text, typcategory FROM pg_type WHERE oid = {}").format(of)
        send, category = self.run([query])[0]
        # arrays and composites send the numbers of their types, which each database gives by itself
        return None if send == "-" or category in "AC" else send


@cache
def _connected(url: str) -> "psycopg2.extensions.connection":
    """One connection a database, to its end; a family asks several hundred questions."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'; SET bytea_output = hex; SET lc_monetary = 'C'")
    return connection


@dataclass(frozen=True)
class SqliteSide:
    url: str
    type: str = "sqlite"

    def write(self, table: str, cases: Sequence[Case], rows: Sequence[Row]) -> None:
        with closing(sqlite3.connect(Path(self.url.removeprefix("sqlite:///")))) as connection, connection:
            for statement in script(table, "INTEGER", cases, rows):
                connection.execute(statement)


@dataclass(frozen=True)
class MysqlSide:
    url: str
    type: str = "mysql"

    def write(self, table: str, cases: Sequence[Case], rows: Sequence[Row]) -> None:
        # zero dates and days that no month has are what old servers let in
        mariadb.run(
            self.url,
            "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'",
            *script(table, "bigint", cases, rows),
        )


def script(table: str, key: str, cases: Sequence[Case], rows: Sequence[Row]) -> Iterable[str]:
    """The statements that make the table: the cases' columns first, the key last."""
    columns = [f"{column_of(number)} {case.source}" for number, case in enumerate(cases)]
    yield f"CREATE TABLE {table} ({', '.join([*columns, f'id {key} NOT NULL PRIMARY KEY'])})"
    for row in rows:
        written = row.cell.written if row.cell else "NULL"
        yield f"INSERT INTO {table} ({column_of(row.case)}, id) VALUES ({written}, {row.id})"
