"""Transactions of the target's structure, and the advisory locks that keep two of them apart."""

import hashlib
import random
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TypeVar

import psycopg2
from psycopg2 import extensions

from migration_assets.contracts.model import TableName
from migration_assets.errors import LoadRefused, Passing
from migration_assets.stores.postgres import classify

#: seconds that a statement waits for locks, where nobody waits behind it; and where everybody does who
#: wants the table
PATIENCE, SHORT_PATIENCE = 30.0, 3.0
#: seconds that locks of the target's tables are waited for in all, and from one time to the next
ALL_PATIENCE = 300.0
PAUSES = 1.0, 5.0
#: seconds that another run is waited for which makes indexes and keys
OTHERS_PATIENCE = 3600.0

Done = TypeVar("Done")


@contextmanager
def transaction(
    connection: extensions.connection, patience: float = PATIENCE
) -> Generator[extensions.cursor]:
    """A cursor in one transaction, committed at the end; driver errors leave as MigrationError."""
    try:
        with connection, connection.cursor() as cursor:
            wait_at_most(cursor, patience)
            yield cursor
    except psycopg2.Error as error:
        raise classify(error) from None


def lock(cursor: extensions.cursor, *words: str) -> None:
    """Waits for the lock that the words name; it is free again when the transaction ends."""
    digest = hashlib.sha256("\0".join(("migration-assets", *words)).encode()).digest()
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(digest[:8], signed=True),))


def wait_at_most(cursor: extensions.cursor, seconds: float) -> None:
    """From here to the transaction's end, each statement waits so long for a lock and then gives up."""
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", (str(round(seconds * 1000)),))


def patiently(
    connection: extensions.connection, what: str, tables: Sequence[TableName], work: Callable[[], Done]
) -> Done:
    """The work, again and again while others hold the tables; LoadRefused, naming them, when they keep on.

    Not Passing: the rows are loaded, and would be loaded once more."""
    started = time.monotonic()
    while True:
        try:
            return work()
        except Passing as fault:
            if fault.cause != "lock":
                raise
            if time.monotonic() - started > ALL_PATIENCE:
                break
        time.sleep(random.uniform(*PAUSES))
    names = " and ".join(map(str, tables))
    raise LoadRefused(
        f"The rows are loaded, but {what} could not be made: for {ALL_PATIENCE:.0f} s, {names} was held by "
        f"{_holders(connection, tables)}.",
        advice="Wait for them, or end them with pg_terminate_backend, then run the partition again.",
    )


def _holders(connection: extensions.connection, tables: Sequence[TableName]) -> str:
    with transaction(connection) as cursor:
        schemas = [table.schema for table in tables]
        cursor.execute(_text("target_lock_holders"), {"schemas": schemas, "names": [t.name for t in tables]})
        found = [f"{name} (process {pid})" for pid, name in cursor.fetchall()]
    return ", ".join(found) or "others, who are gone now"


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
