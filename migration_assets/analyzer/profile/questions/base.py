"""What a source is asked for in one reading of a table; SQL of the one dialect or the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import TableName
from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.sources.base import SourceColumn
from migration_assets.tables.spelling.numbers import INTEGER_BITS

#: characters of a value that are taken from the source
SHOWN = 200


@dataclass(frozen=True)
class Suspect:
    """A condition that holds for all rows of a hazard, and perhaps for some more."""

    kind: str
    column: str
    condition: str


@dataclass(frozen=True)
class Questions:
    """The part that all dialects share; `snapshot` is the source's own."""

    snapshot: Any

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def quoted(self, name: str) -> str:
        raise NotImplementedError

    def place(self, table: TableName) -> str:
        return ".".join(self.quoted(part) for part in (table.schema, table.name) if part)

    def bounds(self, column: SourceColumn, name: str) -> tuple[str, str] | None:
        """SQL for the lowest and the highest value as text; None where values have no order."""
        raise NotImplementedError

    def length(self, column: SourceColumn, name: str) -> str | None:
        """SQL for a value's characters, or bytes of a binary one; None for other types."""
        raise NotImplementedError

    def suspects(self, column: SourceColumn, name: str, target: PgType) -> Iterator[tuple[str, str]]:
        """Kinds of hazard, each with a condition on the column."""
        raise NotImplementedError

    def share(self, share: float, *, numbered: bool) -> str | None:
        """A condition that a share of the rows fulfils, scattered; None where there is none.

        `numbered` says whether the table's rows have numbers (SQLite's may have none)."""
        raise NotImplementedError

    def text(self, column: SourceColumn, name: str) -> str:
        """SQL for the value's text, for a key that is shown."""
        raise NotImplementedError

    def same(self, column: SourceColumn, own: str, far: str) -> str:
        """SQL that holds where the target will take the values for the same ones."""
        del column
        return f"{far} = {own}"


def family(column: SourceColumn) -> str:
    """The family of the type that the source carries; empty without one."""
    try:
        return pgtypes.parse(column.carries).family if column.carries else ""
    except ValueError:
        return ""


def beyond(name: str, target: PgType) -> str | None:
    """SQL that holds for numbers which the target's whole numbers do not reach."""
    bits = INTEGER_BITS.get(target.name)
    if bits is None or target.array:
        return None
    limit = 1 << (bits - 1)
    # the lowest bigint cannot be written as a literal everywhere
    return f"({name} < {-limit + 1} OR {name} > {limit - 1})"
