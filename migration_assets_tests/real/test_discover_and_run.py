"""`migrate discover`, then `migrate run`, as an operator types them, on Chinook."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration_assets_tests.real import comparing, data, results

INSTANCE = "telemetry: {enabled: false}\nconcurrency: {runs: {max_concurrent_runs: 2}}\n"


def migrate(environment: dict[str, str], *arguments: str) -> tuple[int, Any]:
    runner = "from migration_assets.cli.main import main; main()"
    command = [sys.executable, "-c", runner, *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def environment(new_database: Callable[[str], str], tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(INSTANCE)
    return {
        **os.environ,
        "LEGACY_URL": f"sqlite:///{data.folder('chinook') / 'Chinook_Sqlite.sqlite'}",
        "CLOUD_URL": new_database("new"),
        "DAGSTER_HOME": str(home),
        "MIGRATION_CONTRACTS": str(tmp_path / "data_contracts"),
    }


def test_what_is_discovered_runs_as_it_is(environment: dict[str, str]) -> None:
    folder = Path(environment["MIGRATION_CONTRACTS"]) / "music"
    code, found = migrate(environment, "discover", "legacy", "--into", "cloud", "--out", str(folder))
    assert code == 0
    assert len(found["written"]) == len(results.CHINOOK_SQLITE.tables)

    code, ran = migrate(environment, "run")
    assert (code, ran["verified"]) == (0, True)
    path = environment["LEGACY_URL"].removeprefix("sqlite:///")
    assert {
        name: comparing.of_sqlite(path, name, environment["CLOUD_URL"], ("public", name)).same
        for name in results.CHINOOK_SQLITE.tables
    } == results.CHINOOK_SQLITE.tables

    code, again = migrate(environment, "discover", "legacy", "--into", "cloud", "--out", str(folder))
    assert (code, again["changes"], again["written"]) == (0, [], [])


def test_the_linter_of_the_standard_has_nothing_against_them(environment: dict[str, str]) -> None:
    linter = shutil.which("datacontract")
    if linter is None:
        pytest.skip(
            "the program `datacontract` (datacontract-cli, an environment of its own) is not installed"
        )
    folder = Path(environment["MIGRATION_CONTRACTS"])
    migrate(environment, "discover", "legacy", "--into", "cloud", "--out", str(folder))
    for file in sorted(folder.glob("*.odcs.yaml"))[:3]:
        done = subprocess.run([linter, "lint", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
