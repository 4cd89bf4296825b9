"""A table as a source describes it in, the contract of an unchanged move as YAML out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from migration_assets.tables.sources.base import SourceColumn, SourceTable
from migration_assets_tests.real.catalogs import ForeignKey

#: by the first words of a declared type that promises nothing: MySQL's, and what SQLite's users write
_TYPES = (
    (r"(tiny|small|medium|big)?int(eger)?\b|short integer|int8", "bigint"),
    (r"float", "real"),
    (r"double|real", "double precision"),
    (r"(numeric|decimal)\s*(\(\s*\d+\s*(,\s*\d+\s*)?\))", r"numeric\2"),
    (r"(numeric|decimal)", "numeric"),
    (r"(n?varchar|n?char|character)\s*(\(\s*\d+\s*\))", r"character varying\2"),
    (r"datetime|timestamp", "timestamp without time zone"),
    (r"date", "date"),
    (r"time", "time without time zone"),
    (r"bool", "boolean"),
    (r"blob", "bytea"),
)


@dataclass(frozen=True)
class Wish:
    """What a contract says beyond the source's catalog."""

    #: the value of `migration`, more of it
    migration: Mapping[str, Any] = field(default_factory=dict)
    #: types that the drafted ones give way to, by column
    types: Mapping[str, str] = field(default_factory=dict)
    #: a reference that waits for its parent, by its first column
    deferred: frozenset[str] = frozenset()


def target_type(column: SourceColumn) -> str:
    """PostgreSQL's type for the column: the promised one, else one after the declared name, else text."""
    if column.carries is not None:
        return column.carries
    for pattern, better in _TYPES:
        found = re.match(pattern, column.declared, re.IGNORECASE)
        if found:
            return found.expand(better)
    return "text"


def contract_name(table: str) -> str:
    """A table's name with nothing in it that a contract's name may not have."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", table).strip("_")
    return name if name[:1].isalpha() else f"table_{name}"


def draft(
    table: SourceTable,
    keys: tuple[ForeignKey, ...],
    kind: str,
    wish: Wish = Wish(),
    *,
    schema: str = "public",
    prefix: str = "",
) -> str:
    """The contract `<prefix><table>`: from `legacy`, a server of that kind, to `schema` of `cloud`."""
    name = contract_name(prefix + table.name.name)
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name,
        "name": name,
        "version": "1.0.0",
        "status": "active",
        "servers": [_server("legacy", kind), _server("cloud", "postgresql")],
        "schema": [
            {
                "name": name,
                "physicalName": f"{_quoted(schema)}.{_quoted(table.name.name)}",
                "properties": [_property(column, table, wish) for column in table.columns],
                "relationships": [_relation(name, key, prefix, wish) for key in keys],
            }
        ],
        "customProperties": [
            {
                "property": "migration",
                "value": {
                    "source": "legacy",
                    "target": "cloud",
                    "from": {
                        "table": ".".join(_quoted(p) for p in (table.name.schema, table.name.name) if p)
                    },
                    "unique": [list(columns) for columns in table.unique],
                    **wish.migration,
                },
            }
        ],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def _server(name: str, kind: str) -> dict[str, Any]:
    return {"server": name, "type": "custom", "description": kind}


def _property(column: SourceColumn, table: SourceTable, wish: Wish) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "physicalType": wish.types.get(column.name) or target_type(column),
        "required": not column.nullable,
    }
    if column.name in table.primary_key:
        said |= {"primaryKey": True, "primaryKeyPosition": table.primary_key.index(column.name) + 1}
    if column.comment:
        said["description"] = column.comment
    return said


def _relation(name: str, key: ForeignKey, prefix: str, wish: Wish) -> dict[str, Any]:
    parent = contract_name(prefix + key.parent)
    said: dict[str, Any] = {
        "from": [f"{name}.{column}" for column in key.columns],
        "to": [f"{parent}.{column}" for column in key.parent_columns],
    }
    if key.columns[0] in wish.deferred:
        said["customProperties"] = [{"property": "migration", "value": {"deferred": True}}]
    return said


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "." in name or '"' in name else name
