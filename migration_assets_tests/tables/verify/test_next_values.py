"""Sequences of the target that are behind its keys are found, and the statement that moves them holds no key."""

from dataclasses import replace

import psycopg2
from psycopg2 import extensions

from migration_assets.contracts.model import Column
from migration_assets.tables.verify.next_values import NextValue, next_values
from migration_assets.tables.verify.whole_target import looked_at
from migration_assets_tests.tables.shop import ORDERS, Shop

COUNTED = replace(
    ORDERS,
    columns=(
        Column("id", "bigint", identity="by default", sources=("ordno",), required=True),
        *ORDERS.columns[1:],
    ),
    references=(),
)


def asked(url: str, setting: str = "") -> tuple[NextValue, ...]:
    connection: extensions.connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(setting or "SELECT 1")
            return next_values(cursor, COUNTED)
    finally:
        connection.close()


def test_a_sequence_behind_the_highest_key_is_a_finding_with_the_statement_that_moves_it(shop: Shop) -> None:
    contract = shop.contract(COUNTED)
    shop.run("orders")
    parts = shop.migration("orders").partitions()
    assert looked_at(contract, shop.contracts, shop.environment, parts).structure == ()
    shop.ask_new("INSERT INTO shop.orders (id) OVERRIDING SYSTEM VALUE VALUES (4711)")
    found = looked_at(contract, shop.contracts, shop.environment, parts)
    (said,) = found.structure
    assert said.startswith("sequence shop.orders_id_seq is behind the highest key of shop.orders.id")
    (statement,) = (line for line in found.proposed if "setval" in line)
    assert "4711" not in said + statement
    shop.ask_new(statement)
    assert shop.ask_new("INSERT INTO shop.orders (note) VALUES ('n') RETURNING id") == [(4712,)]
    assert asked(shop.new) == ()


def test_a_sequence_that_ends_too_early_or_may_not_be_read_is_told(shop: Shop) -> None:
    shop.contract(COUNTED)
    shop.run("orders")
    shop.ask_new("ALTER SEQUENCE shop.orders_id_seq MAXVALUE 300 RESTART 1")
    shop.ask_new("INSERT INTO shop.orders (id) OVERRIDING SYSTEM VALUE VALUES (4711)")
    (found,) = asked(shop.new)
    assert found == NextValue("sequence shop.orders_id_seq ends below the highest key of shop.orders.id", "")
    shop.ask_new(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reads_tables') THEN "
        "CREATE ROLE reads_tables; END IF; END $$",
        "GRANT USAGE ON SCHEMA shop TO reads_tables",
        "GRANT SELECT ON shop.orders TO reads_tables",
    )
    (unread,) = asked(shop.new, "SET ROLE reads_tables")
    assert unread.finding == ""
    assert unread.proposed.startswith('GRANT SELECT ON SEQUENCE "shop"."orders_id_seq" TO ')
    shop.ask_new("DROP OWNED BY reads_tables", "DROP ROLE reads_tables")
