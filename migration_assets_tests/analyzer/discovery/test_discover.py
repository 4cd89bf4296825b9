"""What a discovery writes, and what keeps it from writing anything."""

import os
import sqlite3
import stat
import time
from pathlib import Path

import psycopg2
import pymysql
import pytest

from migration_assets.analyzer.catalog import Selection
from migration_assets.analyzer.discovery.discover import Asked, discover
from migration_assets.analyzer.proposal import partitions
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import ByKey
from migration_assets.errors import ConnectionRefused, ContractFaults, DiscoveryRefused, MigrationError
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests import mariadb
from migration_assets_tests.analyzer.discovery.conftest import Shop


def test_a_contract_a_table_is_written_that_the_loader_takes(shop: Shop) -> None:
    found = shop.discover()
    assert [file.name for file in found.written] == ["customer.odcs.yaml", "orders.odcs.yaml"]
    contracts = load(shop.contracts)
    orders, customer = contracts["orders"], contracts["customer"]
    assert (orders.primary_key, orders.priority, customer.priority) == (("id",), 0, 10)
    assert [(r.columns, r.parent, r.parent_columns, r.deferred) for r in orders.references] == [
        (("customer_id",), "customer", ("id",), False)
    ]
    assert {c.name: (c.type, c.required) for c in orders.columns if c.name != "id"} == {
        "customer_id": ("bigint" if shop.kind == "sqlite" else "integer", True),
        "total": ("numeric(10,2)", True),
        "note": ("character varying(20)", False),
    }
    assert {c.name: c.classification for c in customer.columns if c.classification} == {
        "name": "restricted",
        "mail": "restricted",
        "born": "restricted",
    }
    assert orders.tags == ("wave:2",)
    texts = "".join(shop.texts().values())
    assert "ann@example.com" not in texts
    assert "password" not in texts


def test_a_second_discovery_writes_nothing(shop: Shop) -> None:
    shop.discover()
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in shop.contracts.iterdir()}
    again = shop.discover()
    assert not again.open
    shop.discover(update=True)
    after = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in shop.contracts.iterdir()}
    assert after == before


def test_a_role_that_may_only_read_is_enough(postgres_shop: Shop) -> None:
    shop, role = postgres_shop, f"only_reads_{os.getpid()}"
    shop.change(f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    own, shop.source = shop.source, shop.source.replace("postgres:@", f"{role}:@", 1)
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            shop.change("INSERT INTO customer VALUES (9, 'Eve', NULL, NULL)")
        found = shop.discover()
        assert len(found.written) == 2
        assert found.proposal is not None
        assert found.proposal.tables[0].column_of("mail").personal is not None, "values were looked at"
    finally:
        shop.source = own
        shop.change(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_user_of_mysql_that_may_only_read_is_enough(
    mysql_server: str, new_mysql_database: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = new_mysql_database("readonly")  # type: ignore[operator]
    name = url.rpartition("/")[2]
    mariadb.run(url, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    user = f"reads{os.getpid()}"
    mariadb.run(
        mysql_server, f"CREATE USER {user}@'%' IDENTIFIED BY 'x'", f"GRANT SELECT ON {name}.* TO {user}@'%'"
    )
    source = f"mysql://{user}:x@{url.rpartition('@')[2]}"
    try:
        with pytest.raises(pymysql.err.OperationalError):
            mariadb.run(source, "INSERT INTO t VALUES (2)")
        asked = Asked("legacy", "cloud", tmp_path / "out", tmp_path / "out")
        assert len(discover(asked, {"LEGACY_URL": source}).written) == 1
        mariadb.run(url, "CREATE TABLE a (x int)", "CREATE TABLE b (x int)")
        mariadb.run(mysql_server, f"REVOKE SELECT ON {name}.* FROM {user}@'%'")
        mariadb.run(mysql_server, *(f"GRANT INSERT ON {name}.{each} TO {user}@'%'" for each in "ab"))
        asked = Asked("legacy", "cloud", tmp_path / "other", tmp_path / "other")
        with pytest.raises(DiscoveryRefused, match=rf"may not read {name}\.a, {name}\.b"):
            discover(asked, {"LEGACY_URL": source})
    finally:
        mariadb.run(mysql_server, f"DROP USER {user}@'%'")


def test_only_what_is_selected_is_written(shop: Shop) -> None:
    found = shop.discover(selection=Selection(tables=("orders",)))
    assert [file.name for file in found.written] == ["orders.odcs.yaml"]
    assert found.proposal is not None
    assert any("is not among the tables" in remark.what for remark in found.proposal.remarks)
    assert not shop.discover(selection=Selection(tables=("orders",))).open


def test_everything_in_the_way_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "broken.odcs.yaml").write_text("kind: [")
    asked = Asked("9th", "9th", tmp_path / "file" / "out", tmp_path)
    with pytest.raises(DiscoveryRefused) as refused:
        discover(asked, {})
    for part in ("9th makes no name", "same server", "9TH_URL", "cannot be written", "broken.odcs.yaml"):
        assert part in str(refused.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["broken.odcs.yaml", "file"]


def test_a_source_that_cannot_be_reached_leaves_no_folder(tmp_path: Path) -> None:
    url = "postgresql://nobody:a%20secret@127.0.0.1:1/none"
    with pytest.raises(MigrationError, match="cannot be reached") as refused:
        discover(Asked("legacy", "cloud", tmp_path / "out", tmp_path / "out"), {"LEGACY_URL": url})
    assert "secret" not in str(refused.value)
    with pytest.raises(ConnectionRefused, match="LEGACY_URL is not set"):
        discover(Asked("legacy", "cloud", tmp_path / "out", tmp_path / "out"), {})
    assert not (tmp_path / "out").exists()


def test_a_source_without_tables_says_what_was_left_out(tmp_path: Path) -> None:
    file = tmp_path / "empty.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE VIEW v AS SELECT 1")
    connection.close()
    asked = Asked("legacy", "cloud", tmp_path / "out", tmp_path / "out")
    with pytest.raises(DiscoveryRefused, match=r"has no tables\. Left out: v \(a view\)"):
        discover(asked, {"LEGACY_URL": f"sqlite:///{file}"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_refused(sqlite_shop: Shop) -> None:
    sqlite_shop.contracts.mkdir()
    sqlite_shop.contracts.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(DiscoveryRefused, match="cannot be written to"):
        sqlite_shop.discover()


def test_faults_of_contracts_that_are_there_come_first(sqlite_shop: Shop) -> None:
    sqlite_shop.discover()
    file = sqlite_shop.file("orders")
    file.write_text(file.read_text("utf-8").replace("kind: table\n", "kind: tabel\n"), "utf-8")
    with pytest.raises(ContractFaults, match="tabel"):
        sqlite_shop.discover()


def test_a_thousand_tables_are_discovered_in_less_than_a_minute(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "wide.db")
    columns = ", ".join(
        f"c{n} {kind}" for n, kind in enumerate(["integer", "text", "numeric(9,2)", "date"] * 4)
    )
    for number in range(1000):
        parent = f", t{number // 2}_id integer REFERENCES t{number // 2} (id)" if number else ""
        connection.execute(f"CREATE TABLE t{number} (id integer PRIMARY KEY, {columns}{parent})")
        connection.execute(f"INSERT INTO t{number} (id, c0, c1) VALUES (1, 2, 'x'), (2, 3, 'y')")
    connection.commit()
    connection.close()
    asked = Asked("legacy", "cloud", tmp_path / "out", tmp_path / "out")
    environment = {"LEGACY_URL": f"sqlite:///{tmp_path / 'wide.db'}"}
    started = time.process_time()
    assert len(discover(asked, environment).written) == 1000
    assert time.process_time() - started < 60
    assert not discover(asked, environment).open


def test_a_table_that_is_parted_runs_as_it_was_discovered(
    sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = sqlite_shop
    monkeypatch.setattr(partitions, "MANY", 2)
    monkeypatch.setattr(partitions, "MOST_ROWS", 1)
    monkeypatch.setattr(partitions, "FEWEST_ROWS", 1)
    shop.discover()
    contracts = shop.loaded()
    customer = contracts["customer"]
    assert customer.partitioning == ByKey("id", 1)
    planned = plan_partitions(customer, shop.environment)
    assert planned is not None
    assert planned.partitions == 3
    migration = TableMigration(customer, contracts, shop.environment)
    for partition in migration.partitions():
        for stage in ("extract", "transform", "load"):
            assert getattr(migration, stage)(partition.key, "run-1").refusal is None
    assert shop.ask("SELECT count(*) FROM customer") == [(3,)]


def test_names_that_collide_get_names_of_their_own(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    long = "a_table_with_a_name_that_is_far_too_long_for_any_database_but_this_one_"
    shop.change(
        'CREATE TABLE "2nd-table" (id integer PRIMARY KEY, "a.b" text, "A" text)',
        'CREATE TABLE "2nd table" (id integer PRIMARY KEY)',
        f'CREATE TABLE "{long}1" (id integer PRIMARY KEY, "{long}column" text)',
        f'CREATE TABLE "{long}2" (id integer PRIMARY KEY, parent integer REFERENCES "{long}1")',
    )
    found = shop.discover()
    contracts = shop.loaded()
    assert {"table_2nd_table", "table_2nd_table_2", f"{long}1", f"{long}2"} <= contracts.keys()
    targets = [str(contract.target_table) for contract in contracts.values()]
    assert len(set(targets)) == len(targets)
    assert all(len(contract.target_table.name.encode()) <= 63 for contract in contracts.values())
    assert contracts[f"{long}1"].columns[1].sources == (f"{long}column",)
    assert contracts[f"{long}2"].references[0].parent == f"{long}1"
    assert found.proposal is not None
    kinds = {remark.kind for remark in found.proposal.remarks}
    assert "long name" in kinds
    assert not shop.discover().open
