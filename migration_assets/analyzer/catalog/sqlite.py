"""SQLite's catalog, whole, in four questions; it has no estimates, so the highest row number is one."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from migration_assets.analyzer.catalog import sqlite_text, statements
from migration_assets.analyzer.catalog.base import SHOWN, Rows
from migration_assets.analyzer.catalog.model import (
    Catalog,
    CatalogColumn,
    CatalogTable,
    ForeignKey,
    Index,
    LeftOut,
    UniqueKey,
)
from migration_assets.analyzer.catalog.model import Sequence as Counter
from migration_assets.analyzer.catalog.queries import query
from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import MappingFault
from migration_assets.tables.sources.sqlite import snapshot

__all__ = ["missing", "read", "sample", "snapshot"]

_HIGHEST = (1 << 63) - 1
_WHY = {"view": "a view", "virtual": "a virtual table", "shadow": "a virtual table's own"}


def read(snapshot: sqlite3.Connection, server: Server, schemas: Sequence[str]) -> Catalog:
    found = _ask(snapshot, query("sqlite_tables"))
    left_out = [LeftOut(TableName(None, name), _WHY[kind]) for name, _, kind, *_ in found if kind in _WHY]
    columns, indexes, keys = (
        _by_name(_ask(snapshot, query(f"sqlite_{question}")))
        for question in ("columns", "indexes", "foreign_keys")
    )
    primaries = {
        name: tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])
        for name, rows in columns.items()
    }
    tables: list[CatalogTable] = []
    for name, _, kind, without_rowid, statement in found:
        if kind in _WHY or name.startswith("sqlite_"):
            continue
        uniques, others = _indexes(indexes[name])
        counted = _counted(columns[name], without_rowid=bool(without_rowid))
        tables.append(
            CatalogTable(
                None,
                name,
                tuple(_column(row, counted) for row in columns[name]),
                primaries.get(name, ()),
                uniques,
                _foreign_keys(name, keys[name], primaries),
                others,
                sqlite_text.checks(statement),
                rows=None if without_rowid else _highest(snapshot, name),
                storage="without rowid" if without_rowid else "",
            )
        )
    version = _ask(snapshot, "SELECT sqlite_version()")[0][0]
    encoding = _ask(snapshot, "PRAGMA encoding")[0][0]
    wanted = tables if not schemas or "main" in schemas else []
    return Catalog(
        server.name,
        "sqlite",
        "SQLite",
        version,
        encoding,
        tuple(wanted),
        None,
        tuple(_sequences(wanted)),
        tuple(left_out),
    )


def sample(snapshot: sqlite3.Connection, table: CatalogTable, rows: int) -> Rows:
    columns = [
        f"CASE typeof({name}) WHEN 'blob' THEN hex(substr({name}, 1, {SHOWN})) "
        f"ELSE CAST(substr({name}, 1, {SHOWN}) AS BLOB) END"
        for name in (_quoted(column.name) for column in table.columns)
    ]
    found = _ask(snapshot, statements.sample(columns, _place(table), rows))
    return [tuple(_text(value) for value in row) for row in found]


def missing(
    snapshot: sqlite3.Connection,
    child: CatalogTable,
    columns: Sequence[str],
    parent: CatalogTable,
    parent_columns: Sequence[str],
    most: int,
) -> tuple[int, int]:
    question = statements.missing(_place(child), columns, _place(parent), parent_columns, most, _quoted)
    lost, looked = _ask(snapshot, question)[0]
    return lost, looked


def _column(row: tuple[Any, ...], counted: str | None) -> CatalogColumn:
    _, name, declared, full, default, _, hidden = row
    return CatalogColumn(
        name,
        declared,
        None,
        not full and name != counted,
        default,
        "by default" if name == counted else None,
        "computed" if hidden in (2, 3) else None,
    )


def _counted(rows: Sequence[tuple[Any, ...]], *, without_rowid: bool) -> str | None:
    """The column that is another name of the row's number."""
    keys = [row for row in rows if row[5]]
    alone = len(keys) == 1 and keys[0][2].upper() == "INTEGER" and not without_rowid
    return keys[0][1] if alone else None


def _indexes(rows: Sequence[tuple[Any, ...]]) -> tuple[tuple[UniqueKey, ...], tuple[Index, ...]]:
    parts: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        if row[3] != "pk":
            parts[row[1]].append(row)
    uniques: list[UniqueKey] = []
    others: list[Index] = []
    for name, listed in parts.items():
        whole = all(row[5] is not None for row in listed)
        columns = tuple(row[5] for row in listed) if whole else ()
        unique, partial = bool(listed[0][2]), bool(listed[0][4])
        if unique and whole and not partial:
            uniques.append(UniqueKey(name, columns))
        else:
            others.append(Index(name, columns, unique, "some rows" if partial else None))
    return tuple(uniques), tuple(others)


def _foreign_keys(
    table: str, rows: Sequence[tuple[Any, ...]], primaries: dict[str, tuple[str, ...]]
) -> tuple[ForeignKey, ...]:
    folded: dict[str, str] = {name.casefold(): name for name in primaries}
    parts: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        parts[row[1]].append(row)
    made: list[ForeignKey] = []
    for number, listed in sorted(parts.items()):
        said: str = listed[0][2]
        parent = folded.get(said.casefold(), said)
        far = tuple(row[4] for row in listed)
        if None in far:
            far = primaries.get(parent, ())
        own = tuple(row[3] for row in listed)
        # whether rows were ever judged is a switch of each connection
        made.append(ForeignKey(f"{table}_{number}", own, TableName(None, parent), far, judged=False))
    return tuple(made)


def _sequences(tables: Iterable[CatalogTable]) -> Iterable[Counter]:
    for table in tables:
        for column in table.columns:
            if column.identity:
                yield Counter(None, table.name, table.rows, _HIGHEST, table.table, column.name)


def _highest(snapshot: sqlite3.Connection, name: str) -> int:
    return _ask(snapshot, statements.highest(f"main.{_quoted(name)}"))[0][0]


def _by_name(rows: Iterable[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    grouped: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return grouped


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _place(table: CatalogTable) -> str:
    return f"main.{_quoted(table.name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ask(connection: sqlite3.Connection, statement: str) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(statement).fetchall()
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise MappingFault(
            f"The source's catalog cannot be read ({name}).",
            advice="Look at the file with `sqlite3`; `PRAGMA integrity_check` names what is damaged.",
        ) from None
