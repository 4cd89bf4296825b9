"""CatalogReader: what a database must be able to tell of itself."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.contracts.model import Server

#: characters of a value in a sample
SHOWN = 200

#: rows of a sample, each value as text; None for NULL
Rows = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Selection:
    """Which part of a database to look at; nothing said means all that is no system's."""

    #: names of schemas (or databases)
    schemas: tuple[str, ...] = ()
    #: patterns as of a shell, of `table` or `schema.table`
    tables: tuple[str, ...] = ()

    def means(self, table: CatalogTable) -> bool:
        if not self.tables:
            return True
        names = (table.name, str(table.table))
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.tables)


class CatalogReader(Protocol):
    # one read-only connection in one consistent snapshot, closed at the end: the source's own
    def snapshot(self, server: Server, url: str) -> AbstractContextManager[Any]: ...

    # everything of the schemas (all that are no system's where none is named), in few questions
    def read(self, snapshot: Any, server: Server, schemas: Sequence[str]) -> Catalog: ...

    # some rows of the table, values as text cut after some hundred characters; they never leave the process
    def sample(self, snapshot: Any, table: CatalogTable, rows: int) -> Rows: ...

    # how many distinct values of the child's columns (at most `most`) the parent has not, and how many
    # were looked at; the pairs are of the same number of columns
    def missing(
        self,
        snapshot: Any,
        child: CatalogTable,
        columns: Sequence[str],
        parent: CatalogTable,
        parent_columns: Sequence[str],
        most: int,
    ) -> tuple[int, int]: ...
