"""Arriving: one partition of a load, from its staged rows to rows that are proven to be in the target."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from psycopg2 import extensions, sql

from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import Fenced
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.partitions import Partition
from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.staging.partition import StagedPartition, StagedSet
from migration_assets.tables import read_back
from migration_assets.tables.disagreement import differing_rows
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.proof import checksummed, counted
from migration_assets.tables.replace import bring, found_by_index, rows_of, take_out
from migration_assets.tables.throttle_flow import Flowing


@dataclass(frozen=True)
class Arriving:
    """One partition that is loaded, alone or together with others."""

    contract: Contract
    partition: Partition
    manifest: Manifest
    staged: StagedSet
    folder: StagedPartition
    run_id: str

    @property
    def key(self) -> str:
        return self.partition.key

    @property
    def name(self) -> str:
        return f"partition {self.key} of {self.contract.name}"

    def generation(self, cursor: extensions.cursor) -> int:
        """The generation that this load will be; Fenced when the staged rows are not the newest."""
        newest = ledger.latest(cursor, self.contract.name, self.key)
        if newest is None or newest.generation < self.manifest.generation:
            return self.manifest.generation
        if newest.staged == self.staged.name:
            return newest.generation + 1
        raise Fenced(
            f"Generation {newest.generation} of {self.name} was loaded by run {newest.run_id} after these "
            "rows were extracted; the target keeps it.",
            advice="If the source has changed since, run the partition again from `extracted`.",
        )

    def take_out(self, cursor: extensions.cursor) -> None:
        with found_by_index(cursor, self.partition):
            take_out(cursor, self.contract, rows_of(self.contract, self.partition))

    def put_in(self, cursor: extensions.cursor, flow: Flowing) -> sql.Composable:
        """Puts the staged rows in; the condition of the rows that now have to be these."""
        meant = rows_of(self.contract, self.partition)
        with found_by_index(cursor, self.partition):
            return bring(cursor, self.contract, meant, flow.held(self.folder.read(self.manifest)))

    def entry(self, generation: int, expected: Fingerprint, orphans: int) -> Entry:
        facts = self.manifest.facts
        return Entry(
            self.contract.name,
            self.key,
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

    def proven(
        self, cursor: extensions.cursor, where: sql.Composable, entry: Entry
    ) -> tuple[CheckOutcome, CheckOutcome]:
        """The rows as they are read back from the target, against what the ledger is going to say."""
        with found_by_index(cursor, self.partition):
            found = read_back.found(cursor, self.contract, where)
        differing: tuple[RowKey, ...] = ()
        expected = Fingerprint.parse(entry.fingerprint)
        if found != expected:
            staged = partial(self.folder.read, self.manifest)
            target = partial(read_back.lines, cursor, self.contract, where)
            differing = differing_rows(self.contract, staged, target)
        return counted(entry, found, differing), checksummed(expected, found, differing)

    def quarantined(self) -> Iterator[tuple[str, str, str]]:
        """Key, reason and row as JSON of what was not let in before."""
        said = self.manifest.facts["quarantine"]
        if said is not None:
            for lines in self.folder.read_file(StagedFile(**said)):
                for line in lines.splitlines():
                    entry = json.loads(line)
                    yield entry["key"], entry["reason"], json.dumps(entry["row"])
