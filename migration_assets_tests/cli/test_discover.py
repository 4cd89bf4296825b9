"""`migrate discover`: what it answers, and with which exit code."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migration_assets.cli.main import main


class Desk:
    def __init__(self, folder: Path) -> None:
        self.source = folder / "old.db"
        self.out = folder / "data_contracts" / "shop"
        self.environment = {
            "LEGACY_URL": f"sqlite:///{self.source}",
            "MIGRATION_CONTRACTS": str(folder / "data_contracts"),
            "DAGSTER_HOME": str(folder),
        }
        self.old("CREATE TABLE customer (id integer PRIMARY KEY, email text)")
        self.old("INSERT INTO customer VALUES (1, 'ann@example.com')")

    def old(self, statement: str) -> None:
        with sqlite3.connect(self.source) as connection:
            connection.execute(statement)

    def discover(self, *more: str) -> Result:
        arguments = ["discover", "legacy", "--into", "cloud", "--out", str(self.out), *more]
        return CliRunner().invoke(main, arguments, env=self.environment)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


def test_it_says_what_it_wrote_what_changed_and_what_it_edited(desk: Desk) -> None:
    first = desk.discover()
    assert first.exit_code == 0
    assert "1 contracts written to" in first.output
    assert "customer: email (e-mail address)" in first.output
    assert "ann@example.com" not in first.output

    assert (desk.discover().exit_code, desk.discover().output.splitlines()[-1]) == (0, "Nothing changed.")

    desk.old("ALTER TABLE customer ADD COLUMN born date")
    changed = desk.discover()
    assert changed.exit_code == 1
    assert "customer.born: a new column, date" in changed.output
    data = json.loads(desk.discover("--json").stdout)
    assert [(each["kind"], each["column"]) for each in data["changes"]] == [("column added", "born")]

    updated = desk.discover("--update")
    assert (updated.exit_code, updated.output.splitlines()[-1]) == (0, "1 contracts edited.")
    assert desk.discover().exit_code == 0


def test_json_has_everything(desk: Desk) -> None:
    data = json.loads(desk.discover("--json", "--domain", "Old Shop", "--tables", "cust*").stdout)
    assert data["source"]["engine"] == "SQLite"
    assert data["waves"] == [["customer"]]
    assert data["contracts"][0]["personal"] == [
        {
            "column": "email",
            "what": "e-mail address",
            "evidence": "its name; 1 of 1 sampled values look like it",
        }
    ]
    assert "domain: old_shop" in (desk.out / "customer.odcs.yaml").read_text("utf-8")


def test_what_cannot_be_discovered_is_a_fault_of_the_command(desk: Desk) -> None:
    refused = desk.discover("--tables", "nothing*")
    assert refused.exit_code == 2
    assert "has no tables that were asked for" in refused.stderr
    desk.environment["LEGACY_URL"] = "sqlite:////nowhere/at/all.db"
    assert desk.discover().exit_code == 2
    assert not desk.out.exists()
