"""Columns that a source computes by itself arrive as plain values."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from migration_assets.contracts.model import Column, Contract, Server, TableName
from migration_assets.tables.engine import TableMigration
from migration_assets_tests import mariadb
from migration_assets_tests.exactness.world import PostgresSide

TABLE = "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) STORED{})"
VIRTUAL = ", c integer GENERATED ALWAYS AS (a + 1) VIRTUAL"
ROWS = "INSERT INTO t (id, a) VALUES (1, 5), (2, NULL)"


def write_postgres(url: str) -> None:
    PostgresSide(url).run([TABLE.format(", c integer"), ROWS, "UPDATE t SET c = a + 1"])


def write_mysql(url: str) -> None:
    mariadb.run(url, TABLE.format(VIRTUAL), ROWS)


def write_sqlite(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(TABLE.format(VIRTUAL))
        connection.execute(ROWS)


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlite"])
def test_generated_columns_arrive_as_their_values(
    kind: str, request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    match kind:
        case "postgres":
            url, write = new_database("old"), write_postgres
        case "mysql":
            url, write = request.getfixturevalue("new_mysql_database")("old"), write_mysql
        case _:
            url, write = f"sqlite:///{tmp_path / 'old.db'}", write_sqlite
    write(url)
    new = new_database("new")
    names = ("id", "a", "b", "c")
    made = Contract(
        name="t",
        version="1.0.0",
        digest="0" * 64,
        file="t.odcs.yaml",
        source=Server("old", kind),
        target=Server("new", "postgres"),
        source_table=TableName(None, "t"),
        target_table=TableName("public", "t"),
        columns=tuple(Column(name, "bigint", sources=(name,), required=name == "id") for name in names),
        primary_key=("id",),
    )
    environment = {"OLD_URL": url, "NEW_URL": new, "MIGRATION_STAGING": str(tmp_path / "staging")}
    migration = TableMigration(made, {"t": made}, environment)
    for stage in (migration.extract, migration.transform, migration.load):
        assert all(outcome.passed for outcome in stage("all", "run").outcomes)
    assert PostgresSide(new).run(["SELECT * FROM t ORDER BY id"]) == [(1, 5, 10, 6), (2, None, None, None)]
