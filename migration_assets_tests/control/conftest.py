"""A Dagster instance of its own, with what a laptop's has."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import dagster as dg
import pytest
from dagster._core.storage.runs.schema import KeyValueStoreTable
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage
from dagster._core.workspace.context import WorkspaceProcessContext

from migration_assets.control import dagster_daemon
from migration_assets_tests.control.fake_definitions import TOLD

INSTANCE = """
telemetry: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 2}}
run_coordinator: {module: migration_assets.control.run_queue, class: RunQueue}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
"""


FAKE = "migration_assets_tests.control.fake_definitions"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """A code server of definitions that move nothing, and its instance; both outlive a test."""

    home: Path
    instance: dg.DagsterInstance
    context: WorkspaceProcessContext

    def emptied(self) -> None:
        """As if nothing had ever been done."""
        (self.home / "told.json").write_text("{}")
        (self.home / "order").unlink(missing_ok=True)
        self.instance.wipe()
        self.instance.wipe_daemon_heartbeats()
        # how far retries have read an event log that is gone
        storage = self.instance.run_storage
        assert isinstance(storage, SqlRunStorage)
        with storage.connect() as connection:
            connection.execute(KeyValueStoreTable.delete())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Started once: that takes 3 seconds of CPU."""
    home = made_home(tmp_path_factory.mktemp("served"))
    with contextlib.ExitStack() as stack:
        with mock.patch.dict(os.environ, variables(home)), contextlib.chdir(ROOT):
            instance = stack.enter_context(dg.DagsterInstance.get())
            context = stack.enter_context(dagster_daemon.code_server(instance, FAKE))
        assert dagster_daemon.load_error(context) == ""
        yield Served(home, instance, context)


@pytest.fixture
def served(server: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The server, for whoever would start one, with an instance in which nothing was done."""
    server.emptied()
    for name, value in variables(server.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(dagster_daemon, "code_server", lambda *_: contextlib.nullcontext(server.context))
    return server


def made_home(folder: Path) -> Path:
    (folder / "dagster.yaml").write_text(INSTANCE)
    (folder / "told.json").write_text("{}")
    return folder


def variables(home: Path) -> dict[str, str]:
    return {"DAGSTER_HOME": str(home), TOLD: str(home / "told.json")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made_home(tmp_path)
    for name, value in variables(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as made:
        yield made


@pytest.fixture
def tell(home: Path) -> Callable[[dict[str, str]], object]:
    """What the engine does with `contract/partition`: refused, killed once, slow."""
    return lambda told: (home / "told.json").write_text(json.dumps(told))


@pytest.fixture
def target(new_database: Callable[[str], str]) -> dict[str, str]:
    """The environment that leads to an empty target, whose ledger keeps what people say of waves."""
    return {"CLOUD_URL": new_database("target")}
