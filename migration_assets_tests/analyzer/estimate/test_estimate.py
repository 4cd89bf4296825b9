"""Estimates against what a migration then takes, on TPC-H's largest table."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg2
import pytest

from migration_assets.analyzer.estimate.estimate import estimate
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.demo import world
from migration_assets.demo.server import LocalServer, connected, running
from migration_assets.staging.folder import Folder
from migration_assets.staging.partition import Staging
from migration_assets.staging.root import staging_of
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions

SCALE = 0.05
LINES = 300_000
#: how far off an estimate may be on a machine that others use, too
FACTOR = 2.5
CONTRACTS = Path(__file__).parents[3] / "data_contracts"


@dataclass(frozen=True)
class World:
    server: LocalServer
    folder: Path
    contracts: dict[str, Contract]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LEGACY_URL": self.server.url(world.LEGACY),
            "CLOUD_URL": self.server.url(world.CLOUD),
            "MIGRATION_STAGING": str(self.folder / "staging"),
            "MIGRATION_LANES": "1",
        }


@pytest.fixture(scope="module")
def shop() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="estimate-"))
    try:
        with running(folder / "postgres") as server:
            world.make(server, SCALE, folder / "tpch")
            ignored = shutil.ignore_patterns("*.partitions.json")
            shutil.copytree(CONTRACTS, folder / "contracts", ignore=ignored)
            yield World(server, folder, load(folder / "contracts"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seconds_of(shop: World, contract: Contract) -> float:
    """What the contract's partitions take, one after another."""
    plan_partitions(contract, shop.environment)
    migration = TableMigration(contract, {contract.name: contract}, shop.environment)
    taken = 0.0
    for partition in migration.partitions():
        for stage in (migration.extract, migration.transform, migration.load):
            report = stage(partition.key, "run-1")
            assert report.refusal is None
            taken += report.seconds
    return taken


def test_the_estimate_of_lineitem_is_what_it_then_takes_within_a_factor(shop: World) -> None:
    # neither its parents nor a query over the whole target are part of the way that is measured
    lines = replace(shop.contracts["lineitem"], references=(), quality=())

    found = estimate([lines], shop.environment, staging_of(shop.environment))
    taken = seconds_of(shop, lines)

    (line,) = found.contracts
    print(f"estimated {line.rows} rows, {line.bytes} bytes, {line.seconds:.1f} s; it took {taken:.1f} s")
    assert line.rows == pytest.approx(LINES, rel=0.1)
    assert line.seconds is not None
    assert taken / FACTOR < line.seconds < taken * FACTOR


def test_a_shop_is_estimated_by_a_few_samples_and_nothing_is_left_behind(shop: World) -> None:
    before = _relations(shop)

    found = estimate(tuple(shop.contracts.values()), shop.environment, Staging(Folder(shop.folder / "aside")))

    assert {probe.contract for probe in found.probes} >= {"lineitem", "orders"}
    assert len(found.probes) < len(shop.contracts)
    assert found.failed == ()
    assert found.unknown == ()
    assert found.reading is not None
    assert found.loading is not None
    assert _relations(shop) == before
    assert list((shop.folder / "aside").iterdir()) == []


def test_tables_that_were_never_analyzed_are_counted(shop: World) -> None:
    with connected(shop.server.url(world.LEGACY)) as cursor:
        cursor.execute(
            'CREATE TABLE IF NOT EXISTS "SHOPLIB"."FRESH" AS SELECT n AS "ID" FROM generate_series(1, 77) n'
        )
    source = shop.contracts["region"]
    fresh = replace(source, name="fresh", source_table=replace(source.source_table, name="FRESH"))
    column = replace(source.columns[0], name="id", type="integer", sources=("ID",), expression=None)
    fresh = replace(fresh, columns=(column,), primary_key=(), unique=(), references=(), quality=(), checks={})

    (found,) = estimate(
        [fresh], shop.environment, Staging(Folder(shop.folder / "aside")), samples=0
    ).contracts

    assert found.rows == 77
    assert found.how.startswith("rows counted")


def _relations(shop: World) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(shop.environment["CLOUD_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind = 'r' ORDER BY 1, 2"
            )
            return cursor.fetchall()
    finally:
        connection.close()
