"""What was asked to be rolled back: reads and writes `migration.restore`, beside the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from migration_assets.ledger.postgres import Entry, lock_key

_FIELDS = "contract, partition, before, generation, discard"


@dataclass(frozen=True)
class Asked:
    """One partition: the generation that was the newest then, and the one to put back (0: no rows)."""

    contract: str
    partition: str
    before: int
    generation: int
    #: whether rows that were changed in the target since may be lost
    discard: bool = False


def prepare(cursor: Cursor) -> None:
    """Makes the table where it is missing. The ledger itself has to be there."""
    if not _there(cursor):
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("ledger", "")])
        cursor.execute(files("migration_assets.ledger").joinpath("restores.sql").read_text())


def ask(cursor: Cursor, restore: str, asked: Sequence[Asked], by: str) -> None:
    """Notes what is asked; what was asked before of the same contracts, and is open, is given up."""
    for contract in {each.contract for each in asked}:
        cursor.execute(
            "UPDATE migration.restore SET recorded_at = clock_timestamp() "
            "WHERE contract = %s AND restore <> %s AND recorded_at IS NULL",
            [contract, restore],
        )
    for each in asked:
        cursor.execute(
            f"INSERT INTO migration.restore (restore, {_FIELDS}, asked_by) "  # noqa: S608
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [restore, each.contract, each.partition, each.before, each.generation, each.discard, by],
        )


def of(cursor: Cursor, restore: str) -> list[Asked]:
    """All partitions of one rollback; none where it is not known here."""
    if not _there(cursor):
        return []
    cursor.execute(
        f"SELECT {_FIELDS} FROM migration.restore WHERE restore = %s ORDER BY contract, partition",  # noqa: S608
        [restore],
    )
    return [Asked(*row) for row in cursor.fetchall()]


def open_one(cursor: Cursor, contracts: Collection[str]) -> tuple[str, list[Asked]]:
    """The newest rollback that is open for any of these contracts, and its open partitions; "" for none.

    newest generation    the partition
    as it was            waits to be rolled back: open
    the rollback         is rolled back, Dagster may not have it on record: open until it has
    any other            was loaded since: not open
    """
    if not _there(cursor):
        return "", []
    cursor.execute(
        f"SELECT {_FIELDS}, restore FROM migration.restore r WHERE recorded_at IS NULL "  # noqa: S608
        "AND restore = (SELECT o.restore FROM migration.restore o WHERE o.contract = ANY(%s) "
        "AND o.recorded_at IS NULL ORDER BY o.asked_at DESC LIMIT 1) "
        "AND NOT EXISTS (SELECT FROM migration.load l WHERE l.contract = r.contract "
        "AND l.partition = r.partition AND (l.generation > r.before + 1 "
        "OR (l.generation = r.before + 1 AND l.state <> 'rolled_back'))) ORDER BY contract, partition",
        [list(contracts)],
    )
    rows = cursor.fetchall()
    return (rows[0][-1], [Asked(*row[:-1]) for row in rows]) if rows else ("", [])


def is_done(asked: Asked, newest: Entry | None) -> bool:
    """Whether the partition's newest generation is the rollback that was asked for."""
    return newest is not None and (newest.generation, newest.state) == (asked.before + 1, "rolled_back")


def allow_discarding(cursor: Cursor, restore: str) -> None:
    cursor.execute("UPDATE migration.restore SET discard = true WHERE restore = %s", [restore])


def recorded(cursor: Cursor, restore: str, contract: str, partition: str) -> None:
    """Notes that Dagster has the partition's rollback on record."""
    cursor.execute(
        "UPDATE migration.restore SET recorded_at = clock_timestamp() "
        "WHERE restore = %s AND contract = %s AND partition = %s",
        [restore, contract, partition],
    )


def _there(cursor: Cursor) -> bool:
    cursor.execute("SELECT to_regclass('migration.restore') IS NOT NULL")
    row = cursor.fetchone()
    return bool(row and row[0])
