"""Contracts written in tests, with everything that a test does not speak of filled in."""

from typing import Any

from migration_assets.contracts.model import Column, Contract, Reference, Server, TableName

LEGACY = Server("legacy", "sqlite")
CLOUD = Server("cloud", "postgresql")
HOSTILE = 'we"ird; drop table x; --'


def column(name: str, type: str = "integer", **more: Any) -> Column:
    return Column(name, type, **more)


def contract(name: str, *columns: Column, schema: str | None = "public", **more: Any) -> Contract:
    return Contract(
        name=name,
        version="1.0.0",
        digest="0" * 64,
        file=f"{name}.odcs.yaml",
        source=LEGACY,
        target=CLOUD,
        source_table=TableName(None, name),
        target_table=TableName(schema, more.pop("table", name)),
        columns=columns,
        **more,
    )


def named(*contracts: Contract) -> dict[str, Contract]:
    return {one.name: one for one in contracts}


def refers(columns: str, parent: str, parent_columns: str = "id", *, deferred: bool = False) -> Reference:
    """A reference of columns parted by blanks."""
    return Reference(tuple(columns.split()), parent, tuple(parent_columns.split()), deferred)
