"""MySQL's and MariaDB's catalog, whole, in seven questions."""

from collections.abc import Iterator, Sequence
from typing import Any

from migration_assets.analyzer.catalog import mysql_parts, statements
from migration_assets.analyzer.catalog.base import SHOWN, Rows
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable, LeftOut
from migration_assets.analyzer.catalog.model import Sequence as Counter
from migration_assets.analyzer.catalog.queries import query
from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import MigrationError
from migration_assets.tables.sources import mysql_types
from migration_assets.tables.sources.mysql import snapshot
from migration_assets.tables.sources.mysql_session import Session

__all__ = ["missing", "read", "sample", "snapshot"]

_WHY = {
    "VIEW": "a view",
    "SYSTEM VIEW": "a table of the server's own",
    "SEQUENCE": "a sequence",
    "TEMPORARY": "a temporary table",
}
_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32}


def read(snapshot: Session, server: Server, schemas: Sequence[str]) -> Catalog:
    version, encoding, default = snapshot.ask(query("mysql_server"))[0]
    wanted = tuple(schemas) or ((default,) if default else _databases(snapshot))
    # an empty list is no SQL
    parameters = {"schemas": wanted or ("",)}
    asked: dict[str, list[tuple[Any, ...]]] = {
        name: snapshot.ask(query(f"mysql_{name}"), parameters)
        for name in ("tables", "columns", "indexes", "foreign_keys")
    }
    asked["checks"] = _checks(snapshot, parameters)
    moved = [row for row in asked["tables"] if row[2] not in _WHY]
    tables = mysql_parts.tables(moved, asked, mariadb=snapshot.is_mariadb)
    return Catalog(
        server.name,
        "mysql",
        "MariaDB" if snapshot.is_mariadb else "MySQL",
        str(version).partition("-")[0],
        encoding,
        tables,
        default,
        tuple(_counters(moved, tables)),
        tuple(LeftOut(TableName(*row[:2]), _WHY[row[2]]) for row in asked["tables"] if row[2] in _WHY),
    )


def sample(snapshot: Session, table: CatalogTable, rows: int) -> Rows:
    columns = [_shown(column.name, column.declared) for column in table.columns]
    found = snapshot.ask(statements.sample(columns, _place(table), rows))
    return [tuple(None if value is None else _text(value) for value in row) for row in found]


def missing(
    snapshot: Session,
    child: CatalogTable,
    columns: Sequence[str],
    parent: CatalogTable,
    parent_columns: Sequence[str],
    most: int,
) -> tuple[int, int]:
    question = statements.missing(_place(child), columns, _place(parent), parent_columns, most, _quoted)
    lost, looked = snapshot.ask(question)[0]
    return int(lost), int(looked)


def _databases(snapshot: Session) -> tuple[str, ...]:
    return tuple(name for (name,) in snapshot.ask(query("mysql_schemas")))


def _checks(snapshot: Session, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    name = "mariadb_checks" if snapshot.is_mariadb else "mysql_checks"
    try:
        return snapshot.ask(query(name), parameters)
    except MigrationError:
        # older servers have no such table, and no such conditions
        return []


def _counters(rows: Sequence[tuple[Any, ...]], tables: Sequence[CatalogTable]) -> Iterator[Counter]:
    following = {TableName(row[0], row[1]): row[7] for row in rows if row[7] is not None}
    for table in tables:
        for column in table.columns:
            if column.identity and table.table in following:
                last = int(following[table.table]) - 1
                most = _most(column.declared)
                yield Counter(table.schema, table.name, last, most, table.table, column.name)


def _most(declared: str) -> int:
    bits = _BITS.get(declared.partition("(")[0].split()[0], 64)
    return (1 << bits if "unsigned" in declared else 1 << (bits - 1)) - 1


def _shown(name: str, declared: str) -> str:
    kind = declared.partition("(")[0].split()[0]
    place = _quoted(name)
    if kind in mysql_types.SHAPES or kind == "bit":
        return f"HEX({place})"
    # as bytes, for the driver would not take text that is not UTF-8
    return f"CONVERT(CONVERT(LEFT({place}, {SHOWN}) USING utf8mb4) USING binary)"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _place(table: CatalogTable) -> str:
    return ".".join(_quoted(part) for part in (table.schema, table.name) if part)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
