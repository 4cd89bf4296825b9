"""`migrate profile` from outside: its report, its exit codes, and what it writes down."""

import json
import os
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from migration_assets_tests.cli.calling import migrate

SECRET = "Moneypenny"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, last_name TEXT, age INTEGER)")
        rows = [(n, SECRET, n) for n in range(1, 20)]
        old.executemany("INSERT INTO people VALUES (?, ?, ?)", [*rows, (20, SECRET, "old")])
        old.execute("CREATE TABLE good (id INTEGER PRIMARY KEY)")
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return {
        **kept,
        "LEGACY_URL": f"sqlite:///{tmp_path / 'old.db'}",
        "CLOUD_URL": "",
        "DAGSTER_HOME": str(home),
        "MIGRATION_CONTRACTS": str(tmp_path / "contracts"),
        "COLUMNS": "200",
    }


def discovered(environment: dict[str, str]) -> None:
    out = environment["MIGRATION_CONTRACTS"]
    assert migrate(environment, "discover", "legacy", "--into", "cloud", "--out", out).returncode == 0


def test_what_a_run_would_refuse_is_a_finding(environment: dict[str, str], tmp_path: Path) -> None:
    done = migrate(environment, "profile", "legacy", "--out", str(tmp_path / "out"))
    assert done.returncode == 1, done.stderr
    assert "people.age: text in a number, 1 rows (id=20)" in done.stdout
    assert (tmp_path / "out" / "legacy.html").is_file()
    assert (tmp_path / "out" / "legacy.json").is_file()
    assert SECRET not in done.stdout + done.stderr


def test_the_answer_for_programs_has_no_value_of_a_row(environment: dict[str, str], tmp_path: Path) -> None:
    done = migrate(environment, "profile", "legacy", "--json", "--out", str(tmp_path / "out"))
    said = json.loads(done.stdout)
    assert said["proposed"] is True
    assert said["outcomes"]["refused"] == 1
    assert {table["table"]: table["rows"] for table in said["tables"]} == {"people": 20, "good": 0}
    assert SECRET not in done.stdout + done.stderr


def test_by_contracts_it_is_noted_in_dagster(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    discovered(environment)
    done = migrate(environment, "profile", "legacy", "--contracts", "good", "--sample-above", "5")
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("DAGSTER_HOME", environment["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        assert instance.get_latest_materialization_event(dg.AssetKey(["profiles", "good"]))
        assert not instance.get_latest_materialization_event(dg.AssetKey(["profiles", "people"]))


def test_a_contract_that_is_not_there_is_a_wrong_command(environment: dict[str, str]) -> None:
    discovered(environment)
    done = migrate(environment, "profile", "legacy", "--contracts", "nobody")
    assert done.returncode == 2
    assert "nobody" in done.stderr


def test_a_source_without_a_connection_is_named(environment: dict[str, str]) -> None:
    done = migrate({**environment, "LEGACY_URL": ""}, "profile", "legacy")
    assert done.returncode == 2
    assert "LEGACY_URL" in done.stderr
