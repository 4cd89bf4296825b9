"""`migrate verify`, as it is typed; and the job of the same name."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from migration_assets.cli.main import main
from migration_assets.contracts.loader import load
from migration_assets.control.names import stage_path
from migration_assets.defs.verify import verify_jobs
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.cli.test_journey import Desk


@pytest.fixture
def desk(new_database: Callable[[str], str], tmp_path: Path) -> Desk:
    """Customers and orders, loaded by the engine alone."""
    made = Desk(tmp_path, new_database("new"))
    contracts = load(tmp_path / "contracts")
    for name in ("customer", "orders"):
        if name == "orders":
            plan_partitions(contracts[name], made.environment)
        migration = TableMigration(contracts[name], contracts, made.environment)
        for partition in migration.partitions():
            for stage in (migration.extract, migration.transform, migration.load):
                stage(partition.key, "run-1")
    return made


def verify(desk: Desk, *arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, ["verify", *arguments, "--json"], env=desk.environment)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def checks(desk: Desk, contract: str) -> dict[tuple[str, str], bool]:
    """What Dagster shows, by check and partition."""
    there = load(Path(desk.environment["MIGRATION_CONTRACTS"]))
    key = dg.AssetKey(stage_path(there[contract], "loaded"))
    with dg.DagsterInstance.from_config(desk.environment["DAGSTER_HOME"]) as instance:
        found = instance.event_log_storage.get_asset_check_partition_info(
            [dg.AssetCheckKey(key, name) for name in ("count", "checksum", "referential")]
        )
    return {
        (info.check_key.name, info.partition_key or ""): info.latest_execution_status.value == "SUCCEEDED"
        for info in found
    }


def test_a_difference_is_named_recorded_and_gone_when_it_is_gone(desk: Desk, tmp_path: Path) -> None:
    code, found = verify(desk)
    assert (code, found["equal"]) == (0, True)
    desk.new("UPDATE shop.orders SET amount = 0 WHERE id = 50 RETURNING id")
    code, found = verify(desk, "orders", "--csv", str(tmp_path / "rows.csv"), "--show-values")
    assert code == 1, found
    assert "contracts" in found, found
    (orders,) = found["contracts"]
    (different,) = [each for each in orders["partitions"] if not each["equal"]]
    assert different["changed"] == 1
    assert different["findings"][0]["key"] == "id=50"
    with (tmp_path / "rows.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["kind"], row["key"], row["column"], row["source"], row["target"]) == (
        "changed",
        "id=50",
        "amount",
        "50",
        "0",
    )
    recorded = checks(desk, "orders")
    assert not recorded["checksum", different["partition"]]
    assert recorded["count", different["partition"]]
    assert recorded["referential", "rest"]
    desk.new("UPDATE shop.orders SET amount = 50 WHERE id = 50 RETURNING id")
    assert verify(desk, "orders")[0] == 0
    assert checks(desk, "orders")["checksum", different["partition"]]


def test_a_sample_and_some_columns_prove_no_partition(desk: Desk) -> None:
    code, found = verify(desk, "orders", "--sample", "30%", "--seed", "1")
    assert (code, found["seed"]) == (0, 1)
    assert "ranges of id" in found["contracts"][0]["partitions"][0]["sample"]
    assert verify(desk, "orders", "--columns", "amount", "--partitions", "0001,rest")[0] == 0
    assert checks(desk, "orders") == {}


def test_what_is_not_there_is_refused(desk: Desk) -> None:
    assert verify(desk, "nobody")[0] == 2
    assert verify(desk, "orders", "--partitions", "9999")[0] == 2
    assert verify(desk, "orders", "--columns", "colour")[0] == 2


def test_the_job_leaves_the_same_checks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.new("DELETE FROM shop.orders WHERE id = 7 RETURNING id")
    for name, value in desk.environment.items():
        if name in ("LEGACY_URL", "CLOUD_URL", "DAGSTER_HOME", "MIGRATION_CONTRACTS"):
            monkeypatch.setenv(name, value)
    there = load(Path(os.environ["MIGRATION_CONTRACTS"]))
    (job,) = verify_jobs(there)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
    recorded = checks(desk, "orders")
    assert not recorded["count", "0001"]
    assert not recorded["checksum", "0001"]
    assert recorded["checksum", "0002"]
    assert checks(desk, "customer")["checksum", "all"]
