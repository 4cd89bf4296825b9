"""A Dagster instance of its own, with what a laptop's has."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from migration_assets_tests.control.fake_definitions import TOLD

INSTANCE = """
telemetry: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 2}}
run_coordinator: {module: migration_assets.control.run_queue, class: RunQueue}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dagster.yaml").write_text(INSTANCE)
    (tmp_path / "told.json").write_text("{}")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv(TOLD, str(tmp_path / "told.json"))
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
