"""SQLite: a file, as a source."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from migration_assets.analyzer.preflight.facts import Facts, Unreadable
from migration_assets.contracts.model import Server, TableName
from migration_assets.stores.connections import parsed


def facts(connection: sqlite3.Connection, server: Server, url: str, tables: Sequence[TableName]) -> Facts:
    file = Path(parsed(server, url).database or "")
    (encoding,) = connection.execute("PRAGMA encoding").fetchone()
    return Facts(
        "SQLite",
        sqlite3.sqlite_version,
        sqlite3.sqlite_version_info,
        "the owner of this process",
        encoding,
        "none: SQLite has no time zones",
        unreadable=tuple(_unreadable(connection, tables)),
        writable=("the file",) if os.access(file, os.W_OK) else (),
        size=file.stat().st_size,
    )


def _unreadable(connection: sqlite3.Connection, tables: Sequence[TableName]) -> Iterator[Unreadable]:
    for table in tables:
        name = '"' + table.name.replace('"', '""') + '"'
        try:
            connection.execute(f"SELECT 1 FROM main.{name} LIMIT 0")  # noqa: S608 - quoted
        except sqlite3.Error:
            yield Unreadable(table, "there is no such table, or it is damaged")
