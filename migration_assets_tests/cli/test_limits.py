"""`migrate limits` from outside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migration_assets.cli.main import main
from migration_assets_tests.cli.test_check import CONTRACT
from migration_assets_tests.cli.test_main import environment
from migration_assets_tests.contracts.bucket_example import ARTIFACTS

__all__ = ["environment"]

LIMITED = CONTRACT.replace(
    "database: legacy, schema: public}",
    "database: legacy, schema: public, customProperties: [{property: migration, value: "
    "{limits: {rows_per_second: 500, bytes_per_second: 2MB}}}]}",
)


@pytest.fixture
def migrate(
    environment: dict[str, str],
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Result]:
    """`migrate limits`, in this process, with one contract that has limits."""
    contracts = tmp_path / "one"
    contracts.mkdir()
    (contracts / "region.odcs.yaml").write_text(LIMITED)
    urls = {"LEGACY_URL": new_database("legacy"), "CLOUD_URL": new_database("cloud")}
    for name, value in {**environment, **urls, "MIGRATION_CONTRACTS": str(contracts)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["limits", *words])


def told(migrate: Callable[..., Result], *words: str) -> dict[str, dict[str, object]]:
    done = migrate(*words, "--json")
    assert done.exit_code == 0, done.output
    return {one["server"]: one for one in json.loads(done.stdout)["limits"]}


def test_limits_are_listed_said_lifted_and_forgotten(migrate: Callable[..., Result]) -> None:
    assert (told(migrate)["legacy"]["rows_per_second"], told(migrate)["cloud"]["connections"]) == (500, None)

    said = told(migrate, "legacy", "--bytes-per-second", "20MB", "--connections", "3")["legacy"]
    assert (said["rows_per_second"], said["bytes_per_second"], said["connections"]) == (500, 20_000_000, 3)
    assert said["said"] == {"bytes_per_second": 20_000_000, "connections": 3}
    assert told(migrate, "legacy", "--rows-per-second", "off")["legacy"]["rows_per_second"] is None
    assert told(migrate, "legacy", "--reset")["legacy"]["bytes_per_second"] == 2_000_000

    listed = migrate("legacy")
    assert "2,000,000" in listed.stdout
    assert "contract" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["legcy", "--off"], "Did you mean legacy?"),
        (["--connections", "3"], "Say the server"),
        (["legacy", "--off", "--connections", "3"], "Say limits, or --off, or --reset."),
        (["legacy", "--rows-per-second", "many"], "is no number"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    migrate: Callable[..., Result], arguments: list[str], words: str
) -> None:
    done = migrate(*arguments)

    assert done.exit_code == 2
    assert words in done.output


def test_an_object_store_has_limits_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "artifacts.odcs.yaml").write_text(ARTIFACTS)
    monkeypatch.setenv("MIGRATION_CONTRACTS", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def migrate(*words: str) -> Result:
        return CliRunner().invoke(main, ["limits", *words])

    before = told(migrate)["old_store"]
    assert (before["bytes_per_second"], before["requests_per_second"]) == (20_000_000, 300)
    said = told(migrate, "old_store", "--requests-per-second", "5", "--bytes-per-second", "off")["old_store"]
    assert (said["bytes_per_second"], said["requests_per_second"]) == (0, 5)
    assert told(migrate, "new_store")["new_store"]["said"] == {}
    assert told(migrate, "old_store", "--reset") == {"old_store": before}
    assert migrate("old_store").exit_code == 0
    refused = migrate("old_store", "--rows-per-second", "5")
    assert (refused.exit_code, "is an object store" in refused.stderr) == (2, True)
    assert migrate("nowhere", "--bytes-per-second", "5").exit_code == 2
