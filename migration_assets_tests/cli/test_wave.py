"""`migrate wave`, and the waves in `migrate contracts check` and `migrate status`."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from migration_assets.cli.main import main

SHOP = Path(__file__).resolve().parents[2] / "data_contracts" / "shop"
FIRST = "name: first\ncontracts: [region]\napproval: needed\n"
SECOND = "name: second\ncontracts: [nation]\nafter: [first]\n"
Migrate = Callable[..., tuple[int, Any]]


@pytest.fixture
def waves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for wave files beside two contracts."""
    contracts = tmp_path / "contracts"
    (contracts / "waves").mkdir(parents=True)
    for name in ("region", "nation"):
        shutil.copy(SHOP / f"{name}.odcs.yaml", contracts)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for name, value in {
        "DAGSTER_HOME": str(tmp_path),
        "MIGRATION_CONTRACTS": str(contracts),
        "LEGACY_URL": "",
        "CLOUD_URL": "",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(os.getcwd())
    return contracts / "waves"


@pytest.fixture
def migrate(waves: Path) -> Migrate:
    def call(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(main, [*words, "--json"])
        return done.exit_code, json.loads(done.stdout)

    return call


def test_waves_are_judged_together_with_the_contracts(migrate: Migrate, waves: Path) -> None:
    (waves / "first.yaml").write_text(FIRST)
    (waves / "second.yaml").write_text(SECOND)
    code, found = migrate("contracts", "check")
    assert (code, found["waves"]) == (0, ["first", "second"])
    contract = waves.parent / "region.odcs.yaml"
    contract.write_text(contract.read_text().replace("kind: table", "kind: tabel"))
    (waves / "second.yaml").write_text(SECOND.replace("first", "frist"))
    code, found = migrate("contracts", "check")
    assert code == 2
    assert [Path(fault["file"]).name for fault in found["faults"]] == ["second.yaml", "region.odcs.yaml"]


def test_where_waves_stand_what_they_wait_for_and_who_approved_them(
    migrate: Migrate, waves: Path, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert migrate("wave", "list") == (0, {"waves": [], "faults": []})
    (waves / "first.yaml").write_text(FIRST)
    (waves / "second.yaml").write_text(SECOND)
    code, found = migrate("wave", "list")
    assert code == 0
    assert [(each["wave"], each["state"], each["why"]) for each in found["waves"]] == [
        ("first", "waiting", "It needs approval: run `migrate wave approve first`."),
        ("second", "waiting", "It comes after first."),
    ]
    code, refused = migrate("wave", "approve", "first", "--by", "ada")
    assert (code, "CLOUD_URL" in refused["error"]) == (2, True)
    monkeypatch.setenv("CLOUD_URL", new_database("approved"))
    code, said = migrate("wave", "approve", "first", "--by", "ada")
    assert (code, said["approved"]["by"]) == (0, "ada")
    code, found = migrate("status", "first")
    assert [each["contract"] for each in found["contracts"]] == ["region"]
    assert [(each["wave"], each["approved"]["by"]) for each in found["waves"]] == [("first", "ada")]

    # the instance is lost
    another = waves / "another"
    another.mkdir()
    (another / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(another))
    _, found = migrate("status", "first")
    assert [each["approved"] for each in found["waves"]] == [None]
    _, found = migrate("status", "first", "--rebuild")
    assert [(each["wave"], each["word"], each["by"]) for each in found["decisions"]] == [
        ("first", "approved", "ada")
    ]
    assert [each["approved"]["by"] for each in found["waves"]] == ["ada"]
    assert migrate("status", "first", "--rebuild")[1]["decisions"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("wave", "approve", "second"), 1, "needs no approval"),
        (("wave", "release", "first"), 1, "nothing to release"),
        (("wave", "release", "third"), 2, "There is no wave 'third'."),
        (("run", "first"), 1, "The wave first does not start. It needs approval"),
        (("run", "second"), 1, "The wave second does not start. It comes after first."),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_next_command(
    migrate: Migrate, waves: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    (waves / "first.yaml").write_text(FIRST)
    (waves / "second.yaml").write_text(SECOND)
    found = migrate(*words)
    assert found[0] == code
    assert said in found[1]["error"]


def test_a_wave_whose_preflight_fails_does_not_start(migrate: Migrate, waves: Path) -> None:
    (waves / "first.yaml").write_text(FIRST.replace("needed", "none"))
    code, found = migrate("run", "first")
    assert code == 1
    assert "its pre-flight failed" in found["error"]
    assert "Run `migrate check first`" in found["error"]
