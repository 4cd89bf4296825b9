"""References of the whole target, in both directions, with and without constraints; and its structure."""

from collections.abc import Callable
from dataclasses import replace

from migration_assets.contracts.model import ByKey, Column, Reference, Server, TableName
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.verify.whole_target import WholeTarget, looked_at
from migration_assets_tests.tables.shop import CUSTOMERS, ORDERS, Shop, ask


def look(shop: Shop, name: str) -> WholeTarget:
    contract = shop.contracts[name]
    return looked_at(contract, shop.contracts, shop.environment, shop.migration(name).partitions())


def without_constraints(shop: Shop) -> None:
    shop.ask_new(
        "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint "
        "WHERE contype = 'f' LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); "
        "END LOOP; END $$"
    )


def test_where_all_is_there_nothing_is_found_or_proposed(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    for name in ("customers", "orders"):
        found = look(shop, name)
        assert found.referential["all"].passed
        assert found.structure == ()
        assert found.proposed == ()


def test_orphans_are_named_from_both_sides_whether_or_not_a_constraint_exists(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    without_constraints(shop)
    shop.ask_new("DELETE FROM shop.customers WHERE id = 7")
    child = look(shop, "orders").referential["all"]
    assert not child.passed
    assert child.counts["orphans"] == 3
    assert {row.key for row in child.rows} == {"id=6", "id=106", "id=206"}
    parent = look(shop, "customers").referential["all"]
    assert not parent.passed
    assert parent.counts["orphans_of_others"] == 3
    assert {row.key for row in parent.rows} == {"orders: id=6", "orders: id=106", "orders: id=206"}


def test_a_missing_constraint_that_the_rows_keep_is_proposed_and_not_made(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    without_constraints(shop)
    proposed = look(shop, "orders").proposed
    assert [statement.endswith("NOT VALID;") for statement in proposed] == [True, False]
    assert "VALIDATE CONSTRAINT" in proposed[1]
    assert shop.ask_new("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == [(0,)]
    shop.ask_new(*proposed)
    assert look(shop, "orders").proposed == ()


def test_orphans_are_told_of_the_partition_that_has_them(shop: Shop) -> None:
    shop.run("customers")
    contract = shop.contract(ORDERS, partitioning=ByKey("ordno", 100))
    plan_partitions(contract, shop.environment)
    for key in ("0001", "0002", "0003", "rest"):
        shop.run("orders", key)
    without_constraints(shop)
    shop.ask_new("UPDATE shop.orders SET customer_id = 999 WHERE id IN (5, 6, 250)")
    found = look(shop, "orders").referential
    assert {key: outcome.counts["orphans"] for key, outcome in found.items()} == {
        "0001": 2,
        "0002": 0,
        "0003": 1,
        "rest": 0,
    }


def test_composite_and_own_references_are_looked_at(shop: Shop) -> None:
    shop.ask_old(
        "CREATE TABLE tree (a int, b text, up_a int, up_b text, PRIMARY KEY (a, b))",
        "INSERT INTO tree VALUES (1, 'x', NULL, NULL), (2, 'y', 1, 'x'), (3, 'z', 2, NULL), (4, 'w', 2, 'y')",
    )
    shop.contract(
        ORDERS,
        name="tree",
        source_table=TableName(None, "tree"),
        target_table=TableName("shop", "tree"),
        columns=tuple(
            Column(name, kind, sources=(name,), required=name in "ab")
            for name, kind in (("a", "integer"), ("b", "text"), ("up_a", "integer"), ("up_b", "text"))
        ),
        primary_key=("a", "b"),
        references=(Reference(("up_a", "up_b"), "tree", ("a", "b")),),
    )
    shop.run("tree")
    assert look(shop, "tree").referential["all"].passed
    without_constraints(shop)
    shop.ask_new("DELETE FROM shop.tree WHERE a = 2")
    found = look(shop, "tree").referential["all"]
    assert {row.key for row in found.rows} == {"a=4, b=w"}


def test_a_parent_in_another_database_is_asked_there(shop: Shop, new_database: Callable[[str], str]) -> None:
    elsewhere = new_database("elsewhere")
    shop.contract(CUSTOMERS, target=Server("other", "postgres"), name="customers")
    orders = shop.contract(ORDERS, references=())
    shop.run("orders")
    ask(
        elsewhere,
        [
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.customers (id integer PRIMARY KEY)",
            "INSERT INTO shop.customers SELECT generate_series(1, 98)",
        ],
    )
    asking = replace(orders, references=ORDERS.references)
    parts = shop.migration("orders").partitions()
    found = looked_at(asking, shop.contracts, {**shop.environment, "OTHER_URL": elsewhere}, parts)
    outcome = found.referential["all"]
    assert not outcome.passed
    assert outcome.counts["orphans"] == 6
    assert {row.key for row in outcome.rows} == {f"id={n}" for n in (98, 99, 198, 199, 298, 299)}
    ask(elsewhere, ["INSERT INTO shop.customers VALUES (99), (100)"])
    assert (
        looked_at(asking, shop.contracts, {**shop.environment, "OTHER_URL": elsewhere}, parts)
        .referential["all"]
        .passed
    )


def test_a_structure_that_is_not_the_contracts_is_told(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_new(
        "ALTER TABLE shop.customers ALTER balance TYPE numeric(14,2)",
        "ALTER TABLE shop.customers ALTER active DROP NOT NULL",
    )
    found = look(shop, "customers").structure
    assert any("balance is numeric(14,2)" in line for line in found)
    assert any("active allows NULL" in line for line in found)
