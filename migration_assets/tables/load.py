"""Load: one transaction that replaces a partition, proves it, and only then makes it visible.

    lock · fence · exchange the rows · read them back · count, checksum, references, rules · ledger · COMMIT

Whatever fails, the transaction rolls back: the target's partition is the old one or the new one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import CHECKSUM, COUNT, REFERENTIAL
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import Fenced, MigrationError, Passing, ProofFailed
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.partitions import Partition
from migration_assets.staging.folder import PartitionFolder, StagedSet
from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.stores.postgres import classify
from migration_assets.tables import business_rules, referential
from migration_assets.tables.disagreement import differing_rows
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.replace import TallyFile, exchange, read_back, rows_of

#: how long a load waits for another load of the same partition, in milliseconds
PATIENCE = 300_000


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
    folder: PartitionFolder
    run_id: str
    #: all partition keys of a contract, to tell whether it is complete
    keys: Callable[[str], frozenset[str]]

    def run(self, connection: extensions.connection, again: Callable[[], extensions.connection]) -> Loaded:
        """Loads, proves and commits; `again` opens another connection, to settle a lost answer.

        Fenced when a newer generation is there; StagingRefused when the files are not what was
        written; Passing for faults of the moment; LoadRefused when the target refuses the rows.
        """
        try:
            with connection.cursor() as cursor:
                generation = self._fence(cursor)
                entry = self._entry(generation)
                outcomes = self._exchanged(cursor, entry)
                failed = [o.name for o in outcomes if o.blocking and not o.passed]
                if failed:
                    connection.rollback()
                    return Loaded(None, outcomes, self._refused(failed))
                ledger.record(cursor, entry)
                ledger.quarantine(cursor, entry, self._quarantined())
            self._commit(connection, entry, again)
        except psycopg2.Error as error:
            fault = classify(error)
            _roll_back(connection)
            raise fault from None
        except BaseException:
            _roll_back(connection)
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
            ) from None
        cursor.execute("SET LOCAL lock_timeout = 0")
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

    def _entry(self, generation: int) -> Entry:
        facts = self.manifest.facts
        return Entry(
            self.contract.name,
            self.partition.key,
            generation,
            self.run_id,
            self.contract.version,
            facts["extracted"],
            self.manifest.rows,
            facts["quarantined"],
            self.manifest.fingerprint,
            "loaded",
            self.staged.name,
        )

    def _exchanged(self, cursor: extensions.cursor, entry: Entry) -> tuple[CheckOutcome, ...]:
        where = rows_of(self.contract, self.partition)
        now = exchange(cursor, self.contract, where, self.folder.read(self.manifest))
        back = TallyFile()
        read_back(cursor, self.contract, now, back)
        found, expected = back.fingerprint(), Fingerprint.parse(self.manifest.fingerprint)
        differing: tuple[RowKey, ...] = ()
        if found != expected:
            staged = partial(self.folder.read, self.manifest)
            differing = differing_rows(self.contract, staged, partial(self._target_lines, cursor, now))
        return (
            _count(entry, found, differing),
            CheckOutcome(
                CHECKSUM,
                found == expected,
                True,
                "The rows in the target are the contract's, to the byte."
                if found == expected
                else "Rows in the target are not the ones that the contract makes from the source.",
                {"expected": str(expected), "found": str(found), "rows": found.rows},
                differing,
            ),
            self._references(cursor, now),
            *business_rules.ask(cursor, self.contract),
        )

    def _target_lines(self, cursor: extensions.cursor, where: sql.Composable) -> Iterator[bytes]:
        """The partition as the target prints it, in pieces, for naming rows that differ."""
        pieces = _Pieces()
        read_back(cursor, self.contract, where, pieces)
        return iter(pieces.found)

    def _references(self, cursor: extensions.cursor, where: sql.Composable) -> CheckOutcome:
        """Orphans among the loaded rows, and among rows that waited for this contract to be whole."""
        done = {
            name: ledger.loaded_partitions(cursor, name)
            for name in {self.contract.name, *(r.parent for r in self.contract.references)}
        }
        done[self.contract.name] |= {self.partition.key}
        whole = {name: self.keys(name) <= loaded for name, loaded in done.items()}
        strict: list[referential.Orphans] = []
        pending = 0
        for reference in self.contract.references:
            parent = self.contracts[reference.parent]
            orphans = referential.outgoing(cursor, self.contract, reference, parent, where)
            if referential.judgement(reference, self.contract, whole[parent.name]) == "strict":
                strict.append(orphans)
            else:
                pending += orphans.total
        if whole[self.contract.name]:
            strict += referential.incoming(cursor, self.contract, self.contracts)
        total = sum(orphans.total for orphans in strict)
        missing = sorted({o.reference.parent for o in strict if o.total and not whole.get(o.reference.parent, True)})
        summary = f"{total} rows refer to rows that are not there." if total else "Every reference has its row."
        if missing:
            summary += f" Not all partitions of {', '.join(missing)} are loaded: load them first."
        if pending:
            summary += f" {pending} references wait for rows that are not loaded yet."
        rows = tuple(row for orphans in strict for row in orphans.rows)[:KEYS_SHOWN]
        counts: dict[str, int | float | str] = {
            "references": len(self.contract.references), "orphans": total, "pending": pending,
        }  # fmt: skip
        return CheckOutcome(REFERENTIAL, not total, True, summary, counts, rows)

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

    def _commit(
        self, connection: extensions.connection, entry: Entry, again: Callable[[], extensions.connection]
    ) -> None:
        """Commits; when the answer is lost, the ledger says whether it came about."""
        try:
            connection.commit()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if not connection.closed and error.pgcode is not None:
                raise
            other = again()
            try:
                with other, other.cursor() as cursor:
                    # waits until the server has ended the transaction whose answer was lost
                    ledger.lock(cursor, self.contract.name, self.partition.key)
                    newest = ledger.latest(cursor, self.contract.name, self.partition.key)
                    if newest != entry:
                        raise
            finally:
                other.close()


class _Pieces(TallyFile):
    """Keeps what it is given, compressed to nothing but rows; only used when a proof has failed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[bytes] = []

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.found.append(bytes(data))
        return len(data)


def _count(entry: Entry, found: Fingerprint, differing: tuple[RowKey, ...]) -> CheckOutcome:
    passed = found.rows == entry.loaded and entry.extracted == entry.loaded + entry.quarantined
    return CheckOutcome(
        COUNT,
        passed,
        True,
        f"{entry.extracted} rows read = {entry.loaded} loaded + {entry.quarantined} quarantined."
        if passed
        else f"{entry.loaded} rows should be in the target's partition, {found.rows} are.",
        {
            "source": entry.extracted,
            "quarantined": entry.quarantined,
            "expected": entry.loaded,
            "target": found.rows,
            "difference": found.rows - entry.loaded,
        },
        () if passed else differing,
    )


def _roll_back(connection: extensions.connection) -> None:
    try:
        connection.rollback()
    except psycopg2.Error:
        connection.close()
