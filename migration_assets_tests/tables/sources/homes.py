"""Databases to read from, filled by the tests' own connections: the same words for each kind."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from migration_assets.contracts.model import Server, TableName
from migration_assets.planning.partitions import AllRows, Bounds
from migration_assets.tables.sources import SOURCES
from migration_assets.tables.sources.base import Reading, Source
from migration_assets_tests import mariadb

#: the characters that COPY text escapes
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


@dataclass(frozen=True)
class Home:
    """One database of one kind, and the source that reads it."""

    #: the registry's name of the source
    kind: str
    #: how the tests write to it: postgres, mysql or sqlite
    engine: str
    #: where the tests connect, and where the source does
    writing: str
    reading: str

    @property
    def source(self) -> Source:
        return SOURCES[self.kind]

    @property
    def server(self) -> Server:
        return Server("legacy", self.engine)

    @contextmanager
    def writer(self) -> Iterator[Any]:
        """A connection whose statements are transactions of their own."""
        connection: Any
        if self.engine == "postgres":
            connection = psycopg2.connect(self.writing)
            connection.autocommit = True
        elif self.engine == "mysql":
            connection = mariadb.connected(self.writing)
        else:
            connection = sqlite3.connect(self.writing, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        with self.writer() as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.writer() as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return list(cursor.fetchall())

    def insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        mark = "?" if self.engine == "sqlite" else "%s"
        name = self.quoted(table).replace("%", "%%") if mark == "%s" else self.quoted(table)
        with self.writer() as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join([mark] * len(rows[0]))})", rows)
            cursor.execute("COMMIT")

    def quoted(self, name: str) -> str:
        if self.engine == "mysql":
            return "`" + name.replace("`", "``") + "`"
        return '"' + name.replace('"', '""') + '"'

    @property
    def role(self) -> str:
        return self.writing.partition("?")[0].rpartition("/")[2] + "_reader"

    def reader_url(self, table: str) -> str:
        """The URL of a role that may SELECT from the table, and nothing else."""
        if self.engine == "sqlite":
            return self.reading
        role = self.role
        if self.engine == "postgres":
            self.run(
                f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'secret'",
                f'GRANT SELECT ON {self.quoted(table)} TO "{role}"',
            )
            return self.reading.replace("postgres:@", f"{role}:secret@", 1)
        self.run(
            f"CREATE USER '{role}'@'%' IDENTIFIED BY 'secret'",
            f"GRANT SELECT ON {self.quoted(table)} TO '{role}'@'%'",
        )
        return self.reading.replace(mariadb.USER + ":a%20pass%2Fword@", f"{role}:secret@", 1)

    def forget_reader(self) -> None:
        role = self.role
        if self.engine == "postgres":
            self.run(f'DROP OWNED BY "{role}"', f'DROP ROLE "{role}"')
        elif self.engine == "mysql":
            self.run(f"DROP USER '{role}'@'%'")

    def connections(self) -> int:
        """How many connections others than the asker have to this database."""
        if self.engine == "postgres":
            query = (
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        elif self.engine == "mysql":
            query = (
                "SELECT count(*) FROM information_schema.processlist "
                "WHERE db = database() AND id <> connection_id()"
            )
        else:
            return 0
        return int(self.ask(query)[0][0])

    def cut_connections(self) -> None:
        """Ends the connections of others to this database, whatever they do."""
        if self.engine == "postgres":
            self.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        elif self.engine == "mysql":
            query = (
                "SELECT id FROM information_schema.processlist "
                "WHERE db = database() AND id <> connection_id()"
            )
            self.run(*(f"KILL {number}" for (number,) in self.ask(query)))


def reading(home: Home, snapshot: Any, table: str, **more: Any) -> Reading:
    """All columns of the table; `bounded` by name."""
    found = home.source.describe(snapshot, TableName(None, table))
    if name := more.pop("bounded", None):
        more["bounded"] = found.column(name)
        assert more["bounded"] is not None
    return Reading(found, found.columns, **more)


def rows_of(pieces: Iterator[bytes]) -> list[tuple[str | None, ...]]:
    """The values that lines of COPY text stand for, by a reader of its own."""
    text = b"".join(pieces).decode()
    assert not text or text.endswith("\n")
    return [tuple(map(_value, line.split("\t"))) for line in text.split("\n")[:-1]]


def read(home: Home, table: str, bounds: Bounds = AllRows(), **more: Any) -> list[tuple[str | None, ...]]:  # noqa: B008
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, table, bounds=bounds, **more)
        found = rows_of(home.source.read(snapshot, asked))
        assert len(found) == home.source.count(snapshot, asked)
    return found


def _value(field: str) -> str | None:
    if field == "\\N":
        return None
    if field.startswith("\\!"):
        return field
    made, signs = [], iter(field)
    for sign in signs:
        made.append(ESCAPES[next(signs)] if sign == "\\" else sign)
    return "".join(made)
