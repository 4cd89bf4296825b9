"""Compare: one contract, partition by partition: both sides read at once, and what differs, named.

both snapshots · read both, hash every row · equal? done
else: hashes that differ · their rows, picked · keys · read again until they hold still · why
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.verify import beside, settling
from migration_assets.tables.verify.cause import Now, Then, cause
from migration_assets.tables.verify.findings import Rows, by_key, findings, rows
from migration_assets.tables.verify.mapped import chosen
from migration_assets.tables.verify.proof import Compared, Proof
from migration_assets.tables.verify.record import rows_about, staged_then
from migration_assets.tables.verify.side import Found, Key, Picked, SideRead
from migration_assets.tables.verify.source_side import SourceSide
from migration_assets.tables.verify.unlike import Unlike, unlike

#: rows of each side that are picked and named at most, in one partition
MOST = 50_000


@dataclass(frozen=True)
class Asked:
    """What is to be compared, and what is to be said of it."""

    partitions: tuple[Partition, ...]
    #: of the target; none: all of the contract's
    columns: tuple[str, ...] = ()
    show_values: bool = False
    #: what a sample is of, in words
    sample: str = ""
    #: seconds that a row has to differ, unchanged, before it is called a difference
    quiet: float = settling.QUIET
    most: int = MOST


def compare(contract: Contract, environment: Mapping[str, str], asked: Asked) -> Iterator[Proof]:
    """A proof for each partition, as it is there; both sides stay in one snapshot for all of them.

    ConnectionRefused, MappingFault, Passing and the like where it cannot be done; PlanRefused for a
    column that the contract has not."""
    _refuse_unknown(contract, asked.columns)
    with ExitStack() as opened:
        ours, theirs = (opened.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        rows = rows_about(contract, environment, [partition.key for partition in asked.partitions])
        target = beside.opened(rows, contract, asked.columns, environment, theirs)
        opened.callback(target.close)
        source = SourceSide(contract, asked.columns, environment, ours)
        opened.callback(source.close)
        both = Both(contract, environment, asked, source, target, (ours, theirs))
        for partition in asked.partitions:
            yield both.proof(partition)


def _refuse_unknown(contract: Contract, columns: Sequence[str]) -> None:
    known = {column.name for column in contract.columns}
    if unknown := [name for name in columns if name not in known]:
        raise PlanRefused(
            f"The contract {contract.name} has no column {', '.join(unknown)}.",
            advice="Name columns as the target has them.",
        )


@dataclass
class Both:
    """Both sides of a contract, open."""

    contract: Contract
    environment: Mapping[str, str]
    asked: Asked
    source: SourceSide
    target: beside.Beside
    files: tuple[Any, Any]
    _positions: tuple[str, str] | None = field(default=None)

    @property
    def columns(self) -> tuple[str, ...]:
        return chosen(self.contract, self.asked.columns)

    def proof(self, partition: Partition) -> Proof:
        began = time.monotonic()
        reading = self.target.ask("read", partition)
        try:
            ours = self.source.read(partition)
        finally:
            # whatever became of the source's rows, the target's answer is taken off its line
            theirs: SideRead = reading()
        entry: Entry | None = self.target.ask("entry", partition.key)()
        aside = self.target.ask("set_aside", entry)() if entry and entry.quarantined else []
        accounted = aside if ours.fingerprint.without(_fingerprint(aside)) == theirs.fingerprint else []
        compared = self._compared(ours, theirs, accounted)
        proof = Proof(
            self.contract.name,
            partition.key,
            compared,
            refusals=tuple(RowKey(key, reason) for key, reason in ours.refusals),
            columns=self.columns if self.asked.columns else (),
            sample=self.asked.sample,
        )
        if compared.source != compared.target:
            proof = self._told_apart(partition, proof, ours, theirs, aside, entry)
        return replace(proof, seconds=time.monotonic() - began)

    def _compared(self, ours: SideRead, theirs: SideRead, aside: Sequence[bytes]) -> Compared:
        quarantines = self.contract.bad_rows == "quarantine"
        if self._positions is None:
            self._positions = self.source.position(), self.target.ask("position")()
        return Compared(
            ours.places,
            len(aside) + (ours.refused if quarantines else 0),
            0 if quarantines else ours.refused,
            ours.fingerprint.without(_fingerprint(aside)),
            theirs.fingerprint,
            *self._positions,
        )

    def _told_apart(
        self,
        partition: Partition,
        proof: Proof,
        ours: SideRead,
        theirs: SideRead,
        aside: Sequence[bytes],
        entry: Entry | None,
    ) -> Proof:
        found = unlike((self.files[0], ours.places), (self.files[1], theirs.places), self.asked.most)
        picked = self._picked(partition, found)
        source, explained = _without(picked[0], aside)
        compared = proof.compared
        if explained:
            compared = replace(
                compared,
                quarantined=compared.quarantined + len(explained),
                source=compared.source.without(_fingerprint(explained)),
            )
        settled = self._settled(rows(self.contract, self.columns, source, picked[1]))
        differing = settled.rows
        named = findings(differing, show_values=self.asked.show_values)
        unnamed = found.source - len(picked[0]) + found.target - len(picked[1])
        tolerated = 0
        if self.contract.load_mode == "upsert":
            # rows that the source has no more, or never had, stay where rows are only added and changed
            tolerated = sum(each.number for each in named if each.kind == "extra")
            named = tuple(each for each in named if each.kind != "extra")
            differing = differing.of(differing.source.keys())
        return replace(
            proof,
            compared=compared,
            findings=named,
            unnamed=unnamed,
            agreed=settled.agreed,
            tolerated=tolerated,
            rows=differing,
            cause=self._cause(partition, compared, ours, entry) if named or unnamed else "",
        )

    def _picked(self, partition: Partition, found: Unlike) -> tuple[list[Picked], list[Picked]]:
        theirs = self.target.ask("pick", partition, found.target_places)
        ours = self.source.pick(partition, found.source_places)
        return ours, theirs()

    def _settled(self, first: Rows) -> settling.Settled:
        if not self.contract.primary_key or not self.source.has_keys or not first.keys:
            return settling.Settled(first, 0)
        # a key with a NULL in it cannot be asked for
        askable = [key for key in first.keys if b"\\N" not in key]
        settled = settling.settled(first.of(set(askable)), self._again, quiet=self.asked.quiet)
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


def _fingerprint(lines: Sequence[bytes]) -> Fingerprint:
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
