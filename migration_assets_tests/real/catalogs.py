"""What the drafts need from a source's catalog and `describe` does not tell: its tables and foreign keys."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg2
import pymysql
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class ForeignKey:
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    tables: tuple[str, ...]
    keys: tuple[ForeignKey, ...]

    def of(self, table: str) -> tuple[ForeignKey, ...]:
        return tuple(key for key in self.keys if key.table == table)


_POSTGRES_KEYS = """
SELECT c.oid::text, t.relname, a.attname, p.relname, b.attname
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_class p ON p.oid = c.confrelid
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, far, place)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.far
WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
ORDER BY c.oid, k.place
"""
_POSTGRES_TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_MYSQL_KEYS = """
SELECT constraint_name, table_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = %s AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position
"""
_MYSQL_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY table_name
"""
_SQLITE_TABLES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name
"""


def of_postgres(url: str) -> Catalog:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRES_TABLES)
            tables = cursor.fetchall()
            cursor.execute(_POSTGRES_KEYS)
            return _catalog(tables, cursor.fetchall())
    finally:
        connection.close()


def mysql_connection(url: str, database: str) -> "pymysql.Connection[Any]":
    """The driver as it comes, in UTC."""
    found = make_url(url)
    return pymysql.connect(
        host=found.host,
        port=found.port or 3306,
        user=found.username,
        password=found.password or "",
        database=database,
        charset="utf8mb4",
        init_command="SET time_zone = '+00:00'",
        # reading the authorities for a connection that stays here takes longer than the questions
        ssl_disabled=True,
    )


def of_mysql(url: str, database: str) -> Catalog:
    connection = mysql_connection(url, database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_MYSQL_TABLES, [database])
            tables = cursor.fetchall()
            cursor.execute(_MYSQL_KEYS, [database])
            return _catalog(tables, cursor.fetchall())
    finally:
        connection.close()


def of_sqlite(path: str) -> Catalog:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = connection.execute(_SQLITE_TABLES).fetchall()
        keys = [
            (f"{table}-{number}", table, column, parent, far or column)
            for (table,) in tables
            for number, _, parent, column, far, *_ in connection.execute(
                f'PRAGMA foreign_key_list("{table}")'
            )
        ]
        return _catalog(tables, keys)
    finally:
        connection.close()


def _catalog(tables: Iterable[tuple[str, ...]], keys: Iterable[tuple[Any, ...]]) -> Catalog:
    parts: defaultdict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for name, table, column, parent, far in keys:
        parts[name, table, parent].append((column, far))
    return Catalog(
        tuple(name for (name,) in tables),
        tuple(
            ForeignKey(table, tuple(c for c, _ in pairs), parent, tuple(f for _, f in pairs))
            for (_, table, parent), pairs in parts.items()
        ),
    )
