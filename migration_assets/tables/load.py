"""Load: one transaction that replaces a partition, proves it, and only then makes it visible.

    lock · fence · exchange the rows · read them back · count, checksum, references, rules · ledger · COMMIT

Whatever fails, the transaction rolls back: the target's partition is the old one or the new one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

import psycopg2
from psycopg2 import extensions

from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import Fenced, MigrationError, Passing, ProofFailed
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.partitions import Partition
from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.staging.partition import StagedPartition, StagedSet
from migration_assets.stores.postgres import classify
from migration_assets.tables import business_rules, read_back
from migration_assets.tables.committing import commit, roll_back
from migration_assets.tables.disagreement import differing_rows
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.proof import checksummed, counted
from migration_assets.tables.references import References, SetAside
from migration_assets.tables.replace import exchange, found_by_index, rows_of
from migration_assets.tables.throttle_flow import FREE, Flowing

#: how long a load waits for another load of the same partition, and for locks of rows that others
#: hold, in milliseconds
PATIENCE = 300_000
#: how long a load may do nothing in its transaction, in milliseconds
ASLEEP = 600_000


@dataclass(frozen=True)
class Loaded:
    """The ledger's entry when the load was committed, None when a check refused it."""

    entry: Entry | None
    outcomes: tuple[CheckOutcome, ...]
    refusal: MigrationError | None = None


@dataclass(frozen=True)
class Load:
    """One partition to load, and what it is judged against."""

    contract: Contract
    contracts: Mapping[str, Contract]
    partition: Partition
    manifest: Manifest
    staged: StagedSet
    folder: StagedPartition
    run_id: str
    #: all partition keys of a contract, to tell whether it is complete
    keys: Callable[[str], frozenset[str]]
    #: what holds the rows back to the target's limits
    flow: Flowing = FREE

    def run(self, connection: extensions.connection, again: Callable[[], extensions.connection]) -> Loaded:
        """Loads, proves and commits; `again` opens another connection, to settle a lost answer.

        Fenced when a newer generation is there; StagingRefused when the files are not what was
        written; Passing for faults of the moment; LoadRefused when the target refuses the rows.
        """
        try:
            with connection.cursor() as cursor:
                generation = self._fence(cursor)
                entry, aside, outcomes = self._exchanged(cursor, generation)
                failed = [o.name for o in outcomes if o.blocking and not o.passed]
                if failed:
                    connection.rollback()
                    return Loaded(None, outcomes, self._refused(failed))
                ledger.record(cursor, entry)
                ledger.quarantine(cursor, entry, chain(self._quarantined(), aside.rows))
            commit(connection, [entry], again)
        except psycopg2.Error as error:
            fault = classify(error)
            roll_back(connection)
            raise fault from None
        except BaseException:
            roll_back(connection)
            raise
        return Loaded(entry, outcomes)

    def _fence(self, cursor: extensions.cursor) -> int:
        """The generation that this load will be; Fenced when the staged rows are not the newest."""
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
        try:
            ledger.lock(cursor, self.contract.name, self.partition.key)
        except psycopg2.errors.LockNotAvailable:
            raise Passing(
                f"Another run is loading partition {self.partition.key} of {self.contract.name}.",
                advice="Wait for it, then run again.",
                cause="lock",
            ) from None
        # a writer that was stopped in the middle gives its locks back
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(ASLEEP)])
        newest = ledger.latest(cursor, self.contract.name, self.partition.key)
        if newest is None or newest.generation < self.manifest.generation:
            return self.manifest.generation
        if newest.staged == self.staged.name:
            return newest.generation + 1
        raise Fenced(
            f"Generation {newest.generation} of partition {self.partition.key} of {self.contract.name} was "
            f"loaded by run {newest.run_id} after these rows were extracted; the target keeps it.",
            advice="If the source has changed since, run the partition again from `extracted`.",
        )

    def _entry(self, generation: int, expected: Fingerprint, orphans: int) -> Entry:
        facts = self.manifest.facts
        return Entry(
            self.contract.name,
            self.partition.key,
            generation,
            self.run_id,
            self.contract.version,
            facts["extracted"],
            expected.rows,
            facts["quarantined"] + orphans,
            str(expected),
            "loaded",
            self.staged.name,
            facts.get("meaning"),
            facts.get("source"),
            facts.get("watermark"),
        )

    def _exchanged(
        self, cursor: extensions.cursor, generation: int
    ) -> tuple[Entry, SetAside, tuple[CheckOutcome, ...]]:
        """Puts the rows in, reads them back, and judges them."""
        meant = rows_of(self.contract, self.partition)
        with found_by_index(cursor, self.partition):
            now = exchange(cursor, self.contract, meant, self.flow.held(self.folder.read(self.manifest)))
        references = References(self.contract, self.contracts, self._whole(cursor))
        quarantines = self.contract.bad_rows == "quarantine"
        aside = references.set_aside(cursor, now) if quarantines else SetAside()
        expected = Fingerprint.parse(self.manifest.fingerprint).without(aside.fingerprint())
        entry = self._entry(generation, expected, len(aside.rows))
        with found_by_index(cursor, self.partition):
            found = read_back.found(cursor, self.contract, now)
        differing: tuple[RowKey, ...] = ()
        if found != expected:
            staged = partial(self.folder.read, self.manifest)
            target = partial(read_back.lines, cursor, self.contract, now)
            differing = differing_rows(self.contract, staged, target)
        outcomes = (
            counted(entry, found, differing),
            checksummed(expected, found, differing),
            references.judge(cursor, now, aside),
            *business_rules.ask(cursor, self.contract),
        )
        return entry, aside, outcomes

    def _whole(self, cursor: extensions.cursor) -> dict[str, bool]:
        """Which contracts have all of their partitions loaded once this load is committed."""
        whole: dict[str, bool] = {}
        for name in {self.contract.name, *(r.parent for r in self.contract.references)}:
            loaded = ledger.loaded_partitions(cursor, name)
            whole[name] = self.keys(name) <= loaded | (
                {self.partition.key} if name == self.contract.name else set()
            )
        return whole

    def _refused(self, failed: list[str]) -> ProofFailed:
        return ProofFailed(
            f"Partition {self.partition.key} of {self.contract.name} did not pass {', '.join(failed)}; "
            "the target is unchanged.",
            advice="The rows concerned are named in the checks. Correct the cause, then run it again.",
        )

    def _quarantined(self) -> Iterator[tuple[str, str, str]]:
        said = self.manifest.facts["quarantine"]
        if said is not None:
            for lines in self.folder.read_file(StagedFile(**said)):
                for line in lines.splitlines():
                    entry = json.loads(line)
                    yield entry["key"], entry["reason"], json.dumps(entry["row"])
