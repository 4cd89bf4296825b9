"""Limits of servers beside the migrated data: `migration.limits`, read and written by all runs.

Every function takes a connection in autocommit, or commits."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from importlib.resources import files

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.contracts.limits import NAMES, Limits
from migration_assets.ledger import postgres as ledger

_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, NAMES))


def is_there(connection: Connection) -> bool:
    """Whether limits were ever said here."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('migration.throttle') IS NOT NULL")
        row = cursor.fetchone()
        return bool(row and row[0])


def prepare(connection: Connection) -> None:
    """Makes the tables of limits where they are missing."""
    if is_there(connection):
        return
    ledger.prepare(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ledger.lock_key("ledger", "")])
        cursor.execute(files("migration_assets.ledger").joinpath("limits.sql").read_text())


def said(connection: Connection, servers: Collection[str]) -> dict[str, Limits]:
    """What is said of these servers; those of which nothing is said are left out."""
    ask = sql.SQL("SELECT server, {} FROM migration.limits WHERE server = ANY (%s)").format(_COLUMNS)
    with connection, connection.cursor() as cursor:
        cursor.execute(ask, [list(servers)])
        return {server: Limits(*numbers) for server, *numbers in cursor.fetchall()}


def say(connection: Connection, server: str, limits: Limits) -> None:
    """Says these limits of the server from now on; what is owed by the old ones is forgiven."""
    values = [server, *asdict(limits).values()]
    sets = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in NAMES)
    upsert = sql.SQL(
        "INSERT INTO migration.limits (server, {columns}) VALUES ({values}) ON CONFLICT (server) DO UPDATE "
        "SET {sets}, changed_at = clock_timestamp(), changed_by = session_user"
    ).format(columns=_COLUMNS, values=sql.SQL(", ").join([sql.Placeholder()] * len(values)), sets=sets)
    with connection, connection.cursor() as cursor:
        cursor.execute(upsert, values)
        _forgive(connection, [server])


def forget(connection: Connection, servers: Sequence[str]) -> None:
    """Nothing is said of these servers any more: what the contracts say holds."""
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM migration.limits WHERE server = ANY (%s)", [list(servers)])
        _forgive(connection, servers)


def _forgive(connection: Connection, servers: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        # in the order in which payments take them, so that neither waits for the other
        cursor.execute(
            "SELECT FROM migration.throttle WHERE server = ANY (%s) ORDER BY measure FOR UPDATE",
            [list(servers)],
        )
        cursor.execute("DELETE FROM migration.throttle WHERE server = ANY (%s)", [list(servers)])
