"""A contract's check specs as asset checks, recorded for each partition."""

from collections.abc import Sequence

import dagster as dg

from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract
from migration_assets.defs.naming import stage_key


def asset_check_specs(
    contract: Contract, specs: Sequence[CheckSpec], partitions: dg.PartitionsDefinition[str]
) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            name=spec.name,
            asset=stage_key(contract, spec.stage),
            blocking=spec.blocking,
            description=spec.description,
            metadata={"columns": ", ".join(spec.columns)} if spec.columns else None,
            partitions_def=partitions,
        )
        for spec in specs
    ]
