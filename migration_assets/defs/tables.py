"""A table contract as one op with three assets and their checks."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract
from migration_assets.control.names import op_name
from migration_assets.defs.assets import stage_specs
from migration_assets.defs.checks import asset_check_specs
from migration_assets.defs.moving import Engine, Migration, Move, moved
from migration_assets.defs.partitions import Partitioned
from migration_assets.stores.trying import in_words


def table_assets(
    partitioned: Partitioned,
    contracts: Mapping[str, Contract],
    checks: Sequence[CheckSpec],
    engine: Engine,
) -> dg.AssetsDefinition:
    """No pool: locks live in the target database, where they end with whoever held them."""
    contract = partitioned.contract

    @dg.multi_asset(
        name=op_name(contract),
        description=f"Moves `{contract.source_table}` to `{contract.target_table}`, partition by partition.",
        specs=stage_specs(partitioned, contracts),
        check_specs=asset_check_specs(contract, checks, partitioned.definition),
        partitions_def=partitioned.definition,
        backfill_policy=partitioned.backfill_policy,
        can_subset=True,
        op_tags={"migration/source": contract.source.name, "migration/target": contract.target.name},
    )
    def move(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from moved(Move(context, contract, _made(engine, contract, contracts)))

    return move


def _made(engine: Engine, contract: Contract, contracts: Mapping[str, Contract]) -> Migration:
    try:
        return engine(contract, contracts, os.environ)
    except Exception as error:
        reason = in_words(error)
    raise dg.Failure(reason, allow_retries=False)
