"""Tables of a catalog, written short."""

from typing import Any

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable
from migration_assets.analyzer.proposal.model import Proposal
from migration_assets.analyzer.proposal.propose import proposal


def column(name: str, declared: str = "integer", carries: str | None = "", **more: Any) -> CatalogColumn:
    return CatalogColumn(name, declared, declared if carries == "" else carries, **more)


def table(
    name: str, *columns: CatalogColumn | str, schema: str | None = "public", **more: Any
) -> CatalogTable:
    made = [column(each) if isinstance(each, str) else each for each in columns]
    return CatalogTable(schema, name, tuple(made), **more)


def catalog(*tables: CatalogTable, backend: str = "postgres", default: str | None = "public") -> Catalog:
    return Catalog("legacy", backend, "Some", "1", "UTF8", tables, default)


def proposed(found: Catalog, missing: tuple[int, int] = (0, 100)) -> Proposal:
    """Without a row in any table; every value that is looked up is there."""
    return proposal(found, lambda _: [], lambda _: missing)
