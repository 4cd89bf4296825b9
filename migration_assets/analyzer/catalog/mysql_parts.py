"""Rows of MySQL's catalog in, tables out; pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migration_assets.analyzer.catalog.model import (
    CatalogColumn,
    CatalogTable,
    Check,
    ForeignKey,
    Index,
    UniqueKey,
)
from migration_assets.contracts.model import TableName
from migration_assets.tables.sources import mysql_types
from migration_assets.tables.sources.base import SourceColumn

Row = tuple[Any, ...]
_LABEL = re.compile(r"'((?:[^']|'')*)'")
_JSON = re.compile(r"json_valid\(`(.+)`\)", re.IGNORECASE)


def tables(
    found: Sequence[Row], asked: Mapping[str, Iterable[Row]], *, mariadb: bool
) -> tuple[CatalogTable, ...]:
    by = {name: _by_table(asked[name]) for name in ("columns", "indexes", "foreign_keys", "checks")}
    made: list[CatalogTable] = []
    for schema, name, _, engine, rows, size, comment, _ in found:
        place = (schema, name)
        primary, uniques, others = _indexes(by["indexes"][place])
        checks = tuple(Check(str(row[2]), str(row[3])) for row in by["checks"][place])
        columns = _columns(by["columns"][place], checks, mariadb=mariadb)
        made.append(
            CatalogTable(
                schema,
                name,
                columns,
                primary,
                uniques,
                _foreign_keys(by["foreign_keys"][place], judged=str(engine).lower() == "innodb"),
                others,
                checks,
                comment or "",
                None if rows is None else int(rows),
                None if size is None else int(size),
                storage=engine or "",
            )
        )
    return tuple(made)


def _columns(rows: Sequence[Row], checks: Sequence[Check], *, mariadb: bool) -> tuple[CatalogColumn, ...]:
    documents = {found[1] for check in checks if (found := _JSON.fullmatch(check.condition))}
    return tuple(_column(row, documents, mariadb=mariadb) for row in rows)


def _column(row: Row, documents: set[str], *, mariadb: bool) -> CatalogColumn:
    _, _, name, column_type, charset, collation, nullable, default, extra, comment, generated = row
    column_type = _written(column_type)
    bare = SourceColumn(name, mysql_types.written(column_type, charset), None, bool(nullable), comment or "")
    kind = mysql_types.declared(bare)
    bare = replace(bare, carries=mysql_types.carries(kind))
    enum = _labels(column_type) if kind.name == "enum" else ()
    counts = "auto_increment" in (extra or "").lower()
    return CatalogColumn(
        bare.name,
        bare.declared,
        bare.carries,
        bare.nullable,
        _default(default, extra or "", kind, mariadb=mariadb),
        "by default" if counts else None,
        _written(generated) or None,
        enum,
        bare.comment,
        collation,
        # MariaDB's JSON is a text with a condition
        kind.name == "longtext" and name in documents,
    )


def _default(said: object, extra: str, kind: mysql_types.Declared, *, mariadb: bool) -> str | None:
    """As SQL: MariaDB prints it so, MySQL prints a text without its quotes."""
    if said is None:
        return None
    text = _written(said)
    if mariadb:
        return None if text == "NULL" else text
    if "DEFAULT_GENERATED" in extra or text.upper().startswith("CURRENT_TIMESTAMP") or text.startswith("b'"):
        return text
    if kind.kind in ("integer", "number", "float"):
        return text
    return "'" + text.replace("'", "''") + "'"


def _labels(column_type: str) -> tuple[str, ...]:
    return tuple(label.replace("''", "'") for label in _LABEL.findall(column_type))


def _written(value: object) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _indexes(rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[UniqueKey, ...], tuple[Index, ...]]:
    parts: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row[2]].append(row)
    primary: tuple[str, ...] = ()
    uniques: list[UniqueKey] = []
    others: list[Index] = []
    for name, listed in parts.items():
        whole = all(row[5] is not None and row[6] is None for row in listed)
        columns = tuple(row[5] for row in listed) if whole else ()
        unique, method = bool(listed[0][3]), str(listed[0][4]).lower()
        if name == "PRIMARY" and whole:
            primary = columns
        elif unique and whole:
            uniques.append(UniqueKey(name, columns))
        else:
            others.append(Index(name, columns, unique, None, method))
    return primary, tuple(uniques), tuple(others)


def _foreign_keys(rows: Sequence[Row], *, judged: bool) -> tuple[ForeignKey, ...]:
    parts: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row[2]].append(row)
    return tuple(
        ForeignKey(
            name,
            tuple(row[3] for row in listed),
            TableName(listed[0][4], listed[0][5]),
            tuple(row[6] for row in listed),
            judged=judged,
        )
        for name, listed in parts.items()
    )


def _by_table(rows: Iterable[Row]) -> defaultdict[tuple[str, str], list[Row]]:
    grouped: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[0], row[1]].append(row)
    return grouped
