"""Two waves of Sakila, dropped into a folder: the sensor has them moved, and an orphan keeps the second back."""

import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from migration_assets import definitions
from migration_assets.contracts.loader import load
from migration_assets.control import dagster_daemon
from migration_assets.control.rounds import Rounds
from migration_assets.control.wave_allowing import release
from migration_assets.control.wave_attempts import scene_of
from migration_assets.control.wave_files import waves_there
from migration_assets.control.wave_report import WaveReport
from migration_assets.control.wave_round import reports
from migration_assets_tests import mariadb
from migration_assets_tests.real import catalogs, data
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.test_discover_and_run import INSTANCE
from migration_assets_tests.real.test_sakila import WISHES

PLACES = "name: places\nversion: {}\ncontracts: [country, city]\npartitions: all\n"
ADDRESSES = "name: addresses\nversion: {}\ncontracts: [address]\npartitions: all\nafter: [places]\n"
ORPHAN = "INSERT INTO sakila.city (city_id, city, country_id) VALUES (9999, 'Nowhere', 9999)"


class Watched:
    """The sensor, and Dagster's rounds beside it, until all waves are green or held."""

    def __init__(self, instance: dg.DagsterInstance, context, folder: Path) -> None:
        self.instance = instance
        self.definitions = definitions.defs()
        self.contracts = load(folder)
        self.scene = scene_of(instance, self.contracts)
        self.rounds = Rounds(context, logging.getLogger("test"))

    def tick(self) -> None:
        (sensor,) = self.definitions.sensors or ()
        assert isinstance(sensor, dg.SensorDefinition)
        result = sensor(dg.build_sensor_context(instance=self.instance))
        assert isinstance(result, dg.SensorResult)
        for request in result.run_requests or ():
            self.definitions.resolve_job_def("preflight").execute_in_process(
                instance=self.instance, tags=dict(request.tags), asset_selection=request.asset_selection
            )

    def seen(self) -> dict[str, WaveReport]:
        return reports(self.scene, waves_there(os.environ, self.contracts).waves, datetime.now(UTC))

    def settled(self, seconds: float = 300.0) -> dict[str, WaveReport]:
        end = time.monotonic() + seconds
        while True:
            self.tick()
            self.rounds.soon()
            self.rounds.ask(time.monotonic())
            self.rounds.serve(time.monotonic())
            found = self.seen()
            if all(each.state in ("green", "held") for each in found.values()):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.5)


@pytest.fixture
def sakila(maria: MariaDB, new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """The source's URL and the folder of its contracts."""
    folder = data.folder("sakila_mysql")
    url = maria.load(
        "sakila",
        *(data.text(folder / name) for name in ("01-sakila-schema.sql", "02-sakila-data.sql.zst")),
    )
    world = new_world(url)
    world.draft(catalogs.of_mysql(url, "sakila"), {"store": WISHES["store"]})
    (world.folder / "dagster.yaml").write_text(INSTANCE)
    contracts = world.folder / "data_contracts"
    for name, value in {
        **world.environment,
        "MIGRATION_CONTRACTS": str(contracts),
        "DAGSTER_HOME": str(world.folder),
    }.items():
        monkeypatch.setenv(name, value)
    return url, contracts


def drop(contracts: Path, version: int) -> None:
    """As an operator drops wave files into the folder, the second one first."""
    (contracts / "waves").mkdir(exist_ok=True)
    (contracts / "waves" / "addresses.yaml").write_text(ADDRESSES.format(version))
    (contracts / "waves" / "places.yaml").write_text(PLACES.format(version))


def loads(instance: dg.DagsterInstance, table: str) -> int:
    key = dg.AssetKey(["tables", table, "loaded"])
    return len(instance.fetch_materializations(dg.AssetRecordsFilter(asset_key=key), limit=10).records)


def test_waves_that_are_dropped_in_move_in_order_and_an_orphan_keeps_the_second_back(
    sakila: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, contracts = sakila
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    with (
        dg.DagsterInstance.get() as instance,
        dagster_daemon.code_server(instance, "migration_assets.definitions") as context,
    ):
        watched = Watched(instance, context, contracts)
        drop(contracts, 1)
        done = watched.settled()
        assert {name: (each.state, each.moved.rows) for name, each in done.items()} == {
            "places": ("green", 109 + 600),
            "addresses": ("green", 603),
        }
        backfills = [each.tags["migration/wave"] for each in instance.get_backfills()]
        assert backfills == ["addresses", "places"]

        mariadb.run(url, "SET FOREIGN_KEY_CHECKS = 0", ORPHAN)
        drop(contracts, 2)
        held = watched.settled()
        assert {name: each.state for name, each in held.items()} == {"places": "held", "addresses": "held"}
        assert "city" in held["places"].why
        assert "referential" in held["places"].why or "country" in held["places"].why
        assert held["places"].why in held["addresses"].why
        assert loads(instance, "address") == 1

        mariadb.run(url, "DELETE FROM sakila.city WHERE city_id = 9999")
        waves = waves_there(os.environ, watched.contracts).waves
        release(watched.scene, waves, "places", "a test", datetime.now(UTC), os.environ)
        assert {each.state for each in watched.settled().values()} == {"green"}
        assert (loads(instance, "country"), loads(instance, "city"), loads(instance, "address")) == (2, 2, 2)
