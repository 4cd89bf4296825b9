"""SQLite's questions; what a value is, each value says itself."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from migration_assets.analyzer.profile.questions.base import SHOWN, Questions, beyond
from migration_assets.contracts.model import TableName
from migration_assets.contracts.pgtypes import PgType
from migration_assets.errors import MappingFault
from migration_assets.tables.sources.base import SourceColumn

#: what the target's families take: SQLite's kinds of value
_KINDS = {
    "integer": "'integer'",
    "numeric": "'integer', 'real'",
    "float": "'integer', 'real'",
    "boolean": "'integer'",
    "date": "'text'",
    "timestamp": "'text'",
    "timestamptz": "'text'",
    "time": "'text'",
    "text": "'text', 'integer', 'real'",
    "char": "'text', 'integer', 'real'",
}
#: a prime, and a number that scatters the rows' numbers
_PARTS, _STRIDE = 1_000_003, 618_035


class SQLiteQuestions(Questions):
    def ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return self.snapshot.execute(query).fetchall()
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            raise MappingFault(
                f"The source refused to be asked about the table ({name}).",
                advice="Look at `from` and `where` of the contract; `PRAGMA integrity_check` names damage.",
            ) from None

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def place(self, table: TableName) -> str:
        return f"main.{self.quoted(table.name)}"

    def bounds(self, column: SourceColumn, name: str) -> tuple[str, str] | None:
        del column
        return _text(f"min({name})"), _text(f"max({name})")

    def length(self, column: SourceColumn, name: str) -> str | None:
        del column
        return f"CASE WHEN typeof({name}) IN ('text', 'blob') THEN length({name}) END"

    def suspects(self, column: SourceColumn, name: str, target: PgType) -> Iterator[tuple[str, str]]:
        del column
        if target.family in _KINDS and not target.array:
            yield "misfit", f"typeof({name}) NOT IN ({_KINDS[target.family]}, 'null')"
        if target.family in ("text", "char"):
            yield "NUL character", f"(typeof({name}) = 'text' AND instr({name}, char(0)) > 0)"
            if target.length is not None:
                yield "too long", f"length({name}) > {target.length}"
        if outside := beyond(name, target):
            yield "out of range", f"(typeof({name}) IN ('integer', 'real') AND {outside})"
        if target.family == "integer":
            yield "too precise", f"(typeof({name}) = 'real' AND {name} <> round({name}))"
        if target.family in ("date", "timestamp"):
            day = "____-__-__" + ("" if target.family == "date" else "%")
            yield "not a date", f"(typeof({name}) = 'text' AND {name} NOT LIKE '{day}')"

    def share(self, share: float, *, numbered: bool) -> str | None:
        number = "_rowid_" if numbered else "random()"
        return f"abs(({number} % {_PARTS}) * {_STRIDE} % {_PARTS}) < {round(share * _PARTS)}"

    def text(self, column: SourceColumn, name: str) -> str:
        del column
        return f"CAST({name} AS BLOB)"


def _text(value: str) -> str:
    cut = f"substr({value}, 1, {SHOWN})"
    return f"CASE typeof({value}) WHEN 'blob' THEN hex({cut}) ELSE CAST({cut} AS BLOB) END"
