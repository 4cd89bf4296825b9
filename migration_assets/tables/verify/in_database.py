"""Inside a database: PostgreSQL adds up the hashes of its rows itself, and sends one line.

A row's text is that of the whole record, so that it is made by the very functions that print a field of
COPY: two rows have the same record text exactly when they have the same line.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg2
from psycopg2 import sql

from migration_assets.stores.postgres import classify
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.sources.copy_out import Gathered
from migration_assets.tables.verify.method import TRIED, Trial

_LANE = 1 << 64
#: the hash's first 128 bits, as two numbers of 64 that are added up without an overflow
_SUMS = """
SELECT count(*), coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint), 0),
       coalesce(sum(('x' || substr(digest, 17, 16))::bit(64)::bigint), 0)
FROM (
    SELECT encode(sha256(convert_to((ROW({columns}))::text, 'UTF8')), 'hex') AS digest FROM ({rows}) AS r
    OFFSET 0
) AS digests
"""
#: a record's text may be longer than the fields that COPY prints one by one; old servers have no sha256
_UNABLE = (
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.OutOfMemory,
    psycopg2.errors.UndefinedFunction,
    psycopg2.errors.CharacterNotInRepertoire,
    psycopg2.errors.UntranslatableCharacter,
)


def summed(connection: Any, names: list[str], rows: sql.Composable) -> Fingerprint | None:
    """The fingerprint of `SELECT names rows`; None where the server cannot make it."""
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    chosen = sql.SQL("SELECT {}{}").format(columns, rows)
    records = sql.SQL(", ").join(sql.Identifier("r", name) for name in names)
    query = sql.SQL(_SUMS).format(columns=records, rows=chosen)
    with connection.cursor() as cursor:
        try:
            cursor.execute("SAVEPOINT summing")
            try:
                cursor.execute(query)
                number, high, low = cursor.fetchone()
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT summing; RELEASE SAVEPOINT summing")
        except _UNABLE:
            return None
        except psycopg2.Error as error:
            raise classify(error) from None
    return Fingerprint(number, (int(high) % _LANE) * _LANE + int(low) % _LANE)


def trial(
    connection: Any, names: list[str], rows: sql.Composable, hashed: Callable[[list[bytes]], None]
) -> Trial:
    """Some rows each way; they are read once before, so that neither finds what the other left."""
    some = rows + sql.SQL(" LIMIT {}").format(sql.Literal(TRIED))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL("COPY (SELECT {}{}) TO STDOUT").format(columns, some).as_string(connection)
    gathered = Gathered(hashed)

    def read() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.copy_expert(query, gathered)
        except psycopg2.Error as error:
            raise classify(error) from None
        gathered.flush()

    read()
    return Trial(_seconds(read), _seconds(lambda: summed(connection, names, some)))


def _seconds(done: Callable[[], object]) -> float:
    began = time.perf_counter()
    done()
    return time.perf_counter() - began
