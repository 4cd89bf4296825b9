"""What a source's catalog says of itself; a further source is one module and one line here."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from migration_assets.analyzer.catalog import general, mysql, postgres, sqlite
from migration_assets.analyzer.catalog.base import CatalogReader, Rows, Selection
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable, LeftOut
from migration_assets.contracts.model import Server
from migration_assets.tables.sources import source_of

__all__ = ["EVERYTHING", "READERS", "Look", "Rows", "Selection", "look", "read"]

READERS: dict[str, CatalogReader] = {
    "mysql": mysql,
    "postgres": postgres,
    "sqlite": sqlite,
    "sqlalchemy": general,
}

EVERYTHING = Selection()


@dataclass(frozen=True)
class Look:
    """A look at a source in one snapshot: its catalog, and some of its rows for as long as it is open."""

    catalog: Catalog
    snapshot: Any
    reader: CatalogReader

    def sample(self, table: CatalogTable, rows: int) -> Rows:
        return self.reader.sample(self.snapshot, table, rows)

    def missing(
        self,
        child: CatalogTable,
        columns: Sequence[str],
        parent: CatalogTable,
        parent_columns: Sequence[str],
        most: int,
    ) -> tuple[int, int]:
        """Of `most` distinct values at most: those that the parent has not, and those looked at."""
        return self.reader.missing(self.snapshot, child, columns, parent, parent_columns, most)


@contextmanager
def look(server: Server, url: str, selection: Selection = EVERYTHING) -> Generator[Look]:
    """Opens the source; ConnectionRefused, UnknownSource or Passing where that does not come about."""
    backend, _ = source_of(url)
    reader = READERS[backend]
    with reader.snapshot(server, url) as snapshot:
        catalog = reader.read(snapshot, server, selection.schemas)
        meant = [table for table in catalog.tables if selection.means(table)]
        empty = tuple(LeftOut(table.table, "it has no columns") for table in meant if not table.columns)
        tables = tuple(table for table in meant if table.columns)
        found = replace(catalog, tables=tables, left_out=(*catalog.left_out, *empty))
        yield Look(found, snapshot, reader)


def read(server: Server, url: str, selection: Selection = EVERYTHING) -> Catalog:
    """The catalog alone."""
    with look(server, url, selection) as found:
        return found.catalog
