"""A connection to MySQL or MariaDB, held to the server's TLS and set so that values print as exact text."""

import socket
import ssl
from functools import cache
from typing import Any

import pymysql
from pymysql.connections import Connection
from sqlalchemy.engine import URL

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.stores import connections
from migration_assets.stores.connections import Tls
from migration_assets.tables.sources.mysql_refusals import classify, number_of, unreached

__all__ = ["classify", "connect", "number_of"]

#: seconds
CONNECT_TIMEOUT = 10
#: seconds without a byte from the server, or to it
SILENCE = 3600
#: seconds, seconds, probes; as for PostgreSQL
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}

#: no mode that gives quotes, bars or backslashes another meaning, or that pads CHAR
_SETTINGS = f"SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = {SILENCE}"


class _Connection(Connection):  # type: ignore[type-arg]
    """PyMySQL's, without the authorities of this machine where it verifies none: it would read them
    again for each connection."""

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        made: Any = super()
        return _unverified() if sslp == {} else made._create_ssl_ctx(sslp)


def _watched(connection: "Connection[Any]") -> None:
    """A server that is gone without a word is noticed in about a minute and a half."""
    made: Any = getattr(connection, "_sock", None)
    if not isinstance(made, socket.socket) or made.family == socket.AF_UNIX:
        return
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):  # not on every system
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(server: Server, url: str) -> "Connection[Any]":
    """An open connection; ConnectionRefused, or Passing when it may come later."""
    found = connections.parsed(server, url)
    if connections.backend_of(found) not in connections.MYSQL:
        raise ConnectionRefused(
            f"{server.variable} is not the URL of a MySQL or MariaDB server.",
            advice="Write it as `mysql://user:password@host/database`.",
        )
    held = connections.tls(server, found)
    try:
        connection = _Connection(
            **_place(found),
            **_encryption(found, held),
            charset="utf8mb4",
            init_command=_SETTINGS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=SILENCE,
            write_timeout=SILENCE,
            autocommit=None,
        )
        _watched(connection)
        return connection
    except pymysql.Error as error:
        raise unreached(connections.safe(url), error) from None
    except (OSError, ValueError):
        raise ConnectionRefused(
            f"The certificate files of {server.variable} cannot be used.",
            advice="Correct `ssl_ca`, `ssl_cert` and `ssl_key` in the URL.",
        ) from None


def _place(url: URL) -> dict[str, Any]:
    place: dict[str, Any] = {
        "host": url.host or "localhost",
        "port": url.port or 3306,
        "user": url.username or "",
        "password": url.password or "",
        "database": url.database or None,
    }
    socket = url.query.get("unix_socket")
    return place | ({"unix_socket": socket} if socket else {})


def _encryption(url: URL, held: Tls | None) -> dict[str, Any]:
    """PyMySQL's arguments; without one it takes TLS where the server has it, and does not verify."""
    if held == "disable":
        return {"ssl_disabled": True}
    if held in (None, "allow", "prefer"):
        return {}
    files = {name: url.query.get(f"ssl_{name}") for name in ("ca", "cert", "key")}
    authority, certificate, key = (str(file) if file else None for file in files.values())
    context = ssl.create_default_context(cafile=authority)
    # the authority that MySQL makes for itself is not to the letter of the standard
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = held == "verify-full"
    context.verify_mode = ssl.CERT_NONE if held == "require" else ssl.CERT_REQUIRED
    if certificate:
        context.load_cert_chain(certificate, key)
    return {"ssl": context}
