"""Who makes the rounds: a daemon where there is one, and on an instance that machines share nobody else."""

import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from migration_assets.control import dagster_daemon, hosting
from migration_assets.control.hosting import Host
from migration_assets.control.rounds import Rounds
from migration_assets.errors import MigrationError
from migration_assets_tests.control.conftest import FAKE as MODULE
from migration_assets_tests.control.conftest import Served


def shared(url: str, folder: Path) -> dg.DagsterInstance:
    storage = {"postgres": {"postgres_url": url.replace("postgresql://", "postgresql+psycopg2://", 1)}}
    return dg.DagsterInstance.from_config(str(_home(folder, storage)))


def _home(folder: Path, storage: object) -> Path:
    import yaml

    (folder / "dagster.yaml").write_text(
        yaml.safe_dump({"storage": storage, "telemetry": {"enabled": False}})
    )
    return folder


def beat(instance: dg.DagsterInstance, when: float) -> None:
    for name in dagster_daemon.DAEMONS:
        instance.add_daemon_heartbeat(DaemonHeartbeat(when, name, "a daemon", []))


def test_an_instance_that_machines_share_needs_its_daemon(
    new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shared(new_database("dagster"), tmp_path) as instance:
        with pytest.raises(MigrationError, match="No Dagster daemon lives"), Host(instance, MODULE, tmp_path):
            pass

        beat(instance, time.time())
        with Host(instance, MODULE, tmp_path) as host:
            assert not host.hosting
            host.check()
            # the daemon moves to another machine, and does not come back
            beat(instance, time.time() - 1000)
            time.sleep(3 * hosting.PAUSE)
            host.check()
            assert not host.hosting
            monkeypatch.setattr(hosting, "DAEMON_MAY_BE_GONE", 0.0)
            time.sleep(3 * hosting.PAUSE)
            with pytest.raises(MigrationError, match="No Dagster daemon lives"):
                host.check()


def test_a_laptops_instance_needs_none(tmp_path: Path) -> None:
    storage = {"sqlite": {"base_dir": str(tmp_path)}}
    with dg.DagsterInstance.from_config(str(_home(tmp_path, storage))) as instance:
        assert not dagster_daemon.is_shared(instance)
    with dg.DagsterInstance.ephemeral() as instance:
        assert not dagster_daemon.is_shared(instance)


@pytest.mark.parametrize("said", ["by its result", "by an error"])
def test_rounds_that_fail_for_long_are_not_waited_for_for_ever(
    served: Served, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    def full(_rounds: Rounds, _now: float) -> str:
        if said == "by an error":
            raise OSError("no space left on device")
        return "OperationalError"

    monkeypatch.setattr(Rounds, "ask", full)
    monkeypatch.setattr(hosting, "ROUNDS_MAY_FAIL", 1.0)
    with Host(served.instance, MODULE, served.home / "own") as host:
        host.check()
        time.sleep(1.0 + 3 * hosting.PAUSE)
        with pytest.raises(MigrationError, match=r"not been able to go on .*run the same command again"):
            host.check()
