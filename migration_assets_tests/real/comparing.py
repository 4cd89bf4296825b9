"""Source and target held against each other by their drivers' own values, with no code of the package.

Rows are compared as bags: how often each row is there.
"""

import sqlite3
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
from psycopg2 import extras, sql
from pymysql.constants import FIELD_TYPE

from migration_assets_tests.real.catalogs import mysql_connection

Rows = Counter[tuple[Any, ...]]
Value = Callable[[Any], Any]

_FLOAT4, _FLOAT8, _NUMERIC, _BYTEA, _DATE, _TIME, _TIMESTAMP = 700, 701, 1700, 17, 1082, 1083, 1114
_INTEGERS, _BIT = (20, 21, 23), 1560
_ZERO = "0000-00-00"


@dataclass(frozen=True)
class Compared:
    """Rows of the source that are not in the target, the other way round, and how many are in both."""

    missing: Rows
    extra: Rows
    same: int


def compared(source: Rows, target: Rows) -> Compared:
    return Compared(source - target, target - source, (source & target).total())


def of_mysql(
    url: str, database: str, table: str, target: str, place: tuple[str, str], *, zero_as_null: bool = False
) -> Compared:
    """A table of MySQL against one of PostgreSQL, `place` being schema and name."""
    connection = mysql_connection(url, database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {_backtick(table)} LIMIT 0")
            kinds = [(column[0], column[1]) for column in cursor.description]
            # the text of a FLOAT has six digits; the double has all of them
            shown = [
                f"CAST({_backtick(name)} AS DOUBLE)" if kind == FIELD_TYPE.FLOAT else _backtick(name)
                for name, kind in kinds
            ]
            cursor.execute(f"SELECT {', '.join(shown)} FROM {_backtick(table)}")
            rules = [_mysql_rule(kind, zero_as_null) for _, kind in kinds]
            source = _bag(cursor.fetchall(), rules)
    finally:
        connection.close()
    _, found = _target(target, place)
    return compared(source, found)


def of_sqlite(path: str, table: str, target: str, place: tuple[str, str]) -> Compared:
    """A table of SQLite against one of PostgreSQL, whose types say how SQLite's values are to be read."""
    types, found = _target(target, place)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        name = table.replace('"', '""')
        rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
    finally:
        connection.close()
    return compared(_bag(rows, [_sqlite_rule(kind) for kind in types]), found)


def of_postgres(url: str, table: str, target: str, other: str) -> Compared:
    """Two tables of the schema `public`, by their rows as PostgreSQL itself writes them as one text."""
    return compared(_printed(url, table), _printed(target, other))


def table_md5(url: str, table: str) -> tuple[int, str]:
    """Rows and hash of a table, in the way the figures of the PostgreSQL data sets were published."""
    connection = psycopg2.connect(url, options="-c TimeZone=UTC -c extra_float_digits=1 -c DateStyle=ISO")
    try:
        with connection.cursor() as cursor:
            query = "SELECT count(*), md5(string_agg(md5(x::text), '' ORDER BY md5(x::text))) FROM ONLY {} x"
            cursor.execute(sql.SQL(query).format(sql.Identifier(*table.split("."))))
            rows, found = cursor.fetchall()[0]
            # the published hash of an empty table is that of no text
            return rows, found or "d41d8cd98f00b204e9800998ecf8427e"
    finally:
        connection.close()


def _printed(url: str, table: str) -> Rows:
    connection = psycopg2.connect(url, options="-c TimeZone=UTC -c extra_float_digits=1 -c DateStyle=ISO")
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT x::text FROM {} x").format(sql.Identifier("public", table)))
            return Counter(cursor.fetchall())
    finally:
        connection.close()


def _target(url: str, place: tuple[str, str]) -> tuple[list[int], Rows]:
    """The types of the table's columns, and its rows."""
    connection = psycopg2.connect(url, options="-c TimeZone=UTC -c extra_float_digits=1")
    try:
        extras.register_default_json(connection, loads=str)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(*place)))
            types = [column.type_code for column in cursor.description]
            return types, _bag(cursor.fetchall(), [_postgres_rule(kind) for kind in types])
    finally:
        connection.close()


def _bag(rows: Iterable[Sequence[Any]], rules: Sequence[Value]) -> Rows:
    return Counter(tuple(map(_read, row, rules)) for row in rows)


def _read(value: Any, rule: Value) -> Any:
    """The value by its rule; marked as it is, and like no other, where the rule has no reading of it."""
    try:
        return None if value is None else rule(value)
    except (TypeError, ValueError, ArithmeticError):
        return "unreadable", repr(value)


def _postgres_rule(kind: int) -> Value:
    if kind == _BYTEA:
        return bytes
    if kind == _BIT:
        return lambda text: int(text, 2)
    if kind == _FLOAT4:
        return _single
    return lambda value: value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _mysql_rule(kind: int, zero_as_null: bool) -> Value:
    match kind:
        case FIELD_TYPE.BIT:
            return lambda value: int.from_bytes(value, "big")
        case FIELD_TYPE.FLOAT:
            return _single
        case FIELD_TYPE.GEOMETRY:
            return _shape
        case FIELD_TYPE.TIME:
            return _clock
        case FIELD_TYPE.DATE | FIELD_TYPE.DATETIME | FIELD_TYPE.TIMESTAMP:
            # the driver gives what is no date as text
            return lambda value: None if zero_as_null and str(value).startswith(_ZERO) else value
        case _:
            return lambda value: value


def _sqlite_rule(kind: int) -> Value:
    rules: dict[int, Value] = {
        _NUMERIC: lambda value: Decimal(str(value)),
        _FLOAT8: float,
        _TIMESTAMP: datetime.fromisoformat,
        _DATE: date.fromisoformat,
        _TIME: time.fromisoformat,
        _BYTEA: lambda value: value.encode() if isinstance(value, str) else bytes(value),
        **dict.fromkeys(_INTEGERS, int),
    }
    return rules.get(kind, str)


def _single(value: float) -> bytes:
    return struct.pack("<f", value)


def _shape(value: bytes) -> bytes:
    """Well-known binary, with the reference system in it where there is one (PostGIS's extended form)."""
    system, body = int.from_bytes(value[:4], "little"), value[4:]
    if system == 0:
        return body
    assert body[0] == 1, "little-endian"
    kind = int.from_bytes(body[1:5], "little") | 0x20000000
    return body[:1] + kind.to_bytes(4, "little") + system.to_bytes(4, "little") + body[5:]


def _clock(value: timedelta) -> time:
    return (datetime.min + value).time()


def _backtick(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
