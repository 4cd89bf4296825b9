"""How busy a server is with others than this project, as far as its role may see it."""

import time
from functools import cache
from importlib import resources

import psycopg2
import pymysql
import sqlalchemy as sa
from pymysql.cursors import Cursor

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.stores import connections, postgres
from migration_assets.tables.sources import general, mysql_connection


def busy_with(server: Server, url: str) -> float:
    """Statements of others that run there now; milliseconds of an answer where a database does not count
    them. ConnectionRefused where it cannot be seen, or where there is no server; Passing as ever."""
    backend = connections.backend_of(connections.parsed(server, url))
    if backend in connections.POSTGRES:
        return _postgres(server, url)
    if backend in connections.MYSQL:
        return _mysql(server, url)
    if backend in connections.FILES:
        raise ConnectionRefused(f"{server.name} is a file, and has no server that could be busy.")
    return _answering(server, url)


def _postgres(server: Server, url: str) -> float:
    connection = postgres.connect(server, url, read_only=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_text("postgres_busy"), {"own": f"{postgres.APPLICATION}%"})
            active, hidden = cursor.fetchone() or (0, 0)
    except psycopg2.Error as error:
        raise postgres.classify(error) from None
    finally:
        connection.close()
    if hidden:
        raise ConnectionRefused(
            f"The role of {server.name} does not see what other sessions do.",
            advice="Grant it the role pg_read_all_stats.",
        )
    return float(active)


def _mysql(server: Server, url: str) -> float:
    """Of all threads that run, those of this role are ours."""
    connection = mysql_connection.connect(server, url)
    try:
        with Cursor(connection) as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_running'")
            running = int((cursor.fetchone() or ("", 0))[1])
            cursor.execute(_text("mysql_busy"))
            own = int((cursor.fetchone() or (0,))[0])
    except pymysql.Error as error:
        raise mysql_connection.classify(error) from None
    finally:
        connection.close()
    return float(max(0, running - own))


def _answering(server: Server, url: str) -> float:
    with general.snapshot(server, url) as connection:
        started = time.monotonic()
        connection.execute(sa.select(sa.literal(1)))
        return (time.monotonic() - started) * 1000


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
