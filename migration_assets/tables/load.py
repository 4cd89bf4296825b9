"""Load: one transaction that replaces partitions, proves them, and only then makes them visible.

    locks · fences · rows out · rows in · read back · count, checksum, references, rules · ledger · COMMIT

It is one partition, almost always. Whatever fails, the transaction rolls back: the target's partitions
are the old ones or the new ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import REFERENTIAL
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.errors import LoadRefused, MigrationError, Passing, ProofFailed
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry
from migration_assets.stores.postgres import classify
from migration_assets.tables import business_rules
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.committing import commit, roll_back
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.references import References, SetAside
from migration_assets.tables.targets.catalog import place_of
from migration_assets.tables.throttle_flow import FREE, Flowing

#: how long a load waits for another load of the same partition, and for locks of rows that others
#: hold, in milliseconds
PATIENCE = 300_000
#: how long a load may do nothing in its transaction, in milliseconds
ASLEEP = 600_000

#: by partition, the condition of its rows in the target
Places = Mapping[str, sql.Composable]


@dataclass(frozen=True)
class Loaded:
    """The ledger's entry when the load was committed, None when a check refused it."""

    entry: Entry | None
    outcomes: tuple[CheckOutcome, ...]
    refusal: MigrationError | None = None


@dataclass(frozen=True)
class _Judged:
    entry: Entry
    aside: SetAside
    outcomes: tuple[CheckOutcome, ...]


@dataclass(frozen=True)
class Load:
    """Partitions of one contract that are loaded together, and what they are judged against."""

    contract: Contract
    contracts: Mapping[str, Contract]
    arriving: Sequence[Arriving]
    #: all partition keys of a contract, to tell whether it is complete
    keys: Callable[[str], frozenset[str]]
    #: what holds the rows back to the target's limits
    flow: Flowing = FREE

    def run(
        self, connection: extensions.connection, again: Callable[[], extensions.connection]
    ) -> dict[str, Loaded]:
        """Loads, proves and commits all of them or none; `again` opens another connection, to settle a
        lost answer.

        Fenced when a newer generation is there; StagingRefused when the files are not what was
        written; Passing for faults of the moment; LoadRefused when the target refuses the rows.
        """
        try:
            with connection.cursor() as cursor:
                judged = self._judged(cursor, self._fence(cursor))
                done = {key: self._concluded(key, each) for key, each in judged.items()}
                if any(each.refusal for each in done.values()):
                    connection.rollback()
                    return _all_or_none(self.contract, done)
                for one in self.arriving:
                    there = judged[one.key]
                    ledger.record(cursor, there.entry)
                    ledger.quarantine(cursor, there.entry, chain(one.quarantined(), there.aside.rows))
            commit(connection, [each.entry for each in judged.values()], again)
        except psycopg2.Error as error:
            fault = self._fault(error)
            roll_back(connection)
            raise fault from None
        except BaseException:
            roll_back(connection)
            raise
        return done

    def _fence(self, cursor: extensions.cursor) -> dict[str, int]:
        """The generations that they will be; the locks are taken in one order, whoever takes them."""
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
        for one in sorted(self.arriving, key=lambda each: each.key):
            try:
                ledger.lock(cursor, self.contract.name, one.key)
            except psycopg2.errors.LockNotAvailable:
                raise Passing(
                    f"Another run is loading {one.name}.", advice="Wait for it, then run again.", cause="lock"
                ) from None
        # a writer that was stopped in the middle gives its locks back
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(ASLEEP)])
        return {one.key: one.generation(cursor) for one in self.arriving}

    def _judged(self, cursor: extensions.cursor, generations: Mapping[str, int]) -> dict[str, _Judged]:
        """Puts the rows in, reads them back, and judges them."""
        for one in self.arriving:
            one.take_out(cursor)
        places = self._put_in(cursor)
        references = References(self.contract, self.contracts, self._whole(cursor))
        aside = self._set_aside(cursor, references, places)
        judged: dict[str, _Judged] = {}
        for one in self.arriving:
            where, gone = places[one.key], aside[one.key]
            expected = Fingerprint.parse(one.manifest.fingerprint).without(gone.fingerprint())
            entry = one.entry(generations[one.key], expected, len(gone.rows))
            outcomes = (*one.proven(cursor, where, entry), references.judge(cursor, where, gone))
            judged[one.key] = _Judged(entry, gone, outcomes)
        rules = business_rules.ask(cursor, self.contract)
        return {key: _Judged(j.entry, j.aside, (*j.outcomes, *rules)) for key, j in judged.items()}

    def _put_in(self, cursor: extensions.cursor) -> dict[str, sql.Composable]:
        places: dict[str, sql.Composable] = {}
        for one in self.arriving:
            try:
                places[one.key] = one.put_in(cursor, self.flow)
            except psycopg2.Error as error:
                fault = self._fault(error)
                fault.args = (f"{one.name[0].upper()}{one.name[1:]}: {fault}",)
                raise fault from None
        return places

    def _set_aside(
        self, cursor: extensions.cursor, references: References, places: Places
    ) -> dict[str, SetAside]:
        """Orphans, where the contract says so: until none is left in any of the partitions."""
        aside = {key: SetAside() for key in places}
        left = self.contract.bad_rows == "quarantine"
        while left:
            found = [references.set_aside(cursor, where, aside[key]) for key, where in places.items()]
            left = len(places) > 1 and any(found)
        return aside

    def _whole(self, cursor: extensions.cursor) -> dict[str, bool]:
        """Which contracts have all of their partitions loaded once this load is committed."""
        whole: dict[str, bool] = {}
        for name in {self.contract.name, *(r.parent for r in self.contract.references)}:
            loaded = ledger.loaded_partitions(cursor, name)
            mine = {one.key for one in self.arriving} if name == self.contract.name else set[str]()
            whole[name] = self.keys(name) <= loaded | mine
        return whole

    def _concluded(self, key: str, judged: _Judged) -> Loaded:
        failed = [o.name for o in judged.outcomes if o.blocking and not o.passed]
        if not failed:
            return Loaded(judged.entry, judged.outcomes)
        refusal = ProofFailed(
            f"Partition {key} of {self.contract.name} did not pass {', '.join(failed)}; the target is "
            "unchanged.",
            advice="The rows concerned are named in the checks. Correct the cause, then run it again.",
        )
        # rows that refer to rows of their own table may find them in partitions that come later
        if self._refers_to_itself and failed == [REFERENTIAL]:
            refusal.together = "references"
        return Loaded(None, judged.outcomes, refusal)

    @property
    def _refers_to_itself(self) -> bool:
        return any(reference.parent == self.contract.name for reference in self.contract.references)

    def _fault(self, error: psycopg2.Error) -> MigrationError:
        """What the target refused; marked where rows of the contract's other partitions may be the cause:
        they have keys of these rows, or rows are referred to that went there."""
        fault = classify(error)
        place = place_of(self.contract)
        mine = (error.diag.schema_name, error.diag.table_name) == (place.schema, place.name)
        if self.contract.load_mode != "replace":
            return fault
        if isinstance(error, psycopg2.errors.ForeignKeyViolation) and (not mine or self._refers_to_itself):
            fault = LoadRefused(
                fault.what,
                advice="Rows that would go are referred to. Where they went to another partition, both have "
                f"to be in one command: `migrate run {self.contract.name}` takes all that have changed.",
            )
            fault.together = "references"
        elif mine and isinstance(error, psycopg2.errors.UniqueViolation):
            fault.together = "keys"
        return fault


def _all_or_none(contract: Contract, done: Mapping[str, Loaded]) -> dict[str, Loaded]:
    """The others are refused for those that are."""
    first = next(key for key, each in done.items() if each.refusal)
    other = MigrationError(
        f"It is loaded together with partition {first} of {contract.name}, as they have rows of each other, "
        "and that one was refused.",
        advice="See there.",
    )
    return {key: each if each.refusal else Loaded(None, (), other) for key, each in done.items()}
