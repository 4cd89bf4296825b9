"""`migrate check`, `migrate plan --estimate` and `migrate match` from outside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from migration_assets_tests.cli.calling import migrate
from migration_assets_tests.cli.test_main import environment
from migration_assets_tests.tables.shop import ask

__all__ = ["environment"]

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: region
name: region
version: 1.0.0
status: active
servers:
  - {server: legacy, type: postgresql, host: localhost, port: 5432, database: legacy, schema: public}
  - {server: cloud, type: postgresql, host: localhost, port: 5432, database: cloud, schema: shop}
customProperties:
  - property: migration
    value: {kind: table, source: legacy, target: cloud, from: {table: public.regions}}
schema:
  - name: region
    physicalName: region
    properties:
      - {name: id, physicalType: integer, logicalType: integer, primaryKey: true, transformSourceObjects: [no]}
      - {name: label, physicalType: text, logicalType: string, transformSourceObjects: [name]}
""".replace("[no]", '["no"]')


@pytest.fixture
def shop(environment: dict[str, str], new_database: Callable[[str], str], tmp_path: Path) -> dict[str, str]:
    """One table of five rows, and an empty target."""
    old, new = new_database("legacy"), new_database("cloud")
    rows = "SELECT n AS no, 'a secret ' || n AS name FROM generate_series(1, 40) n"
    ask(old, [f"CREATE TABLE regions AS {rows}", "ALTER TABLE regions ADD PRIMARY KEY (no)"])
    contracts = tmp_path / "one"
    contracts.mkdir()
    (contracts / "region.odcs.yaml").write_text(CONTRACT)
    return {**environment, "LEGACY_URL": old, "CLOUD_URL": new, "MIGRATION_CONTRACTS": str(contracts)}


def test_what_lets_everything_pass_is_0_and_says_what_was_looked_at(shop: dict[str, str]) -> None:
    done = migrate(shop, "check")

    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("legacy → cloud", "right SELECT", "right CREATE", "ledger", "long transactions", "region"):
        assert words in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_what_stands_in_the_way_is_1_and_says_what_to_run(shop: dict[str, str]) -> None:
    ask(shop["LEGACY_URL"], ["DROP TABLE regions"])

    done = migrate(shop, "check", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 1
    assert found["passed"] is False
    (pair,) = found["pairs"]
    failed = {each["name"]: each["advice"] for each in pair["findings"] if each["state"] == "failed"}
    assert "right SELECT" in failed
    assert failed["right SELECT"] == "Correct `from.table`."


def test_a_server_that_is_not_there_is_a_finding_and_its_password_is_not_told(shop: dict[str, str]) -> None:
    done = migrate({**shop, "CLOUD_URL": "postgresql://someone:a-password@127.0.0.1:1/cloud"}, "check")

    assert done.returncode == 1
    assert "nothing listens there" in done.stdout
    assert "a-password" not in done.stdout + done.stderr


def test_a_contract_that_is_not_there_is_2(shop: dict[str, str]) -> None:
    assert migrate(shop, "check", "regoin").returncode == 2


def test_the_plan_has_rows_size_and_seconds_where_they_are_asked_for(shop: dict[str, str]) -> None:
    done = migrate(shop, "plan", "--estimate", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0, done.stdout + done.stderr
    (estimate,) = found["estimates"]["contracts"]
    assert (estimate["contract"], estimate["rows"], estimate["partitions"]) == ("region", 40, 1)
    assert estimate["seconds"] > 0
    assert "estimates" not in json.loads(migrate(shop, "plan", "--json").stdout)
    assert "all rows were read" in migrate(shop, "plan", "--estimate").stdout


def test_columns_of_a_target_that_is_there_are_suggested_without_telling_a_value(
    shop: dict[str, str],
) -> None:
    database = make_url(shop["LEGACY_URL"]).database
    assert database
    ask(
        shop["CLOUD_URL"],
        [
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.areas (region_no bigint PRIMARY KEY, title text)",
            "INSERT INTO shop.areas SELECT n, 'a secret ' || n FROM generate_series(1, 40) n",
        ],
    )

    done = migrate(shop, "match", "legacy", "--into", "cloud", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert {(each["column"], each["target_column"]) for each in found["suggestions"]} == {
        ("no", "region_no"),
        ("name", "title"),
    }
    shown = migrate(shop, "match", "legacy", "--into", "cloud")
    assert "shop.areas.title" in shown.stdout
    assert "secret" not in done.stdout + shown.stdout
    assert "No column" in migrate(shop, "match", "legacy", "--into", "cloud", "--tables", "none*").stdout
