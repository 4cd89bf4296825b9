"""A connection to MySQL or MariaDB, held to the server's TLS and set so that values print as exact text."""

import ssl
from functools import cache
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER
from sqlalchemy.engine import URL

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError, Passing
from migration_assets.stores import connections
from migration_assets.stores.connections import Tls

#: seconds
CONNECT_TIMEOUT = 10
#: seconds without a byte from the server, or to it
SILENCE = 3600

#: no mode that gives quotes, bars or backslashes another meaning, or that pads CHAR
_SETTINGS = f"SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = {SILENCE}"

_PASSING = frozenset(
    {
        ER.CON_COUNT_ERROR,
        ER.SERVER_SHUTDOWN,
        ER.LOCK_WAIT_TIMEOUT,
        ER.LOCK_DEADLOCK,
        ER.QUERY_INTERRUPTED,
        ER.TABLE_DEF_CHANGED,
        1203,  # a user's connections are used up
        1927,  # the connection was killed
        CR.CR_CONNECTION_ERROR,
        CR.CR_CONN_HOST_ERROR,
        CR.CR_SERVER_GONE_ERROR,
        CR.CR_SERVER_LOST,
    }
)
_DENIED = frozenset({ER.DBACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR, ER.BAD_DB_ERROR, 1698})
_FORBIDDEN = frozenset({ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR})
_NAMES = {number: name for name, number in vars(ER).items() if isinstance(number, int)}


class _Connection(Connection):  # type: ignore[type-arg]
    """PyMySQL's, without the authorities of this machine where it verifies none: it would read them
    again for each connection."""

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        made: Any = super()
        return _unverified() if sslp == {} else made._create_ssl_ctx(sslp)


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
        return _Connection(
            **_place(found),
            **_encryption(found, held),
            charset="utf8mb4",
            init_command=_SETTINGS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=SILENCE,
            write_timeout=SILENCE,
            autocommit=None,
        )
    except pymysql.Error as error:
        raise _unreached(connections.safe(url), error) from None
    except (OSError, ValueError):
        raise ConnectionRefused(
            f"The certificate files of {server.variable} cannot be used.",
            advice="Correct `ssl_ca`, `ssl_cert` and `ssl_key` in the URL.",
        ) from None


def classify(error: pymysql.Error) -> MigrationError:
    """Passing for a fault of the moment, MappingFault otherwise; never with the server's own words,
    which may hold a row's values."""
    number = number_of(error)
    if number in _PASSING or (number == 0 and isinstance(error, pymysql.InterfaceError)):
        return Passing(f"The source was lost ({_told(number)}).", advice="Run the same command again.")
    if number in _FORBIDDEN:
        return ConnectionRefused(
            f"The role of the source may not read the table ({_told(number)}).",
            advice="Grant it SELECT on the table.",
        )
    return MappingFault(
        f"The source refused to read the table ({_told(number)}).",
        advice="Look at `from`, `where` and the columns of the contract, then run `migrate plan`.",
    )


def number_of(error: pymysql.Error) -> int:
    """The number of the server's or the driver's error; 0 when it has none."""
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


def _told(number: int) -> str:
    name = _NAMES.get(number, "").lower().replace("_", " ")
    return f"error {number}: {name}" if name else f"error {number}"


def _unreached(shown: str, error: pymysql.Error) -> MigrationError:
    number = number_of(error)
    inner = getattr(error, "original_exception", None)
    if isinstance(inner, ssl.SSLError) or number == CR.CR_SSL_CONNECTION_ERROR:
        return ConnectionRefused(
            f"{shown} cannot be reached: its certificate is not the one of a known authority and of this "
            "host, or it does not speak TLS.",
            advice="Name the authority in the URL (`?ssl_ca=/path/to/ca.pem`), or say what is enough in the "
            "contract's server (`tls: verify-ca`, `require` or `disable`).",
        )
    if number in _DENIED:
        return ConnectionRefused(
            f"{shown} cannot be reached: it did not take the role, its password or the database.",
            advice="Correct the URL, or the rights of its role.",
        )
    if number in _PASSING:
        return Passing(f"{shown} cannot be reached now.", advice="Look whether it runs, then try again.")
    return ConnectionRefused(f"{shown} cannot be reached ({_told(number)}).", advice="Correct the URL.")


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
