"""The ledger beside the migrated data: reads and writes `migration.load` and `migration.quarantine`."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

_FIELDS = (
    "contract, partition, generation, run_id, contract_version, extracted, loaded, quarantined, "
    "fingerprint, state, staged, contract_digest, source_fingerprint, source_watermark"
)
#: the same of a ledger that may have been made before it kept all of them
_READ = re.sub(r"(contract_digest|source_\w+)", r"to_jsonb(l) ->> '\1'", _FIELDS)
_PLACES = ", ".join(["%s"] * (_FIELDS.count(",") + 1))


#: more generations than any partition has
ALL = 1_000_000_000


@dataclass(frozen=True)
class Entry:
    """One load of one partition, as the ledger has it."""

    contract: str
    partition: str
    generation: int
    run_id: str
    contract_version: str
    extracted: int
    loaded: int
    quarantined: int
    fingerprint: str
    state: str
    staged: str
    #: what of the contract decided which rows these are; None where it was not kept
    contract_digest: str | None = None
    #: of the rows as they were in the source
    source_fingerprint: str | None = None
    #: name of the contract's watermark column and its highest value then
    source_watermark: str | None = None


@dataclass(frozen=True)
class Standing:
    """The newest load of a partition, and when it was committed."""

    entry: Entry
    loaded_at: datetime


def prepare(connection: Connection) -> None:
    """Makes the ledger's tables where they are missing; commits."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('migration.quarantine') IS NOT NULL AND EXISTS (SELECT FROM pg_attribute "
            "WHERE attrelid = to_regclass('migration.load') AND attname = 'source_watermark')"
        )
        if _one(cursor)[0]:
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("ledger", "")])
        cursor.execute(files("migration_assets.ledger").joinpath("ledger.sql").read_text())


def is_there(cursor: Cursor) -> bool:
    """Whether anything was ever loaded, or prepared for it."""
    cursor.execute("SELECT to_regclass('migration.load') IS NOT NULL")
    return bool(_one(cursor)[0])


def lock_key(contract: str, partition: str) -> int:
    """The advisory lock of a partition: 64 bits of a hash of its name."""
    digest = hashlib.sha256(f"migration-assets\0{contract}\0{partition}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock(cursor: Cursor, contract: str, partition: str) -> None:
    """Waits for the partition's lock, held until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(contract, partition)])


def lock_at_once(cursor: Cursor, contract: str, partition: str) -> bool:
    """Takes the partition's lock where nobody has it."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key(contract, partition)])
    return bool(_one(cursor)[0])


def latest(cursor: Cursor, contract: str, partition: str) -> Entry | None:
    """The newest generation that was committed."""
    cursor.execute(
        f"SELECT {_READ} FROM migration.load l WHERE contract = %s AND partition = %s "  # noqa: S608
        "ORDER BY generation DESC LIMIT 1",
        [contract, partition],
    )
    row = cursor.fetchone()
    return Entry(*row) if row else None


def history(cursor: Cursor, contract: str, partition: str, most: int) -> list[Entry]:
    """The newest `most` generations, newest first."""
    cursor.execute(
        f"SELECT {_READ} FROM migration.load l WHERE contract = %s AND partition = %s "  # noqa: S608
        "ORDER BY generation DESC LIMIT %s",
        [contract, partition, most],
    )
    return [Entry(*row) for row in cursor.fetchall()]


def standing(cursor: Cursor, contract: str) -> dict[str, Standing]:
    """The newest generation of each partition of the contract, by partition; none without a ledger."""
    cursor.execute("SELECT to_regclass('migration.load') IS NOT NULL")
    if not _one(cursor)[0]:
        return {}
    cursor.execute(
        f"SELECT DISTINCT ON (partition) {_READ}, loaded_at FROM migration.load l WHERE contract = %s "  # noqa: S608
        "ORDER BY partition, generation DESC",
        [contract],
    )
    return {row[1]: Standing(Entry(*row[:-1]), row[-1]) for row in cursor.fetchall()}


def loaded_partitions(cursor: Cursor, contract: str) -> frozenset[str]:
    """The partitions of the contract that are loaded: not those that a rollback has emptied again."""
    cursor.execute(
        "SELECT partition FROM (SELECT DISTINCT ON (partition) partition, staged FROM migration.load "
        "WHERE contract = %s ORDER BY partition, generation DESC) AS newest WHERE staged <> ''",
        [contract],
    )
    return frozenset(row[0] for row in cursor.fetchall())


def record(cursor: Cursor, entry: Entry) -> None:
    """Adds the entry; a unique violation when the generation is already there."""
    cursor.execute(
        f"INSERT INTO migration.load ({_FIELDS}) VALUES ({_PLACES})",  # noqa: S608
        [
            entry.contract,
            entry.partition,
            entry.generation,
            entry.run_id,
            entry.contract_version,
            entry.extracted,
            entry.loaded,
            entry.quarantined,
            entry.fingerprint,
            entry.state,
            entry.staged,
            entry.contract_digest,
            entry.source_fingerprint,
            entry.source_watermark,
        ],
    )


def quarantine(cursor: Cursor, entry: Entry, rows: Iterable[tuple[str, str, str]]) -> None:
    """Adds (key, reason, row as JSON) for each row of the entry's generation that was not loaded."""
    for key, reason, row in rows:
        cursor.execute(
            "INSERT INTO migration.quarantine (contract, partition, generation, row_key, reason, row) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [entry.contract, entry.partition, entry.generation, key, reason, row],
        )


def quarantine_again(cursor: Cursor, entry: Entry, generation: int) -> None:
    """Adds the quarantined rows of an earlier generation to the entry's."""
    cursor.execute(
        "INSERT INTO migration.quarantine (contract, partition, generation, row_key, reason, row) "
        "SELECT contract, partition, %s, row_key, reason, row FROM migration.quarantine "
        "WHERE contract = %s AND partition = %s AND generation = %s",
        [entry.generation, entry.contract, entry.partition, generation],
    )


def _one(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None
    return row
