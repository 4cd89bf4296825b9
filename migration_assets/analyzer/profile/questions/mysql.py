"""MySQL's and MariaDB's questions."""

from collections.abc import Iterator
from typing import Any

from migration_assets.analyzer.profile.questions.base import SHOWN, Questions, beyond
from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.sources import mysql_fields, mysql_types
from migration_assets.tables.sources.base import SourceColumn
from migration_assets.tables.sources.mysql_bounds import quoted

#: makes its result the same for the same rows
_SEED = 7


class MySQLQuestions(Questions):
    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.snapshot.ask(query)

    def quoted(self, name: str) -> str:
        return quoted(name)

    def bounds(self, column: SourceColumn, name: str) -> tuple[str, str] | None:
        kind = mysql_types.declared(column)
        if kind.kind in ("integer", "number", "float", "moment") or kind.name == "time":
            return f"CAST(MIN({name}) AS CHAR)", f"CAST(MAX({name}) AS CHAR)"
        if kind.kind == "text" and kind.name != "json":
            return _binary(f"MIN({name})"), _binary(f"MAX({name})")
        return None

    def length(self, column: SourceColumn, name: str) -> str | None:
        kind = mysql_types.declared(column)
        if kind.kind == "text":
            return f"CHAR_LENGTH({name})"
        return f"LENGTH({name})" if kind.kind == "bytes" and kind.name not in mysql_types.SHAPES else None

    def suspects(self, column: SourceColumn, name: str, target: PgType) -> Iterator[tuple[str, str]]:
        kind = mysql_types.declared(column)
        match kind.kind:
            case "moment":
                there = f"YEAR({name}) > 0 AND MONTH({name}) > 0 AND DAY({name}) > 0"
                yield "zero date", f"({name} IS NOT NULL AND NOT ({there}))"
                yield (
                    "impossible date",
                    f"({name} IS NOT NULL AND {there} AND NOT ({mysql_fields.real(name)}))",
                )
            case "text":
                yield "NUL character", f"LOCATE(0x00, CAST({name} AS BINARY)) > 0"
                if kind.charset not in mysql_types.UTF8:
                    yield "invalid text", f"({name} IS NOT NULL AND NOT {mysql_fields.is_kept(kind, name)})"
                if target.length is not None:
                    yield "too long", f"CHAR_LENGTH({name}) > {target.length}"
            case "integer" | "number":
                if outside := beyond(name, target):
                    yield "out of range", outside
            case _:
                pass

    def share(self, share: float, *, numbered: bool) -> str | None:
        del numbered
        return f"RAND({_SEED}) < {share:.9f}"

    def text(self, column: SourceColumn, name: str) -> str:
        return mysql_fields.plain(column, name)

    def same(self, column: SourceColumn, own: str, far: str) -> str:
        """By the column's own equality, which an index serves, and text by its bytes as well."""
        if mysql_types.declared(column).kind != "text":
            return f"{far} = {own}"
        return f"{far} = {own} AND CAST({far} AS BINARY) = CAST({own} AS BINARY)"


def _binary(text: str) -> str:
    # as bytes, for the driver would not take text that is not UTF-8
    return f"CONVERT(CONVERT(LEFT({text}, {SHOWN}) USING utf8mb4) USING binary)"
