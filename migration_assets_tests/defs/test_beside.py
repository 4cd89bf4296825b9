"""A run that takes along what another run of its backfill has staged: both are on record."""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg
import pytest

from migration_assets.stages.report import Stage
from migration_assets.stages.way import StageResult
from migration_assets_tests.defs import scenario
from migration_assets_tests.defs.conftest import Run
from migration_assets_tests.defs.scenario import FakeEngine, FakeMigration, Report, passed
from migration_assets_tests.defs.test_moving import LOADED, TRANSFORMED, materialized, shown


class TakesAlong(FakeMigration):
    """Loads k0003, too, whatever it is asked for."""

    def move_beside(
        self,
        partitions: Sequence[str],
        stages: Sequence[Stage],
        run_id: str,
        beside: Callable[[], frozenset[str]],
    ) -> Iterator[StageResult]:
        assert beside() == frozenset(), "the run is nobody's backfill"
        yield from self.move(partitions, stages, run_id)
        report = Report("loaded", "k0003", outcomes=(passed("count"),))
        yield StageResult("k0003", "loaded", report)  # type: ignore[arg-type]


def test_what_a_run_takes_along_is_materialized_with_its_checks(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "FakeMigration", TakesAlong)
    assert run("orders", first="k0001").success
    assert sorted(materialized(instance, LOADED)) == ["k0001", "k0003"]
    assert sorted(materialized(instance, TRANSFORMED)) == ["k0001"]
    assert shown(instance, LOADED, "count") == dict.fromkeys(["k0001", "k0003"], "SUCCEEDED")
