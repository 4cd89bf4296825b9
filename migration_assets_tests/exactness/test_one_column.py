"""A table of one column, without a key: its lines may be empty, or look like the end of COPY."""

from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets.contracts.model import Column, Contract, Server, TableName
from migration_assets.tables.engine import TableMigration
from migration_assets_tests.exactness.postgres_types import TEXTS
from migration_assets_tests.exactness.world import PostgresSide

WAYS = {
    "untouched": Column("v", "text", sources=("v",)),
    "looked at": Column("v", "text", sources=("v",), options={"maxLength": 1000}),
    "narrower": Column("v", "varchar(100)", sources=("v",)),
    "expressed": Column("v", "text", expression="v"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_of_one_column_without_a_key_arrives_exactly(
    way: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    old, new = PostgresSide(new_database("old")), PostgresSide(new_database("new"))
    old.run(["CREATE TABLE t (v text)"])
    for text in (*TEXTS, *TEXTS, None):
        old.insert("t", text)
    made = Contract(
        name="t",
        version="1.0.0",
        digest="0" * 64,
        file="t.odcs.yaml",
        source=Server("old", "postgres"),
        target=Server("new", "postgres"),
        source_table=TableName(None, "t"),
        target_table=TableName("public", "t"),
        columns=(WAYS[way],),
    )
    environment = {"OLD_URL": old.url, "NEW_URL": new.url, "MIGRATION_STAGING": str(tmp_path / "staging")}
    migration = TableMigration(made, {"t": made}, environment)
    for stage in (migration.extract, migration.transform, migration.load):
        assert all(outcome.passed for outcome in stage("all", "run").outcomes)
    found = [value for (value,) in new.run(["SELECT v FROM t"])]
    assert sorted(found, key=str) == sorted([*TEXTS, *TEXTS, None], key=str)
