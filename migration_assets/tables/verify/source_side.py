"""The source's side: rows read in one snapshot, through the contract's mapping, as a load would."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from psycopg2 import sql

from migration_assets.contracts.model import Contract
from migration_assets.errors import ProofFailed
from migration_assets.planning.partitions import WHOLE, AllRows, OneOf, Partition
from migration_assets.stores.connections import url_of
from migration_assets.tables.duplicates import repeated
from migration_assets.tables.extract import reading
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.mapping import mapping
from migration_assets.tables.sources import postgres, source_of
from migration_assets.tables.sources.base import Reading
from migration_assets.tables.verify import in_database, picking
from migration_assets.tables.verify.digests import Digests
from migration_assets.tables.verify.line_keys import key_of, key_places
from migration_assets.tables.verify.mapped import Batch, Mapped, chosen
from migration_assets.tables.verify.method import Trial
from migration_assets.tables.verify.side import Found, Key, Picked, SideRead
from migration_assets.tables.verify.source_keys import bounding, is_askable, scalar

#: rows that may not be loaded, of which the first ones are named
NAMED = 100
#: keys that are asked for at once
KEYS = 500


class SourceSide:
    """Open from its making until `close`."""

    def __init__(
        self, contract: Contract, columns: Sequence[str], environment: Mapping[str, str], file: BinaryIO
    ) -> None:
        self._contract = contract
        self._file = file
        self._url = url_of(contract.source, environment)
        self.engine, self._source = source_of(self._url)
        self._open = ExitStack()
        self._snapshot: Any = self._open.enter_context(self._source.snapshot(contract.source, self._url))
        try:
            picking.settle(self.engine, self._snapshot)
            self.table = self._source.describe(self._snapshot, contract.source_table)
            self.mapped = Mapped(
                mapping(contract, self.table), chosen(contract, columns) if columns else None
            )
        except BaseException:
            self._open.close()
            raise
        self._width = chosen(contract, columns)
        self._places = key_places(contract, self._width)

    def position(self) -> str:
        return self._source.position(self._snapshot)

    def close(self) -> None:
        self._open.close()

    def read(self, partition: Partition) -> SideRead:
        """ProofFailed where the database says that it sent other rows than were read."""
        digests, raw = Digests(self._file), Tally() if self.mapped.planned.looks else None
        refused, refusals = 0, []
        pieces = _Told(self._source.read(self._snapshot, self._asked(partition)), raw)
        with ExitStack() as files:
            hashes = {name: files.enter_context(tempfile.TemporaryFile()) for name in self.mapped.unique}
            for batch in self.mapped.batches(pieces):
                digests.add_among(batch.rows, batch.number, batch.bad)
                refused += len(batch.bad)
                refusals += list(batch.bad.values())[: NAMED - len(refusals)]
                for name, file in hashes.items():
                    file.write(batch.unique.get(name, b""))
            twice = frozenset().union(*map(_doubled, hashes.values()))
        doubled = digests.leave_out(twice)
        refusals += [(f"row {place + 1}", "another row has the same key") for place in sorted(twice)[:NAMED]]
        if pieces.said is not None and pieces.said != digests.places:
            raise ProofFailed(
                f"The source says that it sent {pieces.said} rows of partition {partition.key} of "
                f"{self._contract.name}, but {digests.places} were read.",
                advice="Run it again; if it happens again, the source's indexes may be damaged.",
            )
        return SideRead(
            digests.fingerprint(),
            digests.places,
            raw.fingerprint() if raw else None,
            refused + doubled,
            tuple(refusals[:NAMED]),
        )

    @property
    def unfit(self) -> str:
        """Why the source cannot hash what the contract makes of its rows; empty where it can."""
        if self.engine != "postgres":
            return "its source is no PostgreSQL"
        return "its rows are mapped or looked at on their way" if self.mapped.planned.looks else ""

    def summed(self, partition: Partition) -> Fingerprint | None:
        """Hashed by the source itself, where it is fit; None where it is not able to."""
        return in_database.summed(self._snapshot, *self._inside(partition))

    def trial(self, partition: Partition) -> Trial:
        return in_database.trial(self._snapshot, *self._inside(partition), Digests(self._file).add)

    def _inside(self, partition: Partition) -> tuple[list[str], sql.Composable]:
        asked = self._asked(partition)
        both = zip(self._contract.columns, asked.columns, strict=True)
        names = [theirs.name for ours, theirs in both if ours.name in self._width]
        return names, postgres.rows_meant(self._snapshot, asked)

    def pick(self, partition: Partition, places: Sequence[int]) -> list[Picked]:
        """By their places where the engine can, else by reading the partition once more."""
        asked, wanted = self._asked(partition), picking.Wanted(self._file, places)
        straight = picking.straight(self.engine, self._source, self._snapshot, asked, places)
        if straight is not None and (found := wanted.matched(self._in_order(straight))) is not None:
            return found
        return wanted.searched(self._batches(asked))

    def again(self, keys: Sequence[Key]) -> Found:
        """Rows that share one column of a key are read, and those of the keys kept."""
        lines: list[bytes] = []
        refused: dict[str, str] = {}
        column = bounding(self._contract, self.table, keys)
        with self._source.snapshot(self._contract.source, self._url) as snapshot:
            table = self._source.describe(snapshot, self._contract.source_table)
            at = self._contract.primary_key.index(column)
            values = list(dict.fromkeys(key[at] for key in keys))
            for first in range(0, len(values), KEYS):
                asked = replace(
                    reading(self._contract, table, Partition(WHOLE, AllRows())),
                    bounds=OneOf(
                        tuple(scalar(self._contract, column, value) for value in values[first : first + KEYS])
                    ),
                    bounded=table.column(self._contract.column(column).sources[0]),
                )
                piece = b"".join(self._source.read(snapshot, asked))
                batch = self.mapped.made(piece)
                lines += batch.rows
                refused |= dict(batch.bad.values())
        wanted = set(keys)
        return Found(tuple(line for line in lines if key_of(line, self._places) in wanted), refused)

    @property
    def has_keys(self) -> bool:
        """Whether rows can be asked for by their keys: some column of it passes untouched."""
        return any(is_askable(self._contract, self.table, name) for name in self._contract.primary_key)

    def _asked(self, partition: Partition) -> Reading:
        return reading(self._contract, self.table, partition)

    def _batches(self, asked: Reading) -> Iterator[Batch]:
        return self.mapped.batches(self._source.read(self._snapshot, asked))

    def _in_order(self, found: picking.Straight) -> Iterator[tuple[bytes, str]]:
        """The rows as the target should have them; those that may not be loaded are left out."""
        batch = self.mapped.made(b"".join(line for line, _ in found))
        where = [place for number, (_, place) in enumerate(found) if number not in batch.bad]
        yield from zip(batch.rows, where, strict=True)


class _Told:
    """A source's pieces; hashed as they are where that is wanted, and at their end how many rows the
    database says it sent."""

    def __init__(self, pieces: Iterator[bytes], raw: Tally | None) -> None:
        self._pieces = pieces
        self._raw = raw
        self.said: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                piece = next(self._pieces)
            except StopIteration as end:
                self.said = end.value
                return
            if self._raw is not None:
                self._raw.add(piece)
            yield piece


def _doubled(hashes: BinaryIO) -> frozenset[int]:
    hashes.flush()
    return repeated(hashes)
