import json
import random
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import (
    ByKey,
    ByTime,
    ByValue,
    Contract,
    Index,
    Reference,
    Server,
    TableName,
    Whole,
)
from migration_assets.contracts.yaml_text import read as read_text
from migration_assets_tests.contracts.conftest import Read
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS


@pytest.fixture
def orders(read: Read) -> Contract:
    return read()["orders"]


def test_servers_and_tables_are_named(orders: Contract) -> None:
    assert orders.source == Server("legacy", "mysql", None, "require")
    assert orders.target == Server("cloud", "postgresql", "sales", "verify-full")
    assert orders.source_table == TableName("crm", "ORDERS")
    assert orders.target_table == TableName("sales", "order")
    assert orders.schema_name == "orders"


def test_what_migration_asks_for_is_in_the_contract(orders: Contract) -> None:
    assert orders.partitioning == ByTime("month", "CREATED", datetime(2019, 1, 1), datetime(2020, 1, 1))
    assert (orders.where, orders.load_mode, orders.bad_rows) == ("DELETED = 0", "upsert", "quarantine")
    assert (orders.zero_dates, orders.priority, orders.keep_generations) == ("as_null", 10, 5)
    assert orders.unique == (("code", "customer"),)
    assert orders.indexes == (Index(("customer",)), Index(("created_at", "code"), unique=True))
    assert orders.checks == {"dear_enough": "price >= 0.01 AND code <> 'none'"}


def test_what_is_left_out_has_its_default(read: Read) -> None:
    customers = read()["customers"]
    assert customers.partitioning == Whole()
    assert (customers.where, customers.load_mode, customers.bad_rows) == (None, "replace", "fail")
    assert (customers.zero_dates, customers.priority, customers.keep_generations) == ("refuse", 0, 3)
    assert customers.source_table == TableName(None, "customers")
    assert customers.domain == "migration"


def test_columns_have_the_targets_names_and_types(orders: Contract) -> None:
    assert [(column.name, column.type) for column in orders.columns] == [
        ("order_number", "int"),
        ("code", "varchar(10)"),
        ("customer", "bigint"),
        ("price", "numeric(12,2)"),
        ("created_at", "timestamp with time zone"),
        ("note", "text"),
    ]


def test_columns_know_where_they_come_from(orders: Contract) -> None:
    assert {column.name: (column.sources, column.expression) for column in orders.columns} == {
        "order_number": (("ORDER_NO",), None),
        "code": (("CODE.OLD",), None),
        "customer": (("CUST",), None),
        "price": ((), "CENTS / 100"),
        "created_at": (("CREATED",), None),
        "note": (("note",), None),
    }


def test_the_primary_key_is_in_its_own_order_and_required(orders: Contract) -> None:
    assert orders.primary_key == ("code", "order_number")
    assert [c.name for c in orders.columns if c.required] == ["order_number", "code", "customer"]


def test_values_and_limits_stay_what_was_written(orders: Contract) -> None:
    assert orders.column("code").enum == ("010", "NO", "2019-01-01", "1.10", "none", "true")
    price = orders.column("price")
    assert price.options == {"minimum": Decimal("0.05"), "maximum": 1_000_000}
    assert (price.default, price.check, price.classification) == ("1.50", "price < 2000000", "internal")
    assert orders.column("order_number").identity == "by default"


def test_quality_rules_have_a_name_of_their_own_and_block_unless_they_warn(orders: Contract) -> None:
    some, rows, twice = orders.quality
    assert (some.name, some.kind, some.blocking, some.operator, some.operand) == (
        "some_orders", "sql", True, "mustBeGreaterThan", Decimal("0.5"),
    )  # fmt: skip
    assert some.query == 'SELECT count(*) FROM sales."order"'
    assert (rows.name, rows.kind, rows.metric, rows.blocking, rows.operand) == (
        "row_count", "metric", "rowCount", False, [1, 1000],
    )  # fmt: skip
    assert (twice.name, twice.arguments) == ("duplicate_values", {"properties": ["code", "customer"]})
    (empty,) = orders.column("price").quality
    assert (empty.name, empty.metric, empty.unit) == ("price_null_values", "nullValues", "percent")


def test_references_are_found_by_the_names_of_the_standard(orders: Contract) -> None:
    assert orders.references == (Reference(("customer",), "customers", ("id",)),)


def test_a_reference_may_be_deferred(read: Read) -> None:
    to = "{to: customers.id, customProperties: [{property: migration, value: {deferred: true}}]}"
    orders = read(orders=ORDERS.replace("{to: customers.id}", to))["orders"]
    assert orders.references[0].deferred


def test_people_and_words_about_it_are_kept(orders: Contract) -> None:
    assert orders.owners == ("team:orders-team", "ada@example.com")
    assert orders.domain == "sales_returns"
    assert orders.tags == ("wave_1", "money")
    assert orders.description == "One row for each order.\n\nWhat customers ordered.\n\nReports."
    assert orders.version == "2.1.0"


def test_the_digest_is_of_what_the_file_says_and_not_of_how(read: Read) -> None:
    first = read()["orders"].digest
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert (
        read(orders="# another comment\n" + ORDERS.replace("port: 3306", "port:   3306"))["orders"].digest
        == first
    )
    assert read(orders=ORDERS.replace("mode: upsert", "mode: replace"))["orders"].digest != first
    assert read(orders=ORDERS.replace("value: 1.10", "value: 1.1"))["orders"].digest != first
    assert read(orders=ORDERS.replace("value: 1.10", 'value: "1.10"'))["orders"].digest != first


@pytest.mark.parametrize(
    ("said", "partitioning"),
    [
        ("{by: key, rows: 1000}", ByKey("code", 1000)),
        ("{by: key, rows: 1000, column: ORDER_NO}", ByKey("ORDER_NO", 1000)),
        ("{by: value, column: CUST}", ByValue("CUST")),
        ("{by: value, column: code, values: [010, NO, 7, 1.10]}",
         ByValue("code", ("010", "NO", "7", "1.10"))),
        ("{by: hour, column: created_at, start: '2019-01-01T05:00'}",
         ByTime("hour", "created_at", datetime(2019, 1, 1, 5))),
        ("{by: year, column: created_at, start: 2019-01-01 00:00:00}",
         ByTime("year", "created_at", datetime(2019, 1, 1))),
    ],
)  # fmt: skip
def test_partitions_are_by_time_key_or_value(
    read: Read, said: str, partitioning: ByKey | ByTime | ByValue
) -> None:
    old = "{by: month, column: CREATED, start: 2019-01-01, end: 2020-01-01}"
    assert read(orders=ORDERS.replace(old, said))["orders"].partitioning == partitioning


@pytest.mark.parametrize(
    ("said", "target", "source"),
    [
        ("physicalName: billing.order", TableName("billing", "order"), TableName("crm", "ORDERS")),
        ('physicalName: \'"a.b"."c ""d"""\'', TableName("a.b", 'c "d"'), TableName("crm", "ORDERS")),
        ("businessName: x", TableName("sales", "orders"), TableName("crm", "ORDERS")),
    ],
)
def test_a_table_may_have_its_schema_in_its_name(
    read: Read, said: str, target: TableName, source: TableName
) -> None:
    orders = read(orders=ORDERS.replace("physicalName: order\n", said + "\n"))["orders"]
    assert (orders.target_table, orders.source_table) == (target, source)


@pytest.mark.parametrize(
    ("name", "file", "found"),
    [
        ("customers", "anything", "customers"),
        ("Customers and more", "customers", "customers"),
        ("2nd", "old-customers.v2", "old_customers_v2"),
        ("", "2019 customers", "contract_2019_customers"),
        ("", "übersicht", "bersicht"),
    ],
)
def test_a_contract_is_named_by_its_document_or_its_file(
    tmp_path: Path, name: str, file: str, found: str
) -> None:
    text = CUSTOMERS.replace("name: customers\nversion", f'name: "{name}"\nversion')
    (tmp_path / f"{file}.odcs.yaml").write_text(text)
    assert list(load(tmp_path)) == [found]


@pytest.mark.parametrize(
    ("team", "owners"),
    [
        (
            "[{username: a@example.com}, {username: b, name: b@example.com}]",
            ("a@example.com", "b@example.com"),
        ),
        ("[{username: 'team:core'}, {username: nobody}, {username: a@b}]", ("team:core",)),
        ("{name: The Team}", ("team:The Team",)),
        ("{members: [{username: a@example.com}, {username: a@example.com}]}", ("a@example.com",)),
    ],
)
def test_owners_are_teams_and_mail_addresses(read: Read, team: str, owners: tuple[str, ...]) -> None:
    text = CUSTOMERS.replace("status: active\n", f"status: active\nteam: {team}\n")
    assert read(customers=text)["customers"].owners == owners


def test_a_contract_is_the_same_however_its_file_is_laid_out(tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)

    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            entries = list(value.items())
            chance.shuffle(entries)
            return {key: shuffled(part) for key, part in entries}
        return [shuffled(part) for part in value] if isinstance(value, list) else value

    (tmp_path / "customers.odcs.yaml").write_text(CUSTOMERS)
    first = load(tmp_path)["customers"]
    for _ in range(5):
        changed = shuffled(read_text(CUSTOMERS.encode()).value)
        (tmp_path / "customers.odcs.yaml").write_text(json.dumps(changed, indent=chance.randrange(4)))
        assert replace(load(tmp_path)["customers"]) == first
