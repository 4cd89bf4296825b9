"""Planning from the source: key ranges and values, read once and frozen beside the contract."""

from collections.abc import Mapping
from dataclasses import replace

from migration_assets.contracts.model import ByKey, ByValue, Contract
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.partitions import CEILING, AllRows, Partition
from migration_assets.planning.planned import Planned
from migration_assets.stores.connections import url_of
from migration_assets.tables.extract import reading
from migration_assets.tables.sources import source_of


def plan_partitions(contract: Contract, environment: Mapping[str, str]) -> Planned | None:
    """Plans and freezes the contract's key ranges or values; None where nothing has to be planned.

    An existing plan is never changed. PlanRefused when there would be too many partitions.
    """
    how = contract.partitioning
    if not frozen.is_planned_from_source(contract):
        return None
    if frozen.plan_file(contract).exists():
        return Planned(contract.name, len(frozen.read(contract).bounds), made=False)
    url = url_of(contract.source, environment)
    _, source = source_of(url)
    with source.snapshot(contract.source, url) as snapshot:
        table = source.describe(snapshot, contract.source_table)
        assert isinstance(how, ByKey | ByValue)
        column = _source_column(contract, how.column)
        asked = reading(contract, table, Partition("", AllRows(), column, None))
        asked = replace(asked, bounds=AllRows())
        if isinstance(how, ByKey):
            bounds = source.ranges(snapshot, asked, how.rows)
        else:
            bounds = source.values(snapshot, asked, CEILING)
    if len(bounds) + 1 > CEILING:
        raise PlanRefused(
            f"{contract.name} would have {len(bounds) + 1} partitions, more than {CEILING}.",
            advice="Take more rows a partition, or partition by a column with fewer values.",
        )
    frozen.write(contract, frozen.freeze(contract, bounds))
    return Planned(contract.name, len(bounds), made=True)


def _source_column(contract: Contract, name: str) -> str:
    """The source's name of the partition column, which the contract may call by the target's."""
    for column in contract.columns:
        if column.untouched and column.name == name:
            return column.sources[0]
    return name
