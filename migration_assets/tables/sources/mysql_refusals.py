"""An error of MySQL's driver in, one of ours out; the server's own words are never told."""

import ssl

import pymysql
from pymysql.constants import CR, ER

from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError, Passing

#: numbers of faults of the moment, and their causes
PASSING: dict[int, str] = {
    ER.CON_COUNT_ERROR: "resources",
    ER.DISK_FULL: "resources",
    ER.OUT_OF_RESOURCES: "resources",
    ER.CANT_CREATE_THREAD: "resources",
    1203: "resources",  # a user's connections are used up
    ER.USER_LIMIT_REACHED: "resources",
    ER.SERVER_SHUTDOWN: "restart",
    ER.NORMAL_SHUTDOWN: "restart",
    ER.LOCK_WAIT_TIMEOUT: "lock",
    ER.LOCK_DEADLOCK: "conflict",
    ER.TABLE_DEF_CHANGED: "conflict",
    ER.QUERY_INTERRUPTED: "connection",
    ER.ABORTING_CONNECTION: "connection",
    ER.NET_READ_ERROR: "connection",
    ER.NET_READ_INTERRUPTED: "connection",
    ER.NET_ERROR_ON_WRITE: "connection",
    ER.NET_WRITE_INTERRUPTED: "connection",
    1927: "connection",  # the connection was killed
    4031: "connection",  # the server ended a connection that did nothing
    CR.CR_CONNECTION_ERROR: "connection",
    CR.CR_CONN_HOST_ERROR: "connection",
    CR.CR_SERVER_GONE_ERROR: "connection",
    CR.CR_SERVER_LOST: "connection",
    CR.CR_SERVER_LOST_EXTENDED: "connection",
}
_DENIED = frozenset({ER.DBACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR, ER.BAD_DB_ERROR, 1698})
_FORBIDDEN = frozenset({ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR})
_NAMES = {number: name for name, number in vars(ER).items() if isinstance(number, int)}


def classify(error: pymysql.Error) -> MigrationError:
    """Passing for a fault of the moment, MappingFault otherwise; never with the server's own words,
    which may hold a row's values."""
    number = number_of(error)
    cause = PASSING.get(number)
    if cause or (number == 0 and isinstance(error, pymysql.InterfaceError)):
        return Passing(
            f"The source refused for the moment ({_told(number)})."
            if number
            else "The connection to the source was lost.",
            advice="Run the same command again.",
            cause=cause or "connection",
        )
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


def unreached(shown: str, error: pymysql.Error) -> MigrationError:
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
    if cause := PASSING.get(number):
        return Passing(
            f"{shown} cannot be reached now.", advice="Look whether it runs, then try again.", cause=cause
        )
    return ConnectionRefused(f"{shown} cannot be reached ({_told(number)}).", advice="Correct the URL.")
