"""Any other database, as a source: what SQLAlchemy's dialect tells, which is little."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from migration_assets.analyzer.preflight.facts import Facts, Unreadable
from migration_assets.contracts.model import Server, TableName


def facts(connection: Connection, server: Server, url: str, tables: Sequence[TableName]) -> Facts:
    del url
    numbers = tuple(n for n in connection.dialect.server_version_info or () if isinstance(n, int))
    return Facts(
        connection.dialect.name,
        ".".join(map(str, numbers)) or "of unknown version",
        numbers,
        f"that of {server.variable}",
        "not told",
        "not told",
        unreadable=tuple(_unreadable(connection, tables)),
        writable=None,
    )


def _unreadable(connection: Connection, tables: Sequence[TableName]) -> Iterator[Unreadable]:
    for table in tables:
        place = sa.table(table.name, schema=table.schema)
        try:
            connection.execute(sa.select(sa.literal(1)).select_from(place).where(sa.false())).all()
        except exc.SQLAlchemyError:
            yield Unreadable(table, "there is no such table, or no right SELECT")
            connection.rollback()
