"""`migrate limits` from outside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets_tests.cli.test_check import CONTRACT
from migration_assets_tests.cli.test_main import environment, migrate

__all__ = ["environment"]

LIMITED = CONTRACT.replace(
    "database: legacy, schema: public}",
    "database: legacy, schema: public, customProperties: [{property: migration, value: "
    "{limits: {rows_per_second: 500, bytes_per_second: 2MB}}}]}",
)


@pytest.fixture
def shop(environment: dict[str, str], new_database: Callable[[str], str], tmp_path: Path) -> dict[str, str]:
    contracts = tmp_path / "one"
    contracts.mkdir()
    (contracts / "region.odcs.yaml").write_text(LIMITED)
    urls = {"LEGACY_URL": new_database("legacy"), "CLOUD_URL": new_database("cloud")}
    return {**environment, **urls, "MIGRATION_CONTRACTS": str(contracts)}


def told(shop: dict[str, str], *arguments: str) -> dict[str, dict[str, object]]:
    done = migrate(shop, "limits", *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return {one["server"]: one for one in json.loads(done.stdout)["limits"]}


def test_limits_are_listed_said_lifted_and_forgotten(shop: dict[str, str]) -> None:
    assert (told(shop)["legacy"]["rows_per_second"], told(shop)["cloud"]["connections"]) == (500, None)

    said = told(shop, "legacy", "--bytes-per-second", "20MB", "--connections", "3")["legacy"]
    assert (said["rows_per_second"], said["bytes_per_second"], said["connections"]) == (500, 20_000_000, 3)
    assert said["said"] == {"bytes_per_second": 20_000_000, "connections": 3}
    assert told(shop, "legacy", "--rows-per-second", "off")["legacy"]["rows_per_second"] is None
    assert told(shop, "legacy", "--reset")["legacy"]["bytes_per_second"] == 2_000_000

    listed = migrate(shop, "limits", "legacy")
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
def test_what_cannot_be_meant_is_refused(shop: dict[str, str], arguments: list[str], words: str) -> None:
    done = migrate(shop, "limits", *arguments)

    assert done.returncode == 2
    assert words in done.stdout + done.stderr
