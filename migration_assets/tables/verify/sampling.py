"""Sampling: a part of a contract, chosen by chance, that is compared as a whole is.

Of a contract in many partitions, some partitions; of one in few, ranges of its key in each of them.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migration_assets.contracts.carrying import carried
from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused
from migration_assets.planning.partitions import Partition, Range
from migration_assets.stores.connections import url_of
from migration_assets.tables.extract import reading
from migration_assets.tables.sources import source_of

#: from so many partitions on some of them are taken
MANY = 20
#: ranges of a key that a table is cut into
RANGES = 200


@dataclass(frozen=True)
class Sample:
    """The parts that were taken."""

    parts: tuple[Partition, ...]
    #: what they are, in words
    words: str
    #: whether they are partitions of the contract, each as a whole
    whole: bool


def sampled(
    contract: Contract,
    wanted: Sequence[Partition],
    percent: float,
    environment: Mapping[str, str],
    chance: random.Random,
) -> Sample:
    """About so many percent of the rows, at least one part.

    PlanRefused where a contract in few partitions has no key to cut by."""
    if len(wanted) >= MANY:
        number = max(1, round(len(wanted) * percent / 100))
        kept = set(chance.sample(range(len(wanted)), number))
        chosen = tuple(partition for at, partition in enumerate(wanted) if at in kept)
        return Sample(chosen, f"{number} of {len(wanted)} partitions", True)
    parts = _ranges(contract, environment)
    number = max(1, round(len(parts) * percent / 100))
    kept = set(chance.sample(range(len(parts)), number))
    chosen = tuple(part for at, part in enumerate(parts) if at in kept)
    return Sample(chosen, f"{number} of {len(parts)} ranges of {parts[0].target_column}", False)


def _ranges(contract: Contract, environment: Mapping[str, str]) -> list[Partition]:
    """The whole table in ranges of its key's first column, as the source's rows are spread."""
    key = contract.column(contract.primary_key[0]) if contract.primary_key else None
    if key is None or not key.untouched or carried(contract.columns, key.sources[0]) is None:
        raise PlanRefused(
            f"{contract.name} has no primary key that comes untouched from its source, to take a sample by.",
            advice="Verify it as a whole, or some of its partitions.",
        )
    url = url_of(contract.source, environment)
    _, source = source_of(url)
    part = Partition("sample", Range(None, None), key.sources[0], key.name)
    with source.snapshot(contract.source, url) as snapshot:
        table = source.describe(snapshot, contract.source_table)
        asked = reading(contract, table, part)
        bounds = source.ranges(snapshot, asked, max(1, source.count(snapshot, asked) // RANGES))
    edges = [None, *bounds[1:], None]
    return [
        Partition(f"sample {at + 1}", Range(edges[at], edges[at + 1]), key.sources[0], key.name)
        for at in range(len(edges) - 1)
    ]
