"""Transactions of the target's structure, and the advisory locks that keep two of them apart."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager

import psycopg2
from psycopg2 import extensions

from migration_assets.stores.postgres import classify


@contextmanager
def transaction(connection: extensions.connection) -> Generator[extensions.cursor]:
    """A cursor in one transaction, committed at the end; driver errors leave as MigrationError."""
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        raise classify(error) from None


def lock(cursor: extensions.cursor, *words: str) -> None:
    """Waits for the lock that the words name; it is free again when the transaction ends."""
    digest = hashlib.sha256("\0".join(("migration-assets", *words)).encode()).digest()
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(digest[:8], signed=True),))
