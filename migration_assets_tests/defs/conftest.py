"""Definitions of the small shop, and runs of it."""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg
import pytest

from migration_assets.control.names import STAGES, Stage
from migration_assets.defs.build import build_definitions
from migration_assets.stores import trying
from migration_assets_tests.defs.scenario import SHOP, FakeEngine, checks, planner

Run = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def definitions(engine: FakeEngine) -> dg.Definitions:
    return build_definitions(SHOP, planner=planner, checks=checks, engine=engine)


@pytest.fixture
def run(definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs contracts from their first partition to their last, as a backfill's run would."""
    monkeypatch.setattr(trying, "FIRST_WAIT", 0.0)

    def execute(
        *contracts: str, first: str, last: str | None = None, stages: Sequence[Stage] = STAGES
    ) -> dg.ExecuteInProcessResult:
        selected = [dg.AssetKey(["tables", name, stage]) for name in contracts for stage in stages]
        assets = definitions.resolve_asset_graph().assets_defs
        tags = (
            {"dagster/partition": first}
            if last is None
            else {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        )
        return dg.materialize(assets, selection=selected, instance=instance, tags=tags, raise_on_error=False)

    return execute
