"""What a contract keeps of the source it was written from, so that a later look can tell what changed."""

from typing import Any

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable, ForeignKey
from migration_assets.analyzer.discovery.yaml_words import Flow
from migration_assets.analyzer.proposal.model import ProposedTable


def recorded(table: ProposedTable, catalog: Catalog) -> dict[str, Any]:
    """The value of the custom property `discovered`."""
    source = table.source
    said: dict[str, Any] = {"from": f"{catalog.engine} {catalog.version}".strip()}
    if source.rows is not None:
        said["rows"] = source.rows
    if source.bytes is not None:
        said["bytes"] = source.bytes
    said |= structure(source)
    said["columns"] = columns_of(table)
    if table.suggested:
        said["suggested"] = [
            Flow(
                {
                    "from": list(each.columns),
                    "to": [f"{each.parent}.{name}" for name in each.parent_columns],
                    "why": each.why,
                }
            )
            for each in table.suggested
        ]
    if table.remarks:
        said["remarks"] = [
            f"{remark.column}: {remark.what}" if remark.column else remark.what for remark in table.remarks
        ]
    return said


def structure(table: CatalogTable) -> dict[str, Any]:
    """Key, unique sets and references, by the source's names."""
    said: dict[str, Any] = {}
    if table.primary_key:
        said["key"] = list(table.primary_key)
    if table.uniques:
        said["unique"] = sorted([list(key.columns) for key in table.uniques])
    if table.foreign_keys:
        said["references"] = sorted({reference(key) for key in table.foreign_keys})
    return said


def reference(key: ForeignKey) -> str:
    return f"{', '.join(key.columns)} → {key.parent.name} ({', '.join(key.parent_columns)})"


def labels_of(column: CatalogColumn) -> tuple[str, ...]:
    """The values that the type allows, where its name does not say them as MySQL's does."""
    return () if column.declared.lower().startswith("enum(") else column.enum


def columns_of(table: ProposedTable) -> list[Flow]:
    """All columns of the source, also those that no contract can say."""
    proposed = {column.source.name: column.type for column in table.columns}
    listed: list[Flow] = []
    for column in table.source.columns:
        said = Flow(name=column.name, type=column.declared)
        if not column.nullable:
            said["required"] = True
        if labels := labels_of(column):
            said["values"] = list(labels)
        if column.name in proposed:
            said["as"] = proposed[column.name]
        listed.append(said)
    return listed
