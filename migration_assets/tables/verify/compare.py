"""Compare: one contract, partition by partition: both sides read at once, and what differs, named.

both snapshots · where to hash · read both, hash every row · equal? done; else told apart (`apart.py`)
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.partitions import Partition
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.verify import beside
from migration_assets.tables.verify.apart import Apart, fingerprint_of
from migration_assets.tables.verify.asked import Asked
from migration_assets.tables.verify.mapped import chosen
from migration_assets.tables.verify.method import ON_CLIENT, Trial, Way, way
from migration_assets.tables.verify.proof import Compared, Proof
from migration_assets.tables.verify.record import rows_about
from migration_assets.tables.verify.side import SideRead
from migration_assets.tables.verify.source_side import SourceSide

__all__ = ["Asked", "compare"]


def compare(contract: Contract, environment: Mapping[str, str], asked: Asked) -> Iterator[Proof]:
    """A proof for each partition, as it is there; both sides stay in one snapshot for all of them.

    ConnectionRefused, MappingFault, Passing and the like where it cannot be done; PlanRefused for a
    column that the contract has not, and for a method that it does not allow."""
    _refuse_unknown(contract, asked.columns)
    with ExitStack() as opened:
        ours, theirs = (opened.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        rows = rows_about(contract, environment, [partition.key for partition in asked.partitions])
        target = beside.opened(rows, contract, asked.columns, environment, theirs)
        opened.callback(target.close)
        source = SourceSide(contract, asked.columns, environment, ours)
        opened.callback(source.close)
        columns = chosen(contract, asked.columns)
        apart = Apart(contract, environment, asked, columns, source, target, (ours, theirs))
        both = Both(apart, rows)
        waiting: Callable[[], Proof] | None = None
        for partition in asked.partitions:
            begun = both.begun(partition)
            # rows that differ are looked at again while they have had the next partition's time
            if waiting is not None:
                yield waiting()
            waiting = begun
        if waiting is not None:
            yield waiting()


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

    apart: Apart
    #: about so many there are
    rows: int
    _positions: tuple[str, str] | None = field(default=None)

    def begun(self, partition: Partition) -> Callable[[], Proof]:
        """Reads a partition; the answer looks again at what differs, if anything does."""
        began = time.monotonic()
        asked, way = self.apart.asked, self.way
        inside = self._inside(partition) if way.in_database else None
        if inside is not None:
            ended = partial(_same, inside)
        else:
            ended = self._outside(partition, way.after_all if way.in_database else way.words)
        took = time.monotonic() - began

        def proof() -> Proof:
            again = time.monotonic()
            shown = self.apart.columns if asked.columns else ()
            found = replace(ended(), columns=shown, sample=asked.sample)
            return replace(found, seconds=took + time.monotonic() - again)

        return proof

    @cached_property
    def way(self) -> Way:
        """Where rows are hashed; the first partition is what is tried."""
        asked = self.apart.asked
        source = self.apart.source
        if not asked.partitions:
            return ON_CLIENT

        def tried() -> tuple[Trial, Trial]:
            return self._at_once("trial", source.trial, asked.partitions[0])

        return way(asked.method, self.apart.contract.name, source.unfit, self.rows, tried)

    def _inside(self, partition: Partition) -> Proof | None:
        """Where both databases come to the same sum; None where rows have to be looked at."""
        ours: Fingerprint | None
        theirs: Fingerprint | None
        ours, theirs = self._at_once("summed", self.apart.source.summed, partition)
        if ours is None or theirs is None or ours != theirs:
            return None
        compared = Compared(ours.rows, 0, 0, ours, theirs, *self.positions)
        return Proof(self.apart.contract.name, partition.key, compared, method=self.way.words)

    def _outside(self, partition: Partition, method: str) -> Callable[[], Proof]:
        ours: SideRead
        theirs: SideRead
        ours, theirs = self._at_once("read", self.apart.source.read, partition)
        target = self.apart.target
        entry: Entry | None = target.ask("entry", partition.key)()
        aside: list[bytes] = target.ask("set_aside", entry)() if entry and entry.quarantined else []
        accounted = aside if ours.fingerprint.without(fingerprint_of(aside)) == theirs.fingerprint else []
        compared = self._compared(ours, theirs, accounted)
        proof = Proof(
            self.apart.contract.name,
            partition.key,
            compared,
            refusals=tuple(RowKey(key, reason) for key, reason in ours.refusals),
            method=method,
        )
        if compared.source == compared.target:
            return partial(_same, proof)
        return self.apart.picked(partition, proof, (ours, theirs), aside, entry)

    def _at_once(self, method: str, ours: Any, partition: Partition) -> tuple[Any, Any]:
        asked = self.apart.target.ask(method, partition)
        try:
            mine = ours(partition)
        finally:
            # whatever became of the source's rows, the target's answer is taken off its line
            theirs = asked()
        return mine, theirs

    def _compared(self, ours: SideRead, theirs: SideRead, aside: Sequence[bytes]) -> Compared:
        quarantines = self.apart.contract.bad_rows == "quarantine"
        return Compared(
            ours.places,
            len(aside) + (ours.refused if quarantines else 0),
            0 if quarantines else ours.refused,
            ours.fingerprint.without(fingerprint_of(aside)),
            theirs.fingerprint,
            *self.positions,
        )

    @property
    def positions(self) -> tuple[str, str]:
        """What names the two snapshots."""
        if self._positions is None:
            self._positions = self.apart.source.position(), self.apart.target.ask("position")()
        return self._positions


def _same(proof: Proof) -> Proof:
    return proof
