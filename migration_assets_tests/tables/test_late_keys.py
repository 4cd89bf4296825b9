"""Keys that come after the rows: only where the source already keeps the rows apart."""

from dataclasses import replace
from typing import Any

import pytest

from migration_assets.contracts.model import ByKey, ByValue, Contract, Reference, TableName
from migration_assets.errors import LoadRefused, StructureDiffers
from migration_assets.tables import completeness
from migration_assets.tables.late_keys import keys_may_wait
from migration_assets.tables.mapping import mapping
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.sources.base import SourceColumn, SourceTable
from migration_assets_tests.tables.shop import CUSTOMERS, ORDERS, Shop

KEYS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid = 'shop.orders'::regclass AND contype IN ('p', 'u')"
)
INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = 'shop' AND tablename = 'orders' ORDER BY 1"
ROWS = "SELECT id, customer_id, note FROM shop.orders ORDER BY 1"
OLD_ROWS = "SELECT ordno, custno, note FROM ordhdr ORDER BY 1"


def changed(**changes: Any) -> Contract:
    return replace(ORDERS, **{"references": ()} | changes)


@pytest.mark.parametrize(
    ("contract", "key", "column", "waits"),
    [
        (changed(), ("ordno",), None, True),
        (changed(), (), None, False),
        (changed(load_mode="upsert"), ("ordno",), None, False),
        (changed(primary_key=()), ("ordno",), None, False),
        (changed(unique=(("note",),)), ("ordno",), None, False),
        (changed(references=(Reference(("customer_id",), "orders", ("id",)),)), ("ordno",), None, False),
        (changed(references=(Reference(("customer_id",), "customers", ("id",)),)), ("ordno",), None, True),
        (changed(partitioning=ByKey("ordno", 10)), ("ordno",), "id", True),
        (changed(partitioning=ByValue("note", ("a",))), ("ordno",), "note", False),
        (changed(partitioning=ByValue("note", ("a",))), ("ordno",), None, False),
    ],
)
def test_keys_wait_only_where_the_source_keeps_rows_apart(
    contract: Contract, key: tuple[str, ...], column: str | None, waits: bool
) -> None:
    columns = (
        SourceColumn("ordno", "bigint", "bigint", nullable=False),
        SourceColumn("custno", "integer", "integer"),
        SourceColumn("note", "text", "text"),
    )
    table = SourceTable(TableName("public", "ordhdr"), columns, key)
    assert keys_may_wait(contract, mapping(contract, table), table, column) is waits


@pytest.fixture
def orders(shop: Shop) -> Shop:
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)")
    contract = shop.contract(ORDERS, partitioning=ByKey("ordno", 100), references=())
    plan_partitions(contract, shop.environment)
    return shop


def test_the_key_is_there_once_all_partitions_are_and_not_before(orders: Shop) -> None:
    for partition in ("0001", "0002", "0003"):
        assert orders.run("orders", partition)[-1].refusal is None
        assert orders.ask_new(KEYS) == []
        assert orders.ask_new(INDEXES) == [("orders_migration_finder",)]
    assert orders.run("orders", "rest")[-1].refusal is None

    assert orders.ask_new(KEYS) == [("orders_pkey", "PRIMARY KEY (id)")]
    assert orders.ask_new(INDEXES) == [("orders_pkey",)]
    assert orders.ask_new(ROWS) == orders.ask_old(OLD_ROWS)


def test_a_partition_can_be_loaded_again_before_and_after_its_table_has_a_key(orders: Shop) -> None:
    for run, partition in enumerate(("0001", "0001", "0002", "0003", "rest", "0002")):
        orders.ask_old(f"UPDATE ordhdr SET note = 'run {run}'")
        assert orders.run("orders", partition, f"run-{run}")[-1].refusal is None
    assert orders.ask_new("SELECT DISTINCT note FROM shop.orders ORDER BY 1") == [
        ("run 1",),
        ("run 3",),
        ("run 5",),
    ]
    assert orders.ask_new(KEYS) == [("orders_pkey", "PRIMARY KEY (id)")]


def test_a_load_that_died_before_the_key_was_made_is_finished_by_the_next(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    partitions = ("0001", "0002", "0003", "rest")
    with monkeypatch.context() as dying:
        dying.setattr(completeness, "finish", lambda *_: ())
        for partition in partitions:
            orders.run("orders", partition)
    assert orders.ask_new(KEYS) == []
    assert orders.migration("orders").load("rest", "run-2").refusal is None
    assert orders.ask_new(KEYS) == [("orders_pkey", "PRIMARY KEY (id)")]
    assert orders.ask_new(INDEXES) == [("orders_pkey",)]


def test_rows_that_somebody_else_put_in_are_seen_without_a_key(orders: Shop) -> None:
    orders.run("orders", "0001")
    orders.ask_new("INSERT INTO shop.orders VALUES (150, 1, 'not ours')")
    assert orders.run("orders", "0002")[-1].refusal is None
    assert orders.ask_new("SELECT count(*), count(DISTINCT id) FROM shop.orders") == [(200, 200)]


def test_a_key_that_the_rows_do_not_allow_is_refused_when_it_is_made(orders: Shop) -> None:
    for partition in ("0001", "0002", "0003"):
        orders.run("orders", partition)
    orders.ask_new("INSERT INTO shop.orders VALUES (7, 1, 'a second seven')")
    with pytest.raises(LoadRefused, match="rows share a key"):
        orders.run("orders", "rest")


def test_a_table_of_another_key_is_still_another_table(orders: Shop) -> None:
    orders.ask_new(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.orders (id bigint NOT NULL, customer_id integer PRIMARY KEY, note text)",
    )
    with pytest.raises(StructureDiffers, match="the primary key is"):
        orders.run("orders", "0001")


def test_where_the_source_keeps_nothing_apart_the_target_does_from_the_beginning(
    shop: Shop,
) -> None:
    shop.contract(ORDERS, references=())
    assert shop.run("orders")[0].refusal is None
    assert shop.ask_new(KEYS) == [("orders_pkey", "PRIMARY KEY (id)")]


def test_one_partition_has_its_key_at_its_end(shop: Shop) -> None:
    shop.contract(CUSTOMERS)
    assert shop.run("customers")[-1].refusal is None
    key = "SELECT contype FROM pg_constraint WHERE conrelid = 'shop.customers'::regclass AND contype = 'p'"
    assert shop.ask_new(key) == [("p",)]
