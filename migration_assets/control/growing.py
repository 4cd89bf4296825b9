"""Partitions that come while definitions are loaded: windows of a scheduled contract without an end.

Dagster takes the keys of other contracts from their definitions, which are as old as the process that
has loaded them; a window that ends later would not be there. The keys of these contracts are kept in the
instance. Whoever asks for partitions, and each tick of a schedule, adds those that have come.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from migration_assets.contracts.model import ByTime, Contract
from migration_assets.control.names import stage_path

#: keys that are added at once: SQLite takes so many values in a question, and no more than three times that
AT_ONCE = 10_000


def grows(contract: Contract) -> bool:
    """Whether the contract gets partitions by itself as time goes on, and a schedule that moves them."""
    how = contract.partitioning
    return contract.schedule is not None and isinstance(how, ByTime) and how.end is None


def definition_of(contract: Contract, keys: Sequence[str]) -> dg.PartitionsDefinition[str]:
    if grows(contract):
        return dg.DynamicPartitionsDefinition(name="/".join(stage_path(contract, "loaded")[:2]))
    return dg.StaticPartitionsDefinition(list(keys))


def make_known(
    instance: dg.DagsterInstance, definition: dg.PartitionsDefinition[str], keys: Sequence[str]
) -> None:
    """Adds those of the keys that the instance does not have; nothing where the definition has them."""
    if not isinstance(definition, dg.DynamicPartitionsDefinition) or definition.name is None:
        return
    there = frozenset(instance.get_dynamic_partitions(definition.name))
    for some in _pieces([key for key in keys if key not in there]):
        instance.add_dynamic_partitions(definition.name, some)


def _pieces(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(keys), AT_ONCE):
        yield keys[at : at + AT_ONCE]
