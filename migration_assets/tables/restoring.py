"""Restoring: the earlier rows of partitions that go back together, put in their place and judged again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from psycopg2 import extensions, sql

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry
from migration_assets.tables import business_rules, restore_points
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.kept import Kept
from migration_assets.tables.load import PATIENCE
from migration_assets.tables.proof import checksummed, counted
from migration_assets.tables.putting_back import Member
from migration_assets.tables.relatives import Relatives
from migration_assets.tables.rollback_refusals import changed, not_proven, refuse_another_table
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
class Restoring:
    """All partitions of a rollback, inside of its transaction; what is back already is judged alone."""

    #: in the order in which contracts are loaded
    members: Sequence[Member]
    contracts: Mapping[str, Contract]
    run_id: str
    #: all partition keys of a contract, to tell whether it is complete
    keys: Callable[[str], frozenset[str]]
    #: of each partition, the newest generation first
    histories: Histories

    @cached_property
    def todo(self) -> Sequence[Member]:
        """Those that are not back yet."""
        return [each for each in self.members if not each.is_done(self.histories[each.place])]

    def judged(self, cursor: extensions.cursor) -> dict[Place, RolledBack]:
        """What comes of each partition; nothing is committed."""
        contracts = self._contracts()
        self._lock_tables(cursor, contracts)
        if edited := self._edited(cursor):
            return edited
        relatives = Relatives(contracts, self.contracts)
        waiting = relatives.waiting(cursor)
        back = self._put_back(cursor)
        whole = self._whole(cursor)
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

    def _lock_tables(self, cursor: extensions.cursor, contracts: Mapping[str, Contract]) -> None:
        """Nobody writes from the look at what was edited to the end; readers go on."""
        for contract in contracts.values():
            refuse_another_table(cursor, contract)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
        for _, contract in sorted(contracts.items()):
            table = identifier(place_of(contract))
            cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
        cursor.execute("SET LOCAL lock_timeout = 0")

    def _contracts(self) -> dict[str, Contract]:
        return {member.contract.name: member.contract for member in self.members}

    def _put_back(self, cursor: extensions.cursor) -> dict[Place, tuple[Member, Entry, Kept, sql.Composable]]:
        """Exchanges the rows; each with its entry, the rows that it has to have, and where they are."""
        for member in self.todo:
            member.refuse_what_is_not_exact(cursor, self.histories[member.place])
        # foreign keys are looked at when all is in place; those that cannot wait see children go first
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for member in reversed(self.todo):
            member.take_out(cursor)
        back: dict[Place, tuple[Member, Entry, Kept, sql.Composable]] = {}
        for member in self.members:
            history = self.histories[member.place]
            if member in self.todo:
                entry = member.entry(history, self.run_id)
                rows = member.kept(cursor, restore_points.entry_of(history, member.asked.generation))
                where = member.put_back(cursor, rows)
            else:
                entry, rows = history[0], member.kept(cursor, history[0])
                where = member.there(cursor, entry)
            back[member.place] = member, entry, rows, where
        return back

    def _edited(self, cursor: extensions.cursor) -> dict[Place, RolledBack]:
        """What refuses the rollback because rows were changed in the target; nothing when none were."""
        refused: dict[Place, RolledBack] = {}
        for member in self.todo:
            if member.asked.discard:
                continue
            newest = self.histories[member.place][0]
            where = member.there(cursor, newest)
            expected, found = Fingerprint.parse(newest.fingerprint), member.found(cursor, where)
            if found != expected:
                differing = member.edited(cursor, newest, where)
                outcome = checksummed(expected, found, differing or ())
                refused[member.place] = RolledBack(None, Kept(), (outcome,), changed(member, differing))
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
        return {m.place: refused.get(m.place) or RolledBack(None, Kept(), (), other) for m in self.members}

    def _whole(self, cursor: extensions.cursor) -> dict[str, bool]:
        """Which contracts have all of their partitions loaded once this is committed."""
        loaded: dict[str, set[str]] = {}
        for member in self.members:
            name, partition = member.place
            there = loaded.setdefault(name, set(ledger.loaded_partitions(cursor, name)))
            there.discard(partition)
            earlier = restore_points.entry_of(self.histories[name, partition], member.asked.generation)
            if earlier is not None and not restore_points.is_empty(earlier):
                there.add(partition)
        for contract in self._contracts().values():
            for parent in {reference.parent for reference in contract.references} - loaded.keys():
                loaded[parent] = set(ledger.loaded_partitions(cursor, parent))
        return {name: self.keys(name) <= there for name, there in loaded.items()}
