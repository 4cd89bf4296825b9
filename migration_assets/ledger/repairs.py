"""What was repaired: writes `migration.repair`, beside the ledger."""

from collections.abc import Iterable
from importlib.resources import files

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from migration_assets.ledger.postgres import lock_key


def prepare(cursor: Cursor) -> None:
    """Makes the table where it is missing. The ledger itself has to be there."""
    cursor.execute("SELECT to_regclass('migration.repair') IS NOT NULL")
    if not (cursor.fetchone() or (False,))[0]:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("ledger", "")])
        cursor.execute(files("migration_assets.ledger").joinpath("repairs.sql").read_text())


def record(
    cursor: Cursor, contract: str, partition: str, done: Iterable[tuple[str, str]], repaired_by: str
) -> None:
    """Adds (key, what was done) for each row."""
    for key, what in done:
        cursor.execute(
            "INSERT INTO migration.repair (contract, partition, row_key, done, repaired_by) "
            "VALUES (%s, %s, %s, %s, %s)",
            [contract, partition, key, what, repaired_by],
        )
