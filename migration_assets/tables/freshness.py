"""Freshness: whether the source, or the contract, has changed since a partition was loaded.

    recorded    the contract    rows     watermark or fingerprint    the partition is
    no          -               -        -                           unknown
    yes         another         -        -                           stale
    yes         the same        others   -                           stale
    yes         the same        as many  another                     stale
    yes         the same        as many  the same                    fresh

The fingerprint reads the partition as extraction does and stages nothing; it sees every change of the
columns that are read. The watermark asks for a count and a highest value; it does not see a row that was
written without its column rising above the highest one, nor as many rows gone as came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from migration_assets.contracts.model import Contract
from migration_assets.ledger.postgres import Entry
from migration_assets.planning.meaning import meanings
from migration_assets.planning.partitions import Partition
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import connect
from migration_assets.stores.trying import tried
from migration_assets.tables.extract import reading, watermark
from migration_assets.tables.fingerprint import Tally
from migration_assets.tables.sources import source_of
from migration_assets.tables.sources.base import Reading, Source
from migration_assets.tables.throttle import Throttle
from migration_assets.tables.throttle_flow import Flow

Method = Literal["contract", "watermark", "fingerprint"]

#: partitions whose watermarks are asked for in one snapshot
TOGETHER = 100


@dataclass(frozen=True)
class Freshness:
    """One partition, by what was recorded when it was loaded."""

    partition: str
    state: Literal["fresh", "stale", "unknown"]
    #: by what it was told
    method: Method
    #: a sentence; empty of what is fresh
    reason: str = ""


@dataclass(frozen=True)
class Found:
    """What the source has of a partition now."""

    rows: int
    method: Method
    #: the watermark's column and highest value, or the rows' fingerprint
    mark: str


def by_contract(partition: str, entry: Entry, meaning: str) -> Freshness | None:
    """What can be told without the source; None where it has to be asked."""
    if not entry.staged:
        return Freshness(partition, "stale", "contract", "It was rolled back to no rows.")
    if entry.contract_digest is None or entry.source_fingerprint is None:
        reason = "It is not recorded what its source was when it was loaded."
        return Freshness(partition, "unknown", "contract", reason)
    if entry.contract_digest != meaning:
        reason = "Its contract has changed since it was loaded, in what decides which rows it has."
        return Freshness(partition, "stale", "contract", reason)
    return None


def compared(partition: str, entry: Entry, found: Found) -> Freshness:
    """The source now against the source when the partition was loaded."""
    reason = ""
    if found.rows != entry.extracted:
        reason = f"Its source has {found.rows:,} rows now; {entry.extracted:,} were read."
    elif found.method == "watermark" and found.mark != entry.source_watermark:
        column = (entry.source_watermark or "").partition(" ")[0]
        reason = f"The highest {column} of its source is another one now."
    elif found.method == "fingerprint" and found.mark != entry.source_fingerprint:
        reason = "Its source has other rows now, though as many."
    return Freshness(partition, "stale" if reason else "fresh", found.method, reason)


def looked(
    contract: Contract,
    partitions: Sequence[Partition],
    entries: Mapping[str, Entry],
    environment: Mapping[str, str],
) -> Iterator[Freshness]:
    """Each of these partitions that the ledger has; the source is read where the contract is the same.

    MigrationError where the source cannot be asked.
    """
    digests = meanings(contract, partitions)
    asked: list[Partition] = []
    for partition in partitions:
        entry = entries.get(partition.key)
        if entry is None:
            continue
        if told := by_contract(partition.key, entry, digests[partition.key]):
            yield told
        else:
            asked.append(partition)
    throttle = Throttle(
        contract.name,
        contract.source,
        contract.target,
        lambda: connect(contract.target, url_of(contract.target, environment)),
    )
    # a snapshot that stays open for long is a burden to the source
    size = TOGETHER if contract.watermark else 1
    for at in range(0, len(asked), size):
        some = asked[at : at + size]
        found, _ = tried(lambda some=some: _found(contract, some, entries, environment, throttle))
        for partition in some:
            yield compared(partition.key, entries[partition.key], found[partition.key])


def _found(
    contract: Contract,
    partitions: Sequence[Partition],
    entries: Mapping[str, Entry],
    environment: Mapping[str, str],
    throttle: Throttle,
) -> dict[str, Found]:
    """Held to the source's limits, as a run is."""
    url = url_of(contract.source, environment)
    _, source = source_of(url)
    with (
        throttle.flow(contract.source, url, "looking") as flow,
        throttle.slot(contract.source),
        source.snapshot(contract.source, url) as snapshot,
    ):
        table = source.describe(snapshot, contract.source_table)
        found: dict[str, Found] = {}
        for partition in partitions:
            asked = replace(reading(contract, table, partition), batch_rows=flow.batch_rows)
            found[partition.key] = _one(contract, source, snapshot, asked, entries[partition.key], flow)
        return found


def _one(
    contract: Contract, source: Source, snapshot: Any, asked: Reading, entry: Entry, flow: Flow
) -> Found:
    """By watermark where the load recorded the same column's, else by fingerprint."""
    marked = watermark(contract, source, snapshot, asked) if entry.source_watermark else None
    if marked and _column_of(marked[1]) == _column_of(entry.source_watermark or ""):
        return Found(marked[0], "watermark", marked[1])
    tally = Tally()
    for lines in source.read(snapshot, asked):
        before = tally.rows
        tally.add(lines)
        flow.passed(tally.rows - before, len(lines))
    return Found(tally.rows, "fingerprint", str(tally.fingerprint()))


def _column_of(mark: str) -> str:
    return mark.partition(" ")[0]
