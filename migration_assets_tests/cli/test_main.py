"""The `migrate` command from outside: what it prints, and the codes that scripts trust."""

import json
import os
import shutil
from pathlib import Path

import pytest

from migration_assets_tests.cli.calling import migrate, migrate_alone

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "data_contracts"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home, contracts = tmp_path / "home", tmp_path / "contracts"
    home.mkdir()
    shutil.copytree(SHOP, contracts, ignore=shutil.ignore_patterns("*.partitions.json"))
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    # set, though empty, so that a developer's own `.env` does not count
    unset = {"LEGACY_URL": "", "CLOUD_URL": ""}
    return {
        **kept,
        **unset,
        "DAGSTER_HOME": str(home),
        "MIGRATION_CONTRACTS": str(contracts),
        "COLUMNS": "200",
    }


@pytest.fixture
def broken(environment: dict[str, str]) -> dict[str, str]:
    """Two faults in one contract, one in another."""
    folder = Path(environment["MIGRATION_CONTRACTS"])
    for name, right, wrong in (
        ("region", "kind: table", "kind: tabel"),
        ("customer", "by: value", "by: vallue"),
        ("customer", "priority: 20", "priority: high"),
    ):
        file = folder / "shop" / f"{name}.odcs.yaml"
        assert right in file.read_text()
        file.write_text(file.read_text().replace(right, wrong))
    return environment


def test_sound_contracts_are_counted(environment: dict[str, str]) -> None:
    done = migrate_alone(environment, "contracts", "check")
    assert done.returncode == 0
    assert done.stdout.startswith("10 contracts, no faults: region, nation")
    found = json.loads(migrate(environment, "contracts", "check", "--json").stdout)
    assert len(found["contracts"]) == 10


def test_all_faults_of_all_contracts_come_at_once_and_the_code_is_2(broken: dict[str, str]) -> None:
    done = migrate_alone(broken, "contracts", "check")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "3 faults" in done.stderr
    assert "Traceback" not in done.stderr
    found = json.loads(migrate(broken, "contracts", "check", "--json").stdout)
    assert [fault["file"] for fault in found["faults"]] == [
        "shop/customer.odcs.yaml",
        "shop/customer.odcs.yaml",
        "shop/region.odcs.yaml",
    ]


@pytest.mark.parametrize("words", [["run"], ["plan"], ["status"]])
def test_no_command_touches_anything_while_contracts_have_faults(
    broken: dict[str, str], words: list[str]
) -> None:
    done = migrate(broken, *words)
    assert done.returncode == 2
    assert "`tabel` is not known here" in done.stderr


def test_a_plan_says_what_a_run_would_do(environment: dict[str, str]) -> None:
    done = migrate(environment, "plan", "nation", "region")
    assert done.returncode == 0
    assert done.stdout.index("1. region") < done.stdout.index("2. nation")
    assert "Read the only partition of SHOPLIB.REGNPF in legacy" in done.stdout
    assert "CLOUD_URL is not set" in done.stdout
    found = json.loads(migrate(environment, "plan", "nation", "--json").stdout)
    assert [(step["contract"], step["partitions"]) for step in found["steps"]] == [("nation", ["all"])]


def test_a_plan_of_what_needs_the_source_says_which_connection_is_missing(
    environment: dict[str, str],
) -> None:
    done = migrate(environment, "plan", "orders")
    assert done.returncode == 2
    assert "LEGACY_URL is not set" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "ordes"], "Did you mean orders?"),
        (["run", "--partitions", "a"], "Partitions belong to one contract"),
        (["run", "region", "--partitions", "al"], "Did you mean all?"),
        (["run", "--missing", "--failed"], "exclude one another"),
        (["run", "--nonsense"], "No such option"),
        (["nonsense"], "No such command"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_code_2(
    environment: dict[str, str], words: list[str], said: str
) -> None:
    if "--partitions" in words and "region" not in words:
        words = [*words, "region", "nation"]
    done = migrate(environment, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_status_before_anything_was_done(environment: dict[str, str]) -> None:
    done = migrate(environment, "status", "region", "part")
    assert done.returncode == 0
    assert "never" in done.stdout
    found = json.loads(migrate(environment, "status", "region", "--json").stdout)
    (region,) = found["contracts"]
    assert (region["partitions"], region["missing"], region["done"]) == (1, 1, False)
    assert region["in_ledger"] is None


def test_nothing_to_do_is_said_and_is_no_error(environment: dict[str, str]) -> None:
    done = migrate(environment, "run", "region", "--failed")
    assert (done.returncode, done.stdout) == (0, "Nothing to do.\n")


def test_the_help_is_there_at_once_and_names_the_commands(environment: dict[str, str]) -> None:
    done = migrate_alone(environment, "--help")
    assert done.returncode == 0
    for command in ("contracts", "plan", "run", "status", "demo"):
        assert command in done.stdout
