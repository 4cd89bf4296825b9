"""Slots for connections: advisory locks of a session, free at once when whoever holds them is gone.

Every function takes a connection in autocommit; the slots are its own and end with it."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files

from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.ledger.postgres import lock_key


@dataclass(frozen=True)
class Holder:
    """A session that holds a slot; its name is the one that it gave itself."""

    process: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.process})"


def take(connection: Connection, server: str, most: int, held: Collection[int]) -> int | None:
    """One of the slots 1 to `most` that is free and not among those that this session holds already."""
    free = [slot for slot in range(1, most + 1) if slot not in held]
    with connection.cursor() as cursor:
        # the lock is tried slot by slot, and not beyond the first that is free
        cursor.execute(
            "SELECT slot FROM unnest(%s::integer[], %s::bigint[]) AS free (slot, key) "
            "WHERE pg_try_advisory_lock(key) LIMIT 1",
            [free, [_key(server, slot) for slot in free]],
        )
        row = cursor.fetchone()
        return row[0] if row else None


def give_back(connection: Connection, server: str, slot: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(server, slot)])


def holders(connection: Connection, server: str, most: int) -> tuple[Holder, ...]:
    """Who holds the slots 1 to `most`."""
    query = files("migration_assets.ledger").joinpath("slots_holders.sql").read_text("utf-8")
    with connection.cursor() as cursor:
        cursor.execute(query, {"keys": [_key(server, slot) for slot in range(1, most + 1)]})
        return tuple(Holder(*row) for row in cursor.fetchall())


def _key(server: str, slot: int) -> int:
    return lock_key(f"connections to {server}", str(slot))
