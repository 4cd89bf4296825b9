"""Orphans are counted exactly, named by key, and judged when their parent can no longer come."""

import hashlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from migration_assets.contracts.model import Reference
from migration_assets.errors import MappingFault, MigrationError
from migration_assets.tables.referential import incoming, judgement, outgoing
from migration_assets_tests.tables.by_hand import HOSTILE, column, contract, named, refers

ALL = sql.SQL("true")
CUSTOMERS = contract("customers", column("id"), primary_key=("id",))
ORDERS = contract(
    "orders",
    column("id"),
    column("customer_id"),
    primary_key=("id",),
    references=(refers("customer_id", "customers"),),
)


@pytest.fixture
def cursor(new_database: Callable[[str], str]) -> Iterator[Any]:
    connection = psycopg2.connect(new_database("referential"))
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def shop(cursor: Any) -> None:
    cursor.execute("CREATE TABLE customers (id integer PRIMARY KEY)")
    cursor.execute("CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer)")
    cursor.execute("INSERT INTO customers VALUES (1), (2)")
    cursor.execute("INSERT INTO orders VALUES (1, 1), (2, 9), (3, NULL), (4, 9), (5, 8), (6, 2)")


def keys(found: Any) -> list[str]:
    return [row.key for row in found.rows]


def test_orphans_are_counted_and_named_by_key(cursor: Any) -> None:
    shop(cursor)
    found = outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, ALL, 20)
    assert found.total == 3
    assert keys(found) == ["id=2", "id=4", "id=5"]
    assert {row.reason for row in found.rows} == {"customer_id: no row in public.customers (id)"}
    assert found.child == "orders"


def test_no_orphans_are_no_rows(cursor: Any) -> None:
    shop(cursor)
    cursor.execute("DELETE FROM orders WHERE customer_id > 2")
    found = outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, ALL, 20)
    assert (found.total, found.rows) == (0, ())


def test_the_count_is_exact_where_the_keys_are_limited(cursor: Any) -> None:
    shop(cursor)
    cursor.execute("INSERT INTO orders SELECT n, 99 FROM generate_series(100, 1099) n")
    found = outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, ALL, 2)
    assert found.total == 1003
    assert keys(found) == ["id=2", "id=4"]


def test_only_the_rows_of_the_partition_are_looked_at(cursor: Any) -> None:
    shop(cursor)
    where = sql.SQL("{} >= {} OR {} IS NULL").format(
        sql.Identifier("id"), sql.Literal(4), sql.Identifier("id")
    )
    found = outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, where, 20)
    assert keys(found) == ["id=4", "id=5"]


def test_a_null_in_any_column_refers_to_nothing(cursor: Any) -> None:
    cursor.execute("CREATE TABLE p (a integer, b text, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 'x')")
    cursor.execute("CREATE TABLE c (k integer, a integer, b text)")
    cursor.execute(
        "INSERT INTO c VALUES (1, 1, 'x'), (2, 1, NULL), (3, NULL, 'q'), (4, NULL, NULL), (5, 1, 'X')"
    )
    parent = contract("p", column("a"), column("b", "text"), primary_key=("a", "b"))
    child = contract("c", column("k"), column("a"), column("b", "text"), primary_key=("k",))
    found = outgoing(cursor, child, refers("b a", "p", "b a"), parent, ALL, 20)
    assert (found.total, keys(found)) == (1, ["k=5"])


def test_a_personal_key_is_shown_as_a_piece_of_its_hash(cursor: Any) -> None:
    cursor.execute("CREATE TABLE p (id integer PRIMARY KEY)")
    cursor.execute("CREATE TABLE c (email text, n integer, p_id integer, PRIMARY KEY (email, n))")
    cursor.execute("INSERT INTO c VALUES ('jo@example.org', 3, 7)")
    child = contract(
        "c",
        column("email", "text", classification="confidential"),
        column("n"),
        column("p_id"),
        primary_key=("email", "n"),
    )
    parent = contract("p", column("id"), primary_key=("id",))
    found = outgoing(cursor, child, refers("p_id", "p"), parent, ALL, 20)
    mark = hashlib.sha256(b"jo@example.org").hexdigest()[:8]
    assert keys(found) == [f"email=#{mark}, n=3"]


def test_without_a_primary_key_the_columns_are_named_with_the_count(cursor: Any) -> None:
    shop(cursor)
    child = contract("orders", column("id"), column("customer_id"))
    found = outgoing(cursor, child, refers("customer_id", "customers"), CUSTOMERS, ALL, 20)
    assert found.total == 3
    assert [(row.key, row.reason) for row in found.rows] == [
        ("customer_id", "3 rows; customer_id: no row in public.customers (id)")
    ]


def test_a_parent_table_that_is_not_there_has_no_rows(cursor: Any) -> None:
    shop(cursor)
    cursor.execute("DROP TABLE customers")
    assert outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, ALL, 20).total == 5


def test_a_self_reference_finds_its_parents_in_other_partitions(cursor: Any) -> None:
    cursor.execute("CREATE TABLE tree (id integer PRIMARY KEY, up integer)")
    cursor.execute("INSERT INTO tree VALUES (1, NULL), (2, 1), (10, 2), (11, 99)")
    tree = contract(
        "tree", column("id"), column("up"), primary_key=("id",), references=(refers("up", "tree"),)
    )
    found = outgoing(cursor, tree, tree.references[0], tree, sql.SQL("id >= 10"), 20)
    assert keys(found) == ["id=11"]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("smallint", "bigint", 1),
        ("numeric(9,2)", "integer", 1),
        ("varchar(9)", "text", 1),
        ("char(9)", "varchar(4)", 1),
    ],
)
def test_types_that_compare_are_compared(cursor: Any, ours: str, theirs: str, found: int) -> None:
    cursor.execute(f"CREATE TABLE p (id {theirs} PRIMARY KEY); INSERT INTO p VALUES ('1')")
    cursor.execute(f"CREATE TABLE c (p_id {ours}); INSERT INTO c VALUES ('1'), ('2')")
    child, parent = contract("c", column("p_id", ours)), contract("p", column("id", theirs))
    assert outgoing(cursor, child, refers("p_id", "p"), parent, ALL, 20).total == found


def test_types_that_do_not_compare_are_named(cursor: Any) -> None:
    cursor.execute("CREATE TABLE p (id integer PRIMARY KEY, b integer)")
    cursor.execute("CREATE TABLE c (p_id varchar(10), b integer)")
    child = contract("c", column("p_id", "varchar(10)"), column("b"))
    parent = contract("p", column("id"), column("b"))
    with pytest.raises(MappingFault) as caught:
        outgoing(cursor, child, refers("p_id b", "p", "id b"), parent, ALL, 20)
    assert caught.value.what.startswith("c.p_id (varchar(10)) and p.id (integer) cannot be compared")


def test_a_parent_in_another_database_is_refused(cursor: Any) -> None:
    far = replace(CUSTOMERS, target=replace(CUSTOMERS.target, name="elsewhere"))
    with pytest.raises(MappingFault, match="another database"):
        outgoing(cursor, ORDERS, ORDERS.references[0], far, ALL, 20)


def test_what_the_database_refuses_is_our_error(cursor: Any) -> None:
    shop(cursor)
    with pytest.raises(MigrationError, match="nosuch"):
        outgoing(cursor, ORDERS, ORDERS.references[0], CUSTOMERS, sql.SQL("nosuch > 1"), 20)


def test_hostile_names_are_only_names(cursor: Any) -> None:
    cursor.execute("CREATE TABLE x (a integer)")
    place = sql.Identifier("public", "2019")
    cursor.execute(sql.SQL("CREATE TABLE {} ({} integer PRIMARY KEY)").format(place, sql.Identifier(HOSTILE)))
    cursor.execute('CREATE TABLE "user" ("select" integer PRIMARY KEY, "rows" integer, "%s{}" integer)')
    cursor.execute('INSERT INTO "user" VALUES (1, 2, 3)')
    parent = contract("p", column(HOSTILE), table="2019", primary_key=(HOSTILE,))
    child = contract("user", column("select"), column("rows"), column("%s{}"), primary_key=("select",))
    for name in ("rows", "%s{}"):
        found = outgoing(cursor, child, Reference((name,), "p", (HOSTILE,)), parent, ALL, 20)
        assert (found.total, keys(found)) == (1, ["select=1"])
    hostile_key = contract("user", column("%s{}"), column("rows"), primary_key=("%s{}",))
    found = outgoing(cursor, hostile_key, Reference(("rows",), "p", (HOSTILE,)), parent, ALL, 20)
    assert keys(found) == ["%s{}=3"]


def test_what_waited_for_a_parent_is_looked_at_among_all_rows(cursor: Any) -> None:
    cursor.execute("CREATE TABLE a (id integer PRIMARY KEY, b_id integer, up integer)")
    cursor.execute("CREATE TABLE b (id integer PRIMARY KEY, a_id integer)")
    cursor.execute("INSERT INTO a VALUES (1, 1, 1), (2, 7, 9); INSERT INTO b VALUES (1, 1), (2, 8), (3, 9)")
    a = contract(
        "a",
        column("id"),
        column("b_id"),
        column("up"),
        primary_key=("id",),
        references=(refers("b_id", "b"), refers("up", "a")),
    )
    b = contract(
        "b",
        column("id"),
        column("a_id"),
        primary_key=("id",),
        references=(refers("a_id", "a", deferred=True),),
    )
    later = contract("later", column("a_id"), references=(refers("a_id", "a", deferred=True),))
    contracts = named(a, b, later)
    assert [(o.child, o.total, keys(o)) for o in incoming(cursor, a, contracts, 20)] == [
        ("a", 1, ["id=2"]),
        ("b", 2, ["id=2", "id=3"]),
    ]
    assert incoming(cursor, b, contracts, 20) == ()


@pytest.mark.parametrize(
    ("deferred", "own", "complete", "judged"),
    [
        (False, False, False, "strict"),
        (False, False, True, "strict"),
        (True, False, False, "pending"),
        (True, False, True, "strict"),
        (False, True, False, "pending"),
        (False, True, True, "strict"),
        (True, True, False, "pending"),
        (True, True, True, "strict"),
    ],
)
def test_an_orphan_waits_only_for_a_parent_that_may_still_come(
    deferred: bool, own: bool, complete: bool, judged: str
) -> None:
    reference = refers("customer_id", "orders" if own else "customers", deferred=deferred)
    assert judgement(reference, ORDERS, complete) == judged


def test_four_references_of_300000_rows_take_seconds(cursor: Any) -> None:
    rows = 300_000
    sizes = {"orders": 75_000, "parts": 10_000, "suppliers": 500}
    for name, size in sizes.items():
        cursor.execute(f"CREATE TABLE {name} (id integer PRIMARY KEY)")
        cursor.execute(f"INSERT INTO {name} SELECT generate_series(1, {size})")
    cursor.execute(
        "CREATE TABLE offers (part_id integer, supplier_id integer, PRIMARY KEY (part_id, supplier_id))"
    )
    cursor.execute(
        "INSERT INTO offers SELECT n % 10000 + 1, n % 500 + 1 FROM generate_series(1, 40000) n GROUP BY 1, 2"
    )
    cursor.execute(
        "CREATE TABLE lines"
        " (id integer PRIMARY KEY, orders_id integer, parts_id integer, suppliers_id integer)"
    )
    cursor.execute(
        "INSERT INTO lines SELECT n, n % 75000 + 1, n % 10000 + 1, n % 500 + 1"
        f" FROM generate_series(1, {rows}) n"
    )
    lines = contract(
        "lines", *map(column, ("id", "orders_id", "parts_id", "suppliers_id")), primary_key=("id",)
    )
    parents = [contract(name, column("id")) for name in sizes]
    references = [refers(f"{name}_id", name) for name in sizes]
    offers = contract("offers", column("part_id"), column("supplier_id"))
    begun = time.perf_counter()
    for reference, parent in itertools.chain(
        zip(references, parents, strict=True),
        [(refers("parts_id suppliers_id", "offers", "part_id supplier_id"), offers)],
    ):
        assert outgoing(cursor, lines, reference, parent, sql.SQL("id BETWEEN 1 AND 300000"), 20).total == 0
    seconds = time.perf_counter() - begun
    print(f"{rows} rows, 4 references: {seconds:.2f} s")
    assert seconds < 10
