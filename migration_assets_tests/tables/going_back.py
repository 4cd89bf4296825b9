"""A rollback without Dagster: asked for as the command does, then done as runs do."""

from collections.abc import Sequence

from migration_assets.control.rollback_plan import RollbackPlan, ask, plan
from migration_assets.planning.order import in_order
from migration_assets.stages.way import StageResult
from migration_assets_tests.tables.shop import Shop


def planned(
    shop: Shop, *names: str, to: int | None = None, discard: bool = False, wanted: Sequence[str] = ()
) -> RollbackPlan:
    return plan(shop.contracts, names, shop.environment, wanted=wanted, to=to, discard=discard)


def asked(
    shop: Shop, *names: str, to: int | None = None, discard: bool = False, wanted: Sequence[str] = ()
) -> RollbackPlan:
    """Noted in the ledger, whatever would refuse it."""
    found = planned(shop, *names, to=to, discard=discard, wanted=wanted)
    ask(found, shop.contracts, shop.environment, "a test")
    return found


def done(shop: Shop, found: RollbackPlan, *, record: bool = True) -> list[StageResult]:
    """What each contract's run does, parents first; `record` as Dagster's run would."""
    results: list[StageResult] = []
    for contract in in_order(shop.contracts[name] for name in found.contracts):
        migration = shop.migration(contract.name)
        for result in migration.restore(found.partitions(contract.name), found.restore, "back"):
            results.append(result)
            if record and not result.failure:
                migration.restored(result.partition, found.restore)
    return results


def rolled_back(
    shop: Shop, *names: str, to: int | None = None, discard: bool = False, wanted: Sequence[str] = ()
) -> list[StageResult]:
    return done(shop, asked(shop, *names, to=to, discard=discard, wanted=wanted))
