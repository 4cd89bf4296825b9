"""PostgreSQL, connected so that values print as exact text and the connection is a verified one."""

from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.stores.connections import POSTGRES, backend_of, parsed, safe, tls
from migration_assets.stores.refusals import classify, unreached

__all__ = ["APPLICATION", "SETTINGS", "Connection", "classify", "connect", "connection_arguments"]

APPLICATION = "migration-assets"
#: seconds
CONNECT_TIMEOUT = 10

#: what the session is set to, so that the text of a value is exact and always the same
SETTINGS = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmloption": "content",
    "standard_conforming_strings": "on",
    # rows that a policy would hide are an error instead
    "row_security": "off",
}

#: notices a peer that is gone within about a minute and a half
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 15, "keepalives_count": 4}


def connection_arguments(server: Server, url: str) -> dict[str, str | int]:
    """What libpq is told, in parts; the environment's PGHOST, PGSSLMODE and the like do not count.

    ConnectionRefused when the URL is not PostgreSQL's, or asks for less TLS than the server must have."""
    found = parsed(server, url)
    if backend_of(found) not in POSTGRES:
        raise ConnectionRefused(
            f"{server.variable} is not the URL of a PostgreSQL server.",
            advice="Write it as `postgresql://user:password@host/database`.",
        )
    held = tls(server, found)
    said: dict[str, str | int] = {
        name: value if isinstance(value, str) else ",".join(value) for name, value in found.query.items()
    }
    arguments: dict[str, str | int] = {
        "host": found.host or "",
        "hostaddr": "",
        "dbname": found.database or "",
        "sslmode": "prefer",
        **_KEEPALIVE,
        **said,
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": APPLICATION,
        "client_encoding": "UTF8",
    }
    parts = {"port": found.port, "user": found.username, "password": found.password}
    arguments |= {name: value for name, value in parts.items() if value is not None}
    if held is not None:
        # GSSAPI's own encryption would take the place of the certificate
        arguments |= {"sslmode": held, "gssencmode": "disable"}
    return arguments


def connect(server: Server, url: str, *, read_only: bool = False) -> Connection:
    """An open connection outside of any transaction; ConnectionRefused, or Passing when it may come later."""
    arguments: dict[str, Any] = dict(connection_arguments(server, url))
    try:
        connection = psycopg2.connect(**arguments)
    except psycopg2.Error as error:
        raise unreached(safe(url), error) from None
    try:
        _settle(connection, read_only)
    except psycopg2.Error as error:
        connection.close()
        raise classify(error) from None
    return connection


def _settle(connection: Connection, read_only: bool) -> None:
    settings = dict(SETTINGS)
    if read_only:
        settings["default_transaction_read_only"] = "on"
    connection.autocommit = True
    with connection.cursor() as cursor:
        calls = ", ".join("set_config(%s, %s, false)" for _ in settings)
        cursor.execute(f"SELECT {calls}", [word for pair in settings.items() for word in pair])
    connection.autocommit = False
    if read_only:
        connection.set_session(readonly=True)
