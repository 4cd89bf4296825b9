"""Apart: what differs in a partition whose fingerprints do, named, and read again until it holds still.

hashes that differ · their rows, picked · keys · read again · why
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from migration_assets.contracts.model import Contract
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.verify import settling
from migration_assets.tables.verify.asked import Asked
from migration_assets.tables.verify.beside import Beside
from migration_assets.tables.verify.cause import Now, Then, cause
from migration_assets.tables.verify.findings import Rows, by_key, findings, rows
from migration_assets.tables.verify.proof import Compared, Proof
from migration_assets.tables.verify.record import staged_then
from migration_assets.tables.verify.side import Found, Key, Picked, SideRead
from migration_assets.tables.verify.source_side import SourceSide
from migration_assets.tables.verify.unlike import Unlike, unlike


@dataclass(frozen=True)
class Apart:
    """Both sides of a contract after a partition was read; `files` have the hashes of its rows."""

    contract: Contract
    environment: Mapping[str, str]
    asked: Asked
    columns: tuple[str, ...]
    source: SourceSide
    target: Beside
    files: tuple[Any, Any]

    def picked(
        self,
        partition: Partition,
        proof: Proof,
        read: tuple[SideRead, SideRead],
        aside: Sequence[bytes],
        entry: Entry | None,
    ) -> Callable[[], Proof]:
        """Picks the rows that differ; the answer tells what became of them, and is best asked for after a
        while."""
        ours, theirs = read
        found = unlike((self.files[0], ours.places), (self.files[1], theirs.places), self.asked.most)
        picked = self._picked(partition, found)
        seen = time.monotonic()
        source, explained = _without(picked[0], aside)
        compared = proof.compared
        if explained:
            compared = replace(
                compared,
                quarantined=compared.quarantined + len(explained),
                source=compared.source.without(fingerprint_of(explained)),
            )
        first = rows(self.contract, self.columns, source, picked[1])
        unnamed = found.source - len(picked[0]) + found.target - len(picked[1])
        begun = replace(proof, compared=compared, unnamed=unnamed)
        return lambda: self._told(partition, begun, self._settled(first, seen), ours, entry)

    def _told(
        self,
        partition: Partition,
        proof: Proof,
        settled: settling.Settled,
        ours: SideRead,
        entry: Entry | None,
    ) -> Proof:
        differing = settled.rows
        named = findings(differing, show_values=self.asked.show_values)
        tolerated = 0
        if self.contract.load_mode == "upsert":
            # rows that the source has no more, or never had, stay where rows are only added and changed
            tolerated = sum(each.number for each in named if each.kind == "extra")
            named = tuple(each for each in named if each.kind != "extra")
            differing = differing.of(differing.source.keys())
        differs = named or proof.unnamed
        return replace(
            proof,
            findings=named,
            agreed=settled.agreed,
            tolerated=tolerated,
            rows=differing,
            cause=self._cause(partition, proof.compared, ours, entry) if differs else "",
        )

    def _picked(self, partition: Partition, found: Unlike) -> tuple[list[Picked], list[Picked]]:
        theirs = self.target.ask("pick", partition, found.target_places)
        ours = self.source.pick(partition, found.source_places)
        return ours, theirs()

    def _settled(self, first: Rows, seen: float) -> settling.Settled:
        if not self.contract.primary_key or not self.source.has_keys or not first.keys:
            return settling.Settled(first, 0)
        # a key with a NULL in it cannot be asked for
        askable = [key for key in first.keys if b"\\N" not in key]
        settled = settling.settled(first.of(set(askable)), self._again, seen=seen, quiet=self.asked.quiet)
        rest = first.of(set(first.keys) - set(askable))
        both = replace(
            settled.rows,
            source={**settled.rows.source, **rest.source},
            target={**settled.rows.target, **rest.target},
        )
        return replace(settled, rows=both)

    def _again(self, keys: Sequence[Key]) -> Rows:
        asked = self.target.ask("again", keys)
        ours: Found = self.source.again(keys)
        theirs: Found = asked()
        return Rows(
            self.contract,
            self.columns,
            by_key(self.contract, self.columns, ours.lines),
            by_key(self.contract, self.columns, theirs.lines),
        )

    def _cause(self, partition: Partition, compared: Compared, ours: SideRead, entry: Entry | None) -> str:
        if self.asked.columns or self.asked.sample:
            return ""
        then: Then | None = None
        if entry is not None:
            then = staged_then(self.contract, partition.key, entry, self.environment)
        return cause(
            then,
            Now(
                str(compared.target),
                str(compared.source),
                str(ours.raw or ours.fingerprint),
                meaning(self.contract, partition),
            ),
        )


def fingerprint_of(lines: Sequence[bytes]) -> Fingerprint:
    """Of lines that somebody has in hand."""
    tally = Tally()
    tally.add_rows(lines)
    return tally.fingerprint()


def _without(picked: Sequence[Picked], aside: Sequence[bytes]) -> tuple[list[Picked], list[bytes]]:
    """The rows without those that the load set aside, and these."""
    left = list(aside)
    kept: list[Picked] = []
    explained: list[bytes] = []
    for row in picked:
        if row.line in left:
            left.remove(row.line)
            explained.append(row.line)
        else:
            kept.append(row)
    return kept, explained
