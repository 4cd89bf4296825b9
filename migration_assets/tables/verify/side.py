"""Side: what is asked of the source and of the target while they are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from migration_assets.planning.partitions import Partition
from migration_assets.tables.fingerprint import Fingerprint

#: a row's key: the escaped fields of the primary key's columns, in the key's order
Key = tuple[bytes, ...]


@dataclass(frozen=True)
class SideRead:
    """What one side has in a partition, its rows as the target should have them."""

    fingerprint: Fingerprint
    #: rows that were read; the file of hashes has as many places
    places: int
    #: of the source: the rows before the contract's mapping, where it maps
    raw: Fingerprint | None = None
    #: of the source: rows that the contract does not let through, and the first ones' keys and reasons
    refused: int = 0
    refusals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Picked:
    """A row that was asked for by its place in a reading."""

    place: int
    line: bytes
    #: where it lies, for rows without a key
    where: str


@dataclass(frozen=True)
class Found:
    """What one side has for some keys now."""

    lines: tuple[bytes, ...]
    #: of the source: rows that the contract does not let through, with their reasons
    refused: dict[str, str] = field(default_factory=dict)


class Side(Protocol):
    # what names the snapshot that everything but `again` is read in
    def position(self) -> str: ...

    # reads a partition and leaves its hashes in the side's file
    def read(self, partition: Partition) -> SideRead: ...

    # the rows at these places of the last reading, rising
    def pick(self, partition: Partition, places: Sequence[int]) -> list[Picked]: ...

    # the rows of these keys as they are now, in a snapshot of their own
    def again(self, keys: Sequence[Key]) -> Found: ...

    def close(self) -> None: ...
