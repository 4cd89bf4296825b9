"""`migrate rollback` on a real source and target: two contracts and back, in Dagster as in the target."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.definitions.data_version import DATA_VERSION_TAG

from migration_assets.cli.main import main
from migration_assets.contracts.loader import load
from migration_assets.planning.order import in_order
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.cli.test_journey import Desk

ROWS = "SELECT o.id, o.customer_id, o.amount, c.id FROM shop.orders o JOIN shop.customer c ON c.id = customer_id ORDER BY 1"
VERSIONS = "SELECT DISTINCT fingerprint FROM migration.load WHERE contract = 'orders' AND partition = '0001' AND generation = 1"


@pytest.fixture
def desk(tmp_path: Path, new_database: Callable[[str], str]) -> Desk:
    return Desk(tmp_path, new_database("rollback"))


def loaded(desk: Desk, run: str) -> None:
    """Both contracts, without Dagster."""
    contracts = load(Path(desk.environment["MIGRATION_CONTRACTS"]))
    for contract in in_order(contracts.values()):
        plan_partitions(contract, desk.environment)
        migration = TableMigration(contract, contracts, desk.environment)
        for partition in migration.partitions():
            results = list(migration.move([partition.key], ("extracted", "transformed", "loaded"), run))
            assert not any(result.failure for result in results)


def previewed(desk: Desk, *words: str) -> str:
    with contextlib.chdir("."):
        done = CliRunner().invoke(main, ["rollback", *words, "--preview"], env=desk.environment)
    assert done.exit_code == 0
    return done.output


def test_a_rollback_is_foreseen_and_done_and_on_record(desk: Desk) -> None:
    loaded(desk, "run-1")
    first = desk.new(ROWS)
    desk.old("INSERT INTO customer VALUES (6)")
    desk.old("UPDATE orders SET customer_id = 6, amount = amount + 1 WHERE id % 2 = 0")
    loaded(desk, "run-2")

    told = previewed(desk, "customer")
    assert "2 → 1" in told
    assert "Not rolled back: orders." in told
    code, done = desk.migrate("rollback", "customer", "orders", "--yes")
    assert (code, done["verified"]) == (0, True)
    assert {(each["before"], each["generation"]) for each in done["partitions"]} == {(2, 1)}
    assert "migrate run customer orders" in done["next"][0]
    assert desk.new(ROWS) == first

    with dg.DagsterInstance.from_config(desk.environment["DAGSTER_HOME"]) as instance:
        (newest,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(["tables", "orders", "loaded"]), asset_partitions=["0001"]),
            limit=5,
        ).records
        assert newest.asset_materialization
        tags = newest.asset_materialization.tags or {}
        assert [(tags[DATA_VERSION_TAG],)] == desk.new(VERSIONS)
        runs = instance.get_runs()
        assert {run.tags["migration/operation"] for run in runs} == {"restore"}
        assert {run.tags["migration/generation"] for run in runs} == {"1"}
