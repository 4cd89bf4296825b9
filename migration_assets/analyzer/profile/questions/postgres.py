"""PostgreSQL's questions."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2.extensions import quote_ident

from migration_assets.analyzer.profile.questions.base import SHOWN, Questions, beyond, family
from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import TableName
from migration_assets.contracts.pgtypes import PgType
from migration_assets.stores import postgres
from migration_assets.tables.sources.base import SourceColumn
from migration_assets.tables.sources.postgres import SCHEMA

_ORDERED = ("integer", "numeric", "float", "date", "timestamp", "timestamptz", "time", "interval")


class PostgresQuestions(Questions):
    def ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self.snapshot.cursor() as cursor:
                cursor.execute("SAVEPOINT asking")
                # one process of the server is enough: others work there, too
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
                # the same rows in each sample
                cursor.execute("SELECT setseed(0.5)")
                cursor.execute(query)
                return cursor.fetchall()
        except psycopg2.Error as error:
            with suppress(psycopg2.Error), self.snapshot.cursor() as cursor:
                cursor.execute("ROLLBACK TO SAVEPOINT asking")
            raise postgres.classify(error) from None

    def quoted(self, name: str) -> str:
        return quote_ident(name, self.snapshot)

    def place(self, table: TableName) -> str:
        return super().place(TableName(table.schema or SCHEMA, table.name))

    def bounds(self, column: SourceColumn, name: str) -> tuple[str, str] | None:
        kind = family(column)
        if kind in _ORDERED:
            return f"min({name})::text", f"max({name})::text"
        if kind in ("text", "char"):
            place = f'{name}::text COLLATE "C"'
            return f"left(min({place}), {SHOWN})", f"left(max({place}), {SHOWN})"
        return None

    def length(self, column: SourceColumn, name: str) -> str | None:
        kind = family(column)
        if kind in ("text", "char"):
            return f"char_length({name})"
        return f"octet_length({name})" if kind == "bytes" else None

    def suspects(self, column: SourceColumn, name: str, target: PgType) -> Iterator[tuple[str, str]]:
        kind = family(column)
        if kind in ("integer", "numeric") and (outside := beyond(name, target)):
            yield "out of range", outside
        if kind == "text" and target.length is not None:
            yield "too long", f"char_length({name}) > {target.length}"
        if kind in ("date", "timestamp", "timestamptz"):
            yield "infinity", f"NOT isfinite({name})"
        if kind in ("float", "numeric"):
            yield "not a number", f"{name} = 'NaN'"
            # a numeric of so many digits has no infinity
            if kind == "float":
                yield "infinity", f"{name} IN ('Infinity', '-Infinity')"
            elif pgtypes.parse(column.carries or "").precision is None:
                yield "infinity", f"{name}::text IN ('Infinity', '-Infinity')"

    def share(self, share: float, *, numbered: bool) -> str | None:
        del numbered
        return f"random() < {share:.9f}"

    def text(self, column: SourceColumn, name: str) -> str:
        del column
        return f"{name}::text"
