"""Read back: the rows that are in the target now, as it prints them."""

from collections.abc import Iterator

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.sources.copy_out import Gathered, copied
from migration_assets.tables.targets.catalog import columns_of, identifier, place_of


def found(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> Fingerprint:
    """The fingerprint of the rows that are in the target's table now; nothing of them is kept."""
    tally = Tally()
    gathered = Gathered(tally.add_rows)
    cursor.copy_expert(_query(cursor, contract, where), gathered)  # type: ignore[arg-type]
    gathered.flush()
    return tally.fingerprint()


def lines(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> Iterator[bytes]:
    """The rows that are in the target's table now, in pieces of whole lines."""
    return copied(cursor.connection, _query(cursor, contract, where))


def _query(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> str:
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT").format(
        columns_of(contract), identifier(place_of(contract)), where
    )
    return query.as_string(cursor)
