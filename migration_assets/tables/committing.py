"""The end of a transaction that the ledger has entries of: a COMMIT whose answer may get lost."""

from collections.abc import Callable, Sequence

import psycopg2
from psycopg2 import extensions

from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry


def commit(
    connection: extensions.connection, entries: Sequence[Entry], again: Callable[[], extensions.connection]
) -> None:
    """Commits; when the answer is lost, the ledger says whether it came about.

    `again` opens another connection. The driver's error where it did not come about.
    """
    try:
        connection.commit()
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        if not connection.closed and error.pgcode is not None:
            raise
        other = again()
        try:
            with other, other.cursor() as cursor:
                for entry in entries:
                    # waits until the server has ended the transaction whose answer was lost
                    ledger.lock(cursor, entry.contract, entry.partition)
                    if ledger.latest(cursor, entry.contract, entry.partition) != entry:
                        raise
        finally:
            other.close()


def roll_back(connection: extensions.connection) -> None:
    try:
        connection.rollback()
    except psycopg2.Error:
        connection.close()
