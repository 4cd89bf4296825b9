"""A wave that says `changed_since` moves what has changed in its source, and nothing else."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.control import dagster_daemon
from migration_assets.control.wave_attempts import scene_of
from migration_assets.control.wave_files import waves_there
from migration_assets.control.wave_report import WaveReport
from migration_assets.control.wave_round import reports
from migration_assets.control.wave_run import run_wave
from migration_assets.defs.build import build_definitions
from migration_assets.planning.keys import partitions
from migration_assets_tests.defs import test_rebuilt
from migration_assets_tests.defs.test_rebuilt import LOADED, everything
from migration_assets_tests.tables.shop import Shop

WAVE = (
    "name: late\nversion: {}\ncontracts: [customers, orders]\n"
    'partitions: {{changed_since: "2020-01-01T00:00:00Z"}}\n'
)
shop = test_rebuilt.shop


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The wave in its next version."""
    (tmp_path / "waves").mkdir()
    monkeypatch.setenv("MIGRATION_WAVES", str(tmp_path / "waves"))
    return lambda version: (tmp_path / "waves" / "late.yaml").write_text(WAVE.format(version)) and None


def seen(shop: Shop, instance: dg.DagsterInstance) -> WaveReport:
    """After looks of the sensor, and the pre-flights that it asks for, until nothing more is asked."""
    definitions = build_definitions(shop.contracts, planner=partitions, checks=specs)
    (sensor,) = definitions.sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)
    while True:
        result = sensor(dg.build_sensor_context(instance=instance))
        assert isinstance(result, dg.SensorResult)
        if not result.run_requests:
            break
        (request,) = result.run_requests
        done = definitions.resolve_job_def("preflight").execute_in_process(
            instance=instance, tags=dict(request.tags), asset_selection=request.asset_selection
        )
        assert done.success
    waves = waves_there(os.environ, shop.contracts).waves
    return reports(scene_of(instance, shop.contracts), waves, datetime.now(UTC))["late"]


def test_a_wave_of_changes_asks_its_sources_and_moves_what_has_changed(
    shop: Shop, instance: dg.DagsterInstance, says: Callable[[int], None]
) -> None:
    everything(shop, instance)
    says(1)
    unchanged = seen(shop, instance)
    assert (unchanged.state, unchanged.moved.partitions) == ("green", 0)
    assert not instance.get_backfills()

    # loaded long after the moment, and changed since
    shop.ask_old("UPDATE ordhdr SET note = 'late' WHERE ordno = 150")
    says(2)
    assert seen(shop, instance).state == "moving"
    (backfill,) = instance.get_backfills()
    asked = dagster_daemon.asked_for(instance, backfill.backfill_id)
    assert asked
    assert {key: tuple(some) for key, some in asked.partitions.items() if key.path[-1] == "loaded"} == {
        LOADED: ("0002",)
    }


def test_the_command_asks_the_sources_too(
    shop: Shop, instance: dg.DagsterInstance, says: Callable[[int], None], tmp_path: Path
) -> None:
    everything(shop, instance)
    says(1)
    scene, waves = scene_of(instance, shop.contracts), waves_there(os.environ, shop.contracts).waves
    done = run_wave(scene, waves, "late", tmp_path / "own", shop.environment, by="ada")
    assert (done.report.state, done.verdict.contracts) == ("green", ())
