"""Hashed inside the databases: the same rows are equal as where they are hashed on the client."""

import io
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg2
import pytest
from psycopg2 import extensions, sql

from migration_assets.errors import PlanRefused
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.verify import method
from migration_assets.tables.verify.in_database import summed
from migration_assets_tests.tables.shop import Shop
from migration_assets_tests.tables.verify.comparing import keys, named, proof

#: expressions of the same type, all of which PostgreSQL prints otherwise, though it may call some equal
TOLD_APART = {
    "numeric": ["1.0", "1.00", "NaN", "1e-20"],
    "float8": ["0", "-0", "NaN", "0.1", "0.30000000000000004", "0.3"],
    "text": ["", None, "a", "a ", '"', "\\", "\t", "a,b", "(a)", "\\N", '""', "é", "é"],
    "char(3)": ["a", "ab", None, ""],
    "interval": ["1 day", "24 hours", "1 mon"],
    "json": ['{"a":1}', '{"a": 1}'],
    "jsonb": ['{"a":1}', '{"a":1.0}'],
    "bytea": ["\\x", "\\x00", "\\x5c", None],
    "bool": ["t", "f", None],
    "timestamptz": ["infinity", "2024-01-01 00:00:00+00", "2024-01-01 00:00:00.000001+00"],
    "text[]": ["{}", "{NULL}", '{"NULL"}', '{""}', None],
}


def sums(connection: extensions.connection, kind: str, values: Sequence[str | None]) -> Fingerprint:
    rows = sql.SQL(", ").join(sql.SQL("({}::{})").format(sql.Literal(v), sql.SQL(kind)) for v in values)
    found = summed(connection, ["v"], sql.SQL(" FROM (VALUES {}) AS t (v)").format(rows))
    assert found is not None
    return found


@pytest.fixture
def connection(shop: Shop) -> Iterator[extensions.connection]:
    with closing(psycopg2.connect(shop.old)) as opened:
        yield opened


def test_two_rows_have_one_sum_exactly_when_they_have_one_line(connection: extensions.connection) -> None:
    for kind, values in TOLD_APART.items():
        lines: list[str] = []
        for value in values:
            file = io.StringIO()
            query = sql.SQL("COPY (SELECT {}::{}) TO STDOUT").format(sql.Literal(value), sql.SQL(kind))
            connection.cursor().copy_expert(query, file)
            lines.append(file.getvalue())
        found = [sums(connection, kind, [value]) for value in values]
        for one in range(len(values)):
            for other in range(len(values)):
                same = lines[one] == lines[other]
                assert (found[one] == found[other]) is same, (kind, values[one], values[other])


def test_sums_take_no_notice_of_the_order_and_count_rows_that_are_there_twice(
    connection: extensions.connection,
) -> None:
    assert sums(connection, "text", ["a", "b", "a"]) == sums(connection, "text", ["a", "a", "b"])
    assert sums(connection, "text", ["a", "b", "a"]) != sums(connection, "text", ["a", "b", "b"])


def test_equal_tables_are_equal_inside_the_databases_and_what_differs_is_named_as_ever(shop: Shop) -> None:
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)")
    shop.run("customers")
    shop.run("orders")
    found = proof(shop, "orders", method="database")
    assert found.equal
    assert found.method == f"{method.DATABASE}, as asked"
    assert found.compared.read == 300
    assert proof(shop, "orders", method="database", columns=("note",)).equal
    shop.ask_new(
        "UPDATE shop.orders SET note = 'x' WHERE id IN (7, 250)", "DELETE FROM shop.orders WHERE id = 9"
    )
    found = proof(shop, "orders", method="database")
    assert named(found) == sorted([*keys("changed", [7, 250]), ("missing", "id=9")])
    assert found.method.endswith("inside the databases its sums had differed")
    assert proof(shop, "orders", method="database", columns=("customer_id",)).number("changed") == 0


def test_many_rows_are_tried_both_ways_and_the_result_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(method, "WORTH", 0)
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)")
    shop.run("customers")
    shop.run("orders")
    found = proof(shop, "orders")
    assert found.equal
    assert "10,000 rows took" in found.method


def test_rows_that_are_mapped_are_refused_with_the_reason(shop: Shop) -> None:
    shop.run("customers")
    with pytest.raises(PlanRefused, match="its rows are mapped or looked at on their way"):
        proof(shop, "customers", method="database")
    assert proof(shop, "customers", method="client").equal
