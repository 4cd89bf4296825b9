"""The catalog of any other database, as SQLAlchemy's inspector tells it: one question a kind of thing."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import ObjectKind

from migration_assets.analyzer.catalog.base import SHOWN, Rows
from migration_assets.analyzer.catalog.model import (
    Catalog,
    CatalogColumn,
    CatalogTable,
    Check,
    ForeignKey,
    Index,
    LeftOut,
    UniqueKey,
)
from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import MappingFault
from migration_assets.tables.sources.general import declared, snapshot

__all__ = ["missing", "read", "sample", "snapshot"]

_SYSTEM = ("information_schema", "pg_catalog", "sys", "crdb_internal", "pg_extension")
_USERS = frozenset({"oracle"})


def read(snapshot: Connection, server: Server, schemas: Sequence[str]) -> Catalog:
    with _told():
        inspector = sa.inspect(snapshot)
        default = inspector.default_schema_name
        # elsewhere each user is a schema, the server's own ones too
        own = default and snapshot.dialect.name in _USERS
        names = [default] if own else inspector.get_schema_names()
        wanted = schemas or [name for name in names if name and name.lower() not in _SYSTEM]
        tables = [table for schema in wanted for table in _tables(snapshot, inspector, schema)]
        views = [(schema, view) for schema in wanted for view in inspector.get_view_names(schema)]
    version = snapshot.dialect.server_version_info or ()
    return Catalog(
        server.name,
        "sqlalchemy",
        snapshot.dialect.name,
        ".".join(map(str, version)),
        "",
        tuple(tables),
        default,
        (),
        tuple(LeftOut(TableName(*view), "a view") for view in views),
    )


def sample(snapshot: Connection, table: CatalogTable, rows: int) -> Rows:
    columns = [sa.column(column.name) for column in table.columns]
    query = sa.select(*columns).select_from(sa.table(table.name, schema=table.schema)).limit(rows)
    with _told():
        found = snapshot.execute(query).fetchall()
    return [tuple(None if value is None else str(value)[:SHOWN] for value in row) for row in found]


def missing(
    snapshot: Connection,
    child: CatalogTable,
    columns: Sequence[str],
    parent: CatalogTable,
    parent_columns: Sequence[str],
    most: int,
) -> tuple[int, int]:
    far = sa.table(parent.name, *map(sa.column, parent_columns), schema=parent.schema).alias("p")
    own = sa.table(child.name, *map(sa.column, columns), schema=child.schema)
    there = sa.select(*(own.c[name] for name in columns)).where(
        *(own.c[name].is_not(None) for name in columns)
    )
    looked = there.limit(most * 20).subquery().select().distinct().limit(most).subquery()
    same = [far.c[b] == looked.c[a] for a, b in zip(columns, parent_columns, strict=True)]
    lost = sa.select(sa.literal(1)).select_from(far).where(*same).exists()
    with _told():
        all_of = snapshot.execute(sa.select(sa.func.count()).select_from(looked)).scalar_one()
        absent = snapshot.execute(sa.select(sa.func.count()).select_from(looked).where(~lost)).scalar_one()
    return absent, all_of


def _tables(snapshot: Connection, inspector: sa.Inspector, schema: str) -> list[CatalogTable]:
    def all_of(what: str) -> Mapping[str, Any]:
        """By table; empty where the dialect cannot tell."""
        try:
            found = getattr(inspector, f"get_multi_{what}")(schema=schema, kind=ObjectKind.TABLE)
        except NotImplementedError:
            return {}
        return {name: told for (_, name), told in found.items()}

    columns = all_of("columns")
    told = {
        what: all_of(what)
        for what in (
            "pk_constraint",
            "unique_constraints",
            "foreign_keys",
            "indexes",
            "check_constraints",
            "table_comment",
        )
    }
    return [
        _table(snapshot, schema, name, columns[name], {what: found.get(name) for what, found in told.items()})
        for name in sorted(columns)
    ]


def _table(
    snapshot: Connection, schema: str, name: str, columns: Sequence[Any], told: Mapping[str, Any]
) -> CatalogTable:
    indexes = [
        Index(each["name"] or "", tuple(c for c in each["column_names"] if c), bool(each["unique"]))
        for each in told["indexes"] or ()
        if not each.get("duplicates_constraint") and None not in each["column_names"]
    ]
    uniques = [
        UniqueKey(each["name"] or "", tuple(each["column_names"]))
        for each in told["unique_constraints"] or ()
    ]
    return CatalogTable(
        schema,
        name,
        tuple(_column(snapshot, each) for each in columns),
        tuple((told["pk_constraint"] or {}).get("constrained_columns") or ()),
        tuple(uniques),
        tuple(_foreign_key(schema, each) for each in told["foreign_keys"] or ()),
        tuple(indexes),
        tuple(Check(each["name"] or "check", each["sqltext"]) for each in told["check_constraints"] or ()),
        (told["table_comment"] or {}).get("text") or "",
    )


def _column(snapshot: Connection, told: Any) -> CatalogColumn:
    computed = told.get("computed")
    identity = told.get("identity")
    counts = "always" if identity and identity.get("always") else "by default"
    return CatalogColumn(
        told["name"],
        declared(snapshot, told["type"]),
        None,
        told["nullable"],
        told.get("default"),
        counts if identity or told.get("autoincrement") is True else None,
        computed["sqltext"] if computed else None,
        tuple(getattr(told["type"], "enums", None) or ()),
        told.get("comment") or "",
    )


def _foreign_key(schema: str, told: Any) -> ForeignKey:
    return ForeignKey(
        told["name"] or "",
        tuple(told["constrained_columns"]),
        TableName(told["referred_schema"] or schema, told["referred_table"]),
        tuple(told["referred_columns"]),
    )


@contextmanager
def _told() -> Generator[None]:
    """The driver's errors as ours; its words are not told, for they may hold a row's values."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        inner = type(getattr(error, "orig", None) or error).__name__
        raise MappingFault(
            f"The source's catalog cannot be read ({inner}).", advice="Look at the rights of its role."
        ) from None
