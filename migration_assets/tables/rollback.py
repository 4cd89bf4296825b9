"""Rollback: one transaction that puts earlier generations back, proves them, and only then shows them.

    locks · fence · nothing edited · take out · put back · read back · checks · ledger · COMMIT

Partitions whose rows may need one another go together, so that a reader sees all of them as they are
or all of them as they were; whatever fails, the target stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psycopg2
from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.tables.committing import commit, roll_back
from migration_assets.tables.load import ASLEEP, PATIENCE
from migration_assets.tables.putting_back import Member
from migration_assets.tables.restoring import (
    Histories,
    Place,
    Restoring,
    RolledBack,
)
from migration_assets.tables.rollback_refusals import busy, refuse_newer, refused_by_target

__all__ = ["Place", "Rollback", "RolledBack"]


@dataclass(frozen=True)
class Rollback:
    """Partitions that go back together; `members` in the order in which contracts are loaded."""

    members: Sequence[Member]
    contracts: Mapping[str, Contract]
    run_id: str
    #: all partition keys of a contract, to tell whether it is complete
    keys: Callable[[str], frozenset[str]]

    def run(
        self, connection: extensions.connection, again: Callable[[], extensions.connection]
    ) -> dict[Place, RolledBack]:
        """Puts back, proves and commits what is not back yet; proves again what is.

        `again` opens another connection, to settle a lost answer. Fenced when a partition was loaded
        since; TargetChanged, RollbackRefused and StagingRefused when it cannot be done as it was asked;
        Passing for faults of the moment; LoadRefused when the target refuses.
        """
        try:
            with connection.cursor() as cursor:
                histories = self._fence(cursor)
                restoring = Restoring(self.members, self.contracts, self.run_id, self.keys, histories)
                done = restoring.judged(cursor)
                entries = [result.entry for result in done.values() if result.entry]
                if any(result.refusal for result in done.values()):
                    connection.rollback()
                    return done
                for member in restoring.todo:
                    self._record(cursor, member, done[member.place])
            commit(connection, entries, again)
        except psycopg2.Error as error:
            roll_back(connection)
            raise refused_by_target(error) from None
        except BaseException:
            roll_back(connection)
            raise
        return done

    def _fence(self, cursor: extensions.cursor) -> Histories:
        """The ledger of every partition, each under its lock; Fenced when one was loaded since."""
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
        for member in sorted(self.members, key=lambda member: member.place):
            try:
                ledger.lock(cursor, *member.place)
            except psycopg2.errors.LockNotAvailable:
                raise busy(member) from None
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(ASLEEP)])
        histories = {m.place: ledger.history(cursor, *m.place, most=ledger.ALL) for m in self.members}
        for member in self.members:
            if not member.is_done(histories[member.place]):
                refuse_newer(member, histories[member.place])
        return histories

    def _record(self, cursor: extensions.cursor, member: Member, result: RolledBack) -> None:
        assert result.entry
        ledger.record(cursor, result.entry)
        ledger.quarantine_again(cursor, result.entry, member.asked.generation)
