"""An operator's day on a real source and a real target, through `migrate` and through Dagster's own commands."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from migration_assets_tests.cli.calling import ROOT, migrate, migrate_alone

INSTANCE = "telemetry: {enabled: false}\nconcurrency: {runs: {max_concurrent_runs: 2}}\n"
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: NAME
name: NAME
version: 1.0.0
status: active
domain: shop
servers:
  - {server: legacy, type: custom}
  - {server: cloud, type: postgresql, host: localhost, port: 5432, database: new, schema: shop}
customProperties:
  - property: migration
    value: {kind: table, source: legacy, target: cloud, partitions: PARTITIONS}
schema:
  - name: NAME
    physicalType: table
    properties:
      - {name: id, physicalType: bigint, logicalType: integer, primaryKey: true, required: true}
"""
CUSTOMER = CONTRACT.replace("NAME", "customer").replace(", partitions: PARTITIONS", "")
LEDGER = "SELECT contract, partition, generation FROM migration.load ORDER BY 1, 2, 3"
ORDERS = (
    CONTRACT.replace("NAME", "orders").replace("PARTITIONS", "{by: key, column: id, rows: 40}")
    + """\
      - name: customer_id
        physicalType: bigint
        logicalType: integer
        relationships: [{type: foreignKey, to: customer.id}]
      - {name: amount, physicalType: integer, logicalType: integer, logicalTypeOptions: {minimum: 0}}
"""
)


class Desk:
    """One project: contracts, a source, a target, an instance."""

    def __init__(self, folder: Path, target: str) -> None:
        self.source = folder / "old.sqlite"
        self.target = target
        contracts, home = folder / "contracts", folder / "home"
        contracts.mkdir()
        home.mkdir()
        (contracts / "customer.odcs.yaml").write_text(CUSTOMER)
        (contracts / "orders.odcs.yaml").write_text(ORDERS)
        (home / "dagster.yaml").write_text(INSTANCE)
        self.environment = {
            **os.environ,
            "LEGACY_URL": f"sqlite:///{self.source}",
            "CLOUD_URL": target,
            "DAGSTER_HOME": str(home),
            "MIGRATION_CONTRACTS": str(contracts),
            "MIGRATION_STAGING": str(folder / "staging"),
        }
        self.old("CREATE TABLE customer (id integer PRIMARY KEY)")
        self.old("CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, amount integer)")
        self.old("INSERT INTO customer SELECT value FROM json_each('[1,2,3,4,5]')")
        for number in range(1, 101):
            self.old("INSERT INTO orders VALUES (?, ?, ?)", number, number % 5 + 1, number)

    def old(self, statement: str, *values: int) -> None:
        with sqlite3.connect(self.source) as connection:
            connection.execute(statement, values)

    def new(self, query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.target)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()

    def migrate(self, *words: str, alone: bool = False) -> tuple[int, dict[str, Any]]:
        """`alone`: in a process of its own."""
        done = (migrate_alone if alone else migrate)(self.environment, *words, "--json")
        return done.returncode, json.loads(done.stdout)

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).parent / words[0])
        return subprocess.run(
            [program, *words[1:]], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )


@pytest.fixture
def desk(tmp_path: Path, new_database: Callable[[str], str]) -> Desk:
    return Desk(tmp_path, new_database("journey"))


def test_from_a_plan_through_a_fault_to_a_verified_target(desk: Desk) -> None:
    code, plan = desk.migrate("plan")
    assert code == 0
    assert [(step["contract"], len(step["partitions"])) for step in plan["steps"]] == [
        ("customer", 1),
        ("orders", 4),
    ]
    assert plan["steps"][0]["structure"]["state"] == "to be made"

    desk.old("UPDATE orders SET amount = -1 WHERE id = 60")
    code, run = desk.migrate("run", alone=True)
    assert code == 1
    assert not run["verified"]
    (failure,) = run["contracts"][1]["failures"]
    assert (failure["partition"], failure["stage"]) == ("0002", "transformed")
    assert desk.new("SELECT count(*) FROM shop.orders") == [(60,)]

    code, status = desk.migrate("status")
    assert code == 1
    orders = status["contracts"][1]
    assert (orders["loaded"], orders["failed"], orders["in_ledger"], orders["rows"]) == (3, 1, 3, 60)

    desk.old("UPDATE orders SET amount = 60 WHERE id = 60")
    code, run = desk.migrate("run", "--failed")
    assert code == 0
    assert [(each["contract"], each["partitions"], each["rows"]) for each in run["contracts"]] == [
        ("orders", 1, 40)
    ]
    assert desk.new("SELECT count(*), sum(amount) FROM shop.orders") == [(100, 5050)]

    code, status = desk.migrate("status")
    assert code == 0
    assert all(each["done"] for each in status["contracts"])

    the_instance_is_lost_and_a_second_run_loads_nothing(desk)
    a_late_row_is_named(desk)


def the_instance_is_lost_and_a_second_run_loads_nothing(desk: Desk) -> None:
    before = desk.new(LEDGER)
    home = Path(desk.environment["DAGSTER_HOME"])
    shutil.rmtree(home)
    home.mkdir()
    (home / "dagster.yaml").write_text(INSTANCE)
    code, status = desk.migrate("status", "--rebuild")
    assert code == 0
    assert [(each["contract"], each["reported"]) for each in status["rebuilt"]] == [
        ("customer", 1),
        ("orders", 4),
    ]
    for contract in status["contracts"]:
        assert contract["done"]
        assert all(check["passed"] == contract["partitions"] for check in contract["checks"].values())
    assert status["contracts"][1]["rows"] == 100

    code, run = desk.migrate("run")
    assert (code, run["contracts"]) == (0, [])
    assert desk.new(LEDGER) == before


def a_late_row_is_named(desk: Desk) -> None:
    desk.old("INSERT INTO orders VALUES (1000, 1, 1000)")
    code, status = desk.migrate("status", "--stale")
    assert code == 1
    assert [each["reason"] for each in status["contracts"][1]["stale"]] == [
        "Its source has 21 rows now; 20 were read."
    ]


def test_dagsters_own_commands_work_from_the_root(desk: Desk) -> None:
    assert desk.migrate("plan")[0] == 0
    checked = desk.call("dg", "check", "defs")
    assert checked.returncode == 0, checked.stderr

    select, module = 'key:"tables/customer/*"', "migration_assets.definitions"
    made = desk.call(
        "dagster", "asset", "materialize", "--select", select, "--partition", "all", "-m", module
    )
    assert made.returncode == 0, made.stderr
    assert desk.new("SELECT count(*) FROM shop.customer") == [(5,)]

    launched = desk.call("dg", "launch", "--assets", 'key:"tables/orders/*"', "--partition", "0001")
    assert launched.returncode == 0, launched.stderr
    assert desk.new("SELECT count(*) FROM shop.orders") == [(40,)]

    asked = desk.call("dagster", "job", "backfill", "-j", "tables_orders", "--all", "x", "--noprompt")
    assert asked.returncode == 0, asked.stderr
    assert "Launched backfill job" in asked.stdout
