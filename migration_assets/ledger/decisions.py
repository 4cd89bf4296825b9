"""What people said of waves: reads and writes `migration.wave_decision`, beside the ledger."""

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Literal

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from migration_assets.ledger import postgres as ledger

Word = Literal["approved", "released"]
_FIELDS = "wave, digest, decision, number, decided_by, decided_at"


@dataclass(frozen=True, order=True)
class Decision:
    """The n-th word of its kind on what a wave moves (`digest`), whole seconds in UTC."""

    wave: str
    digest: str
    word: Word
    number: int
    by: str
    at: datetime


def keep(connection: Connection, said: Decision) -> Decision:
    """Makes the table where it is missing; commits. What was said first under its number stands."""
    ledger.prepare(connection)
    with connection, connection.cursor() as cursor:
        if not _there(cursor):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ledger.lock_key("ledger", "")])
            cursor.execute(files("migration_assets.ledger").joinpath("decisions.sql").read_text())
        cursor.execute(
            f"INSERT INTO migration.wave_decision ({_FIELDS}) VALUES (%s, %s, %s, %s, %s, %s) "  # noqa: S608
            "ON CONFLICT DO NOTHING",
            [said.wave, said.digest, said.word, said.number, said.by, said.at],
        )
        cursor.execute(
            f"SELECT {_FIELDS} FROM migration.wave_decision "  # noqa: S608
            "WHERE (wave, digest, decision, number) = (%s, %s, %s, %s)",
            [said.wave, said.digest, said.word, said.number],
        )
        row = cursor.fetchone()
        return Decision(*row) if row else said


def kept(cursor: Cursor) -> list[Decision]:
    """All of them, in the order in which they were said."""
    if not _there(cursor):
        return []
    cursor.execute(f"SELECT {_FIELDS} FROM migration.wave_decision ORDER BY decided_at, number")  # noqa: S608
    return [Decision(*row) for row in cursor.fetchall()]


def _there(cursor: Cursor) -> bool:
    cursor.execute("SELECT to_regclass('migration.wave_decision') IS NOT NULL")
    row = cursor.fetchone()
    return bool(row and row[0])
