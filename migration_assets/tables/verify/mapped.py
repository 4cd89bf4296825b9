"""Mapped: what a contract makes of the source's lines, by the same judge that a load has.

Lines that pass untouched are not looked at, as in a load; where a source writes a mark in place of a
value, its batch is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migration_assets.contracts.model import Contract
from migration_assets.tables.extract import MARK
from migration_assets.tables.fingerprint import Lines
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.pieces import gathered

if TYPE_CHECKING:
    from migration_assets.tables.batch import BatchJudge

#: bytes of lines that are judged at once; memory goes with them, and four times as many are no faster
PIECE = 1 << 20


@dataclass(frozen=True)
class Batch:
    """Some rows of the source as the target should have them."""

    #: rows of the source
    number: int
    #: lines of those that may be loaded
    rows: Sequence[bytes]
    #: places in the batch, from 0, of those that may not, with key and reason
    bad: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    #: for each rule of uniqueness, 16 bytes a row
    unique: Mapping[str, bytes] = field(default_factory=dict)


class Mapped:
    """One contract's mapping; `columns` are those that are compared, None for all."""

    def __init__(self, planned: TableMapping, columns: Sequence[str] | None = None) -> None:
        self.planned = planned
        self._columns = columns
        self._judge: BatchJudge | None = None

    @property
    def unique(self) -> tuple[str, ...]:
        """The blocking rules of uniqueness that the source does not prove."""
        return tuple(rule.name for rule in self.planned.rules if rule.kind == "unique" and rule.names_rows)

    def batches(self, pieces: Iterable[bytes]) -> Iterator[Batch]:
        if not self.planned.looks:
            for piece in pieces:
                yield self._looked_at(piece, 0) if MARK in piece else self._passed(piece)
            return
        done = 0
        for piece in gathered(pieces, PIECE):
            batch = self._looked_at(piece, done)
            done += batch.number
            yield batch

    def made(self, lines: bytes) -> Batch:
        """A few rows by themselves."""
        return self._looked_at(lines, 0) if self.planned.looks or MARK in lines else self._passed(lines)

    def _passed(self, piece: bytes) -> Batch:
        rows = piece.rows if isinstance(piece, Lines) else piece.splitlines(keepends=True)
        if self._columns is not None:
            rows = projected(self.planned.contract, self._columns, piece)
        return Batch(len(rows), rows)

    def _looked_at(self, lines: bytes, first: int) -> Batch:
        if self._judge is None:
            # DuckDB and Pandera take a second to import
            from migration_assets.tables.batch import BatchJudge

            self._judge = BatchJudge(self.planned)
        judged = self._judge.judge(bytes(lines), first + 1, {})
        rows = judged.lines.splitlines(keepends=True)
        if self._columns is not None:
            rows = projected(self.planned.contract, self._columns, judged.lines)
        bad = {each.number - first - 1: (each.key, "; ".join(each.reasons.values())) for each in judged.bad}
        return Batch(judged.rows, rows, bad, judged.unique)


def projected(contract: Contract, columns: Sequence[str], lines: bytes) -> Sequence[bytes]:
    """The target's lines with some of their columns alone."""
    if not lines:
        return []
    from migration_assets.tables import copy_text

    staged = copy_text.StagedLines(bytes(lines), len(contract.columns))
    places = [place for place, column in enumerate(contract.columns) if column.name in columns]
    return copy_text.lines_of([staged.column(place) for place in places]).splitlines(keepends=True)


def chosen(contract: Contract, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are compared, in the contract's order; the primary key is always among them."""
    wanted = {*columns, *contract.primary_key} if columns else {column.name for column in contract.columns}
    return tuple(column.name for column in contract.columns if column.name in wanted)
