"""The staged text of the source's columns as DuckDB's typed columns, under the source's names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb

from migration_assets.tables.duckdb_text import quoted, read
from migration_assets.tables.mapping import Mapping, read_as


def database() -> duckdb.DuckDBPyConnection:
    """A DuckDB that reaches nothing outside of this process, with UTC as its time zone."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1; SET memory_limit = '512MB'")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


@dataclass(frozen=True)
class ReadingSql:
    """The columns of `mapping.reading` in SQL; places are those in a staged line."""

    mapping: Mapping

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.mapping.reading]

    @cached_property
    def types(self) -> list[str]:
        return [read_as(column) for column in self.mapping.reading]

    @cached_property
    def mark(self) -> str:
        """What no name of the source's or the target's columns begins with."""
        names = [*self.names, *(f.column.name for f in self.mapping.fields)]
        return "=" * (1 + max(len(name) - len(name.lstrip("=")) for name in names))

    def typed(self, table: str, places: Sequence[int], raw: Sequence[int] = ()) -> str:
        """A query of the columns' values, and of the text of some of them beside, by marked names."""
        values = [f"{self._read(place)} AS {quoted(self.names[place])}" for place in places]
        texts = [f"{quoted(self.names[place])} AS {self._marked(place)}" for place in raw]
        return f"SELECT {', '.join(values + texts)} FROM {table}"  # noqa: S608

    def unread(self, place: int) -> str:
        """Whether the column has a text that is no value, under its marked name."""
        marked = self._marked(place)
        return f"({marked} IS NOT NULL AND {quoted(self.names[place])} IS NULL) AS {marked}"

    def complaint(self, place: int) -> tuple[str, str]:
        """Column and reason of a row whose text is no value."""
        name = self.names[place]
        return name, f"source column {name} cannot be read as {self.types[place]}"

    def _read(self, place: int) -> str:
        promised = self.mapping.reading[place].carries is not None
        return read(quoted(self.names[place]), self.types[place], promised=promised)

    def _marked(self, place: int) -> str:
        return quoted(self.mark + self.names[place])
