"""Rollback: one transaction that puts earlier generations back, proves them, and only then shows them.

    locks · fence · nothing edited · take out · put back · read back · checks · ledger · COMMIT

Partitions whose rows may need one another go together, so that a reader sees all of them as they are
or all of them as they were; whatever fails, the target stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.postgres import Entry
from migration_assets.tables import business_rules, restore_points
from migration_assets.tables.committing import commit, roll_back
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.kept import Kept
from migration_assets.tables.load import ASLEEP, PATIENCE
from migration_assets.tables.proof import checksummed, counted
from migration_assets.tables.putting_back import Member
from migration_assets.tables.relatives import Relatives
from migration_assets.tables.rollback_refusals import (
    busy,
    changed,
    not_proven,
    refuse_another_table,
    refuse_newer,
    refused_by_target,
)
from migration_assets.tables.targets.catalog import identifier, place_of

#: (contract, partition)
Place = tuple[str, str]
Histories = Mapping[Place, Sequence[Entry]]


@dataclass(frozen=True)
class RolledBack:
    """The ledger's entry when the partition was rolled back, None when a check refused it."""

    entry: Entry | None
    kept: Kept
    outcomes: tuple[CheckOutcome, ...]
    refusal: MigrationError | None = None


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
                todo = [m for m in self.members if not _is_done(m, histories[_place(m)])]
                done = self._judged(cursor, todo, histories)
                entries = [result.entry for result in done.values() if result.entry]
                if any(result.refusal for result in done.values()):
                    connection.rollback()
                    return done
                for member in todo:
                    self._record(cursor, member, done[_place(member)])
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
        for member in sorted(self.members, key=_place):
            try:
                ledger.lock(cursor, *_place(member))
            except psycopg2.errors.LockNotAvailable:
                raise busy(member) from None
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(ASLEEP)])
        histories = {_place(m): ledger.history(cursor, *_place(m), most=ledger.ALL) for m in self.members}
        for member in self.members:
            if not _is_done(member, histories[_place(member)]):
                refuse_newer(member, histories[_place(member)])
        return histories

    def _judged(
        self, cursor: extensions.cursor, todo: Sequence[Member], histories: Histories
    ) -> dict[Place, RolledBack]:
        contracts = self._contracts()
        for contract in contracts.values():
            refuse_another_table(cursor, contract)
        # nobody writes from the look at what was edited to the end; readers go on
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
        for _, contract in sorted(contracts.items()):
            table = identifier(place_of(contract))
            cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
        cursor.execute("SET LOCAL lock_timeout = 0")
        if edited := self._edited(cursor, todo, histories):
            return edited
        relatives = Relatives(contracts, self.contracts)
        waiting = relatives.waiting(cursor)
        back = self._put_back(cursor, todo, histories)
        whole = self._whole(cursor, histories)
        rules = {name: business_rules.ask(cursor, contract) for name, contract in contracts.items()}
        left = {name: relatives.left_alone(cursor, contract, waiting) for name, contract in contracts.items()}
        done: dict[Place, RolledBack] = {}
        for place, (member, entry, rows, where) in back.items():
            found = member.found(cursor, where)
            differing = () if found == rows.fingerprint else member.differing(cursor, rows, where)
            outcomes = (
                counted(entry, found, differing),
                checksummed(rows.fingerprint, found, differing),
                relatives.judge(cursor, member.contract, where, whole, left[place[0]]),
                *rules[place[0]],
            )
            done[place] = RolledBack(entry, rows, outcomes)
        return self._concluded(cursor, done)

    def _contracts(self) -> dict[str, Contract]:
        return {member.contract.name: member.contract for member in self.members}

    def _put_back(
        self, cursor: extensions.cursor, todo: Sequence[Member], histories: Histories
    ) -> dict[Place, tuple[Member, Entry, Kept, sql.Composable]]:
        """Exchanges the rows; each with its entry, the rows that it has to have, and where they are."""
        for member in todo:
            member.refuse_what_is_not_exact(cursor, histories[_place(member)])
        # foreign keys are looked at when all is in place; those that cannot wait see children go first
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for member in reversed(todo):
            member.take_out(cursor)
        back: dict[Place, tuple[Member, Entry, Kept, sql.Composable]] = {}
        for member in self.members:
            history = histories[_place(member)]
            if member in todo:
                entry = member.entry(history, self.run_id)
                rows = member.kept(cursor, restore_points.entry_of(history, member.asked.generation))
                where = member.put_back(cursor, rows)
            else:
                entry, rows = history[0], member.kept(cursor, history[0])
                where = member.there(cursor, entry)
            back[_place(member)] = member, entry, rows, where
        return back

    def _edited(
        self, cursor: extensions.cursor, todo: Sequence[Member], histories: Histories
    ) -> dict[Place, RolledBack]:
        """What refuses the rollback because rows were changed in the target; nothing when none were."""
        refused: dict[Place, RolledBack] = {}
        for member in todo:
            if member.asked.discard:
                continue
            newest = histories[_place(member)][0]
            where = member.there(cursor, newest)
            expected, found = Fingerprint.parse(newest.fingerprint), member.found(cursor, where)
            if found != expected:
                differing = member.edited(cursor, newest, where)
                outcome = checksummed(expected, found, differing or ())
                refused[_place(member)] = RolledBack(None, Kept(), (outcome,), changed(member, differing))
        return self._with_the_others(refused) if refused else {}

    def _concluded(self, cursor: extensions.cursor, done: dict[Place, RolledBack]) -> dict[Place, RolledBack]:
        refused: dict[Place, RolledBack] = {}
        for place, result in done.items():
            failed = [o.name for o in result.outcomes if o.blocking and not o.passed]
            if failed:
                refused[place] = RolledBack(None, result.kept, result.outcomes, not_proven(place, failed))
        if refused:
            return self._with_the_others(refused)
        # now, so that a foreign key that does not hold is told by its name
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return done

    def _with_the_others(self, refused: dict[Place, RolledBack]) -> dict[Place, RolledBack]:
        """All of them or none: the others are refused for those that are."""
        first = next(iter(refused))
        why = f"It goes back together with partition {first[1]} of {first[0]}, which was refused."
        other = MigrationError(why, advice=f"See there, or leave {first[0]} out.")
        return {
            _place(m): refused.get(_place(m)) or RolledBack(None, Kept(), (), other) for m in self.members
        }

    def _whole(self, cursor: extensions.cursor, histories: Histories) -> dict[str, bool]:
        """Which contracts have all of their partitions loaded once this is committed."""
        loaded: dict[str, set[str]] = {}
        for member in self.members:
            name, partition = _place(member)
            there = loaded.setdefault(name, set(ledger.loaded_partitions(cursor, name)))
            there.discard(partition)
            earlier = restore_points.entry_of(histories[name, partition], member.asked.generation)
            if earlier is not None and not restore_points.is_empty(earlier):
                there.add(partition)
        for contract in self._contracts().values():
            for parent in {reference.parent for reference in contract.references} - loaded.keys():
                loaded[parent] = set(ledger.loaded_partitions(cursor, parent))
        return {name: self.keys(name) <= there for name, there in loaded.items()}

    def _record(self, cursor: extensions.cursor, member: Member, result: RolledBack) -> None:
        assert result.entry
        ledger.record(cursor, result.entry)
        ledger.quarantine_again(cursor, result.entry, member.asked.generation)


def _place(member: Member) -> Place:
    return member.contract.name, member.partition.key


def _is_done(member: Member, history: Sequence[Entry]) -> bool:
    return restores.is_done(member.asked, history[0])
