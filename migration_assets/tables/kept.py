"""Kept rows: those of one generation, as its staged files and the ledger have them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.errors import StagingRefused
from migration_assets.ledger.postgres import Entry
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition
from migration_assets.tables import copy_text
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.restore_points import is_empty
from migration_assets.tables.transform import TRANSFORMED

_NO_ROWS = Fingerprint(0, 0)


@dataclass(frozen=True)
class Kept:
    """A generation's rows; none for what is empty."""

    fingerprint: Fingerprint = _NO_ROWS
    manifest: Manifest | None = None
    folder: StagedPartition | None = None
    #: lines that are staged and were set aside when they were loaded
    left_out: Counter[bytes] = field(default_factory=Counter[bytes])

    def lines(self) -> Iterator[bytes]:
        """Pieces of whole lines; StagingRefused at the end when the bytes are not those written."""
        if self.manifest is None or self.folder is None:
            return
        waiting = self.left_out.copy()
        try:
            for piece in self.folder.read(self.manifest):
                yield _without(piece, waiting) if waiting else piece
        except StagingRefused as refused:
            raise StagingRefused(refused.what, advice=_otherwise(self.folder)) from None

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.manifest.files) if self.manifest else 0


def kept(cursor: extensions.cursor, contract: Contract, folder: StagedPartition, entry: Entry | None) -> Kept:
    """The rows of the ledger's entry (None: no rows); StagingRefused where they cannot be put back.

    Nothing but manifests is read here: the files are proven while their lines are read.
    """
    if entry is None or is_empty(entry):
        return Kept()
    staged = folder.named(entry.staged)
    manifest = staged.manifest(TRANSFORMED)
    if manifest is None:
        raise _gone(folder, entry, "are not staged any more")
    folder.check(manifest, staged, TRANSFORMED)
    if manifest.columns != tuple(column.name for column in contract.columns):
        raise _gone(folder, entry, f"have the columns of version {manifest.contract_version} of it")
    aside = entry.quarantined - manifest.facts["quarantined"]
    left_out = _set_aside(cursor, contract, entry) if aside else Counter[bytes]()
    return Kept(Fingerprint.parse(entry.fingerprint), manifest, folder, left_out)


def _gone(folder: StagedPartition, entry: Entry, why: str) -> StagingRefused:
    return StagingRefused(
        f"The rows of generation {entry.generation} of partition {folder.partition} of {folder.contract} "
        f"{why}; the target is unchanged.",
        advice=_otherwise(folder),
    )


def _otherwise(folder: StagedPartition) -> str:
    which = f"{folder.contract} --partitions {folder.partition}"
    return (
        f"`migrate rollback {which} --to N --preview` tells of another generation; `migrate run {which}` "
        "loads what the source has now."
    )


def _set_aside(cursor: extensions.cursor, contract: Contract, entry: Entry) -> Counter[bytes]:
    """The lines of the rows that were staged, and put into quarantine for want of a parent."""
    # as `references` words them
    reasons = [f"{', '.join(reference.columns)}: no row in " for reference in contract.references]
    cursor.execute(
        "SELECT row FROM migration.quarantine WHERE contract = %s AND partition = %s AND generation = %s "
        "AND EXISTS (SELECT FROM unnest(%s::text[]) AS r (beginning) WHERE starts_with(reason, r.beginning))",
        [entry.contract, entry.partition, entry.generation, reasons],
    )
    return Counter(_line(contract, row) for (row,) in cursor.fetchall())


def _line(contract: Contract, row: dict[str, Any]) -> bytes:
    fields = [pa.array([row[column.name]], pa.string()) for column in contract.columns]
    return copy_text.lines_of([copy_text.encoded(field) for field in fields])


def _without(piece: bytes, waiting: Counter[bytes]) -> bytes:
    left: list[bytes] = []
    for line in piece.splitlines(keepends=True):
        if waiting[line] > 0:
            waiting[line] -= 1
        else:
            left.append(line)
    return b"".join(left)
