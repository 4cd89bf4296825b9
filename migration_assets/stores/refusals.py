"""A PostgreSQL driver's error in, one of ours out; no word of it comes from a row.

PostgreSQL puts values into its messages for some errors (a text that is no number, whatever a
trigger raises). Of those only the error's name and place are told.
"""

import re

import psycopg2
from psycopg2 import errorcodes

from migration_assets.errors import ConnectionRefused, LoadRefused, MigrationError, Passing

#: SQLSTATE classes (and subclasses) of faults of the moment, and their causes; 55P03 is a lock that was
#: not there in time, 25P03 a transaction that was ended because its client had stopped
PASSING = {
    "08": "connection",
    "40": "conflict",
    "53": "resources",
    "57P": "restart",
    "55P03": "lock",
    "25P03": "connection",
}
#: classes whose message has names of things in it, and never a value
_TELLING = ("08", "0A", "23", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57P")

_PLACE = re.compile(r"^COPY [^\n]*?, line (\d+), column ([^\n]+?): ")

_ADVICE = {
    # rows are set aside by what is known of a type; what its server alone can read comes here
    "22": "The value does not fit the column's type: correct the contract's type, or say in transformLogic "
    "what the value becomes.",
    "23505": "Another partition has a row of this key: it moved in the source, or stands there twice. Name "
    "both partitions in one command: `migrate run CONTRACT --partitions A,B`.",
    "23": "Look at the rows in the source, or take `bad_rows: quarantine`.",
    "28": "Correct the role and its password.",
    "42501": "Grant the missing right to the role of the connection.",
    "42": "Correct the contract, then run `migrate plan`.",
}

_UNREACHED: tuple[tuple[str, str], ...] = (
    ("certificate verify failed", "its certificate is not signed by a known authority"),
    ("does not match host name", "its certificate is another host's"),
    ("could not get server's host name", "its certificate names no host"),
    ("root certificate file", "there is no root certificate to verify it with"),
    ("certificate file", "a certificate file of its URL cannot be read"),
    ("invalid connection option", "its URL has a parameter that PostgreSQL's client does not know"),
    ("does not support ssl", "it does not speak TLS"),
    ("password authentication failed", "it did not take the role's password"),
    ("no password supplied", "it asks for a password"),
    ("authentication failed", "it did not take the role"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not let this role in from here"),
    ("pg_hba.conf rejects", "its pg_hba.conf does not let this role in from here"),
    ("not permitted to log in", "the role may not log in"),
    ("permission denied for database", "the role may not connect to the database"),
    ("name or service not known", "there is no host of that name"),
)
_UNREACHED_NOW: tuple[tuple[str, str], ...] = (
    ("connection refused", "nothing listens there"),
    ("no such file or directory", "nothing listens at that socket"),
    ("timeout", "it did not answer in time"),
    ("timed out", "it did not answer in time"),
    ("temporary failure in name resolution", "its name could not be resolved now"),
    ("unreachable", "there is no way to it now"),
    ("no route to host", "there is no way to it now"),
    ("server closed the connection", "it closed the connection"),
    ("connection reset", "it closed the connection"),
    ("eof detected", "it closed the connection"),
    ("starting up", "it is starting up"),
    ("shutting down", "it is shutting down"),
    ("terminating connection", "it closed the connection"),
    ("too many clients", "it has no free connection"),
    ("too many connections", "it has no free connection"),
    ("connection slots", "it has no free connection"),
    ("not yet accepting connections", "it is starting up"),
)


def classify(error: psycopg2.Error) -> MigrationError:
    """Passing for a fault of the moment, LoadRefused otherwise; never with a value of a row."""
    state = error.pgcode
    if state is None:
        # a connection that broke in the middle of an answer is a bare DatabaseError
        lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        if lost or type(error) is psycopg2.DatabaseError:
            return Passing(
                "The connection to the database was lost.",
                advice="Run the same command again.",
                cause="connection",
            )
        return LoadRefused(f"The database driver refused the statement ({type(error).__name__}).")
    what = f"The database refused: {_told(error, state)} ({_facts(error, state)})."
    if cause := cause_of(state):
        return Passing(what, advice="Run the same command again.", cause=cause)
    return LoadRefused(what, advice=_ADVICE.get(state) or _ADVICE.get(state[:2], ""))


def cause_of(state: str) -> str:
    """Why a fault of this SQLSTATE passes; empty where it does not."""
    return next((cause for sign, cause in PASSING.items() if state.startswith(sign)), "")


def unreached(shown: str, error: psycopg2.Error) -> MigrationError:
    """Why no connection came about; `shown` is the URL as it may be shown.

    The driver gives no SQLSTATE then, so its words are recognised, and never repeated."""
    words = str(error).lower()
    if re.search(r'(role|database) "[^\n]*" does not exist', words):
        return ConnectionRefused(
            f"{shown} cannot be reached: there is no such role or database.", advice="Correct the URL."
        )
    for sign, reason in _UNREACHED:
        if sign in words:
            return ConnectionRefused(f"{shown} cannot be reached: {reason}.", advice=_remedy(sign))
    for sign, reason in _UNREACHED_NOW:
        if sign in words:
            return Passing(
                f"{shown} cannot be reached: {reason}.",
                advice="Look whether it runs, then try again.",
                cause="resources" if "free connection" in reason else "connection",
            )
    return ConnectionRefused(
        f"{shown} cannot be reached.", advice="Try it with `psql`, which tells the server's own reason."
    )


def _remedy(sign: str) -> str:
    if "certificate" in sign or "host name" in sign:
        return (
            "Name the authority in the URL (`?sslrootcert=/path/to/ca.crt`, or `sslrootcert=system`), or "
            "say what is enough in the contract's server (`tls: verify-ca`, `require` or `disable`)."
        )
    if "ssl" in sign:
        return "Let the server speak TLS, or let the contract's server say `tls: disable`."
    return "Correct the URL, or the rights of its role."


def _told(error: psycopg2.Error, state: str) -> str:
    raised = (error.diag.source_function or "").startswith("exec_stmt_raise")
    if not raised and state.startswith(_TELLING):
        return error.diag.message_primary or _name(state)
    return "a trigger or function of the database raised an error" if raised else _name(state)


def _name(state: str) -> str:
    try:
        return errorcodes.lookup(state).lower().replace("_", " ")
    except KeyError:
        return "an error"


def _facts(error: psycopg2.Error, state: str) -> str:
    diag = error.diag
    place = _PLACE.match(diag.context or "")
    facts = [
        f"{word} {name}"
        for word, name in (
            ("table", diag.table_name),
            ("column", diag.column_name or (place and place[2])),
            ("constraint", diag.constraint_name),
            ("line", place and place[1]),
        )
        if name
    ]
    return ", ".join([*facts, f"SQLSTATE {state}"])
