"""PostgreSQL, as a source or as the target."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extras, sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.analyzer.catalog.queries import query
from migration_assets.analyzer.preflight.facts import LONG, Connections, Facts, LongTransactions, Unreadable
from migration_assets.contracts.model import Server, TableName
from migration_assets.stores.connections import is_local, parsed
from migration_assets.stores.postgres import classify


def facts(connection: Connection, server: Server, url: str, tables: Sequence[TableName]) -> Facts:
    """The folder of the files is told only where it is this machine's."""
    (found,) = ask(connection, "preflight_postgres", long=LONG)
    rows = ask(
        connection,
        "preflight_postgres_tables",
        schemas=[table.schema or "public" for table in tables],
        names=[table.name for table in tables],
    )
    return Facts(
        "PostgreSQL",
        found["version"].split()[0],
        (found["number"] // 10_000, found["number"] % 10_000),
        found["role"],
        found["encoding"],
        found["time_zone"],
        found["standby"],
        tuple(_unreadable(connection, tables, rows, found["role"])),
        tuple(_writable(tables, rows, found)),
        Connections(found["most"], found["used"]),
        LongTransactions(
            found["long_transactions"],
            found["oldest"] if found["long_transactions"] else 0,
            found["sees_all"],
        ),
        found["size"],
        _folder(found["folder"], server, url),
    )


def ask(connection: Connection, question: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows by column name; driver errors leave as MigrationError."""
    try:
        with connection.cursor(cursor_factory=extras.RealDictCursor) as cursor:
            cursor.execute(query(question), parameters)
            return [dict(row) for row in cursor.fetchall()]
    except psycopg2.Error as error:
        raise classify(error) from None


def _unreadable(
    connection: Connection, tables: Sequence[TableName], rows: Sequence[Mapping[str, Any]], role: str
) -> Iterator[Unreadable]:
    who = sql.Identifier(role)

    def said(statement: str, *names: str) -> str:
        return sql.SQL(statement).format(sql.Identifier(*names), who).as_string(connection)

    for table, row in zip(tables, rows, strict=True):
        schema = table.schema or "public"
        select = said("GRANT SELECT ON {} TO {};", schema, table.name)
        if not row["has_schema"] or (row["use_schema"] and not row["present"]):
            yield Unreadable(table, "there is no such table")
        elif not row["use_schema"]:
            usage = said("GRANT USAGE ON SCHEMA {} TO {};", schema)
            remedy = usage if row["readable"] else f"{usage} {select}"
            yield Unreadable(table, f"no right USAGE on the schema {schema}", remedy)
        elif not row["readable"]:
            yield Unreadable(table, "no right SELECT", select)
        elif row["hidden"]:
            bypass = sql.SQL("ALTER ROLE {} BYPASSRLS;").format(who).as_string(connection)
            yield Unreadable(table, "a policy hides rows from the role; it needs BYPASSRLS", bypass)


def _writable(
    tables: Sequence[TableName], rows: Sequence[Mapping[str, Any]], found: Mapping[str, Any]
) -> Iterator[str]:
    if found["superuser"]:
        yield "all (it is a superuser)"
        return
    yield from (str(table) for table, row in zip(tables, rows, strict=True) if row["writable"])


def _folder(folder: str | None, server: Server, url: str) -> str | None:
    here = folder is not None and is_local(parsed(server, url)) and Path(folder, "PG_VERSION").is_file()
    return folder if here else None
