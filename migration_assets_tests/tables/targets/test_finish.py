"""After the rows: sequences, indexes and foreign keys, whatever was there before and however often."""

import io
import threading
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from migration_assets.contracts.model import Contract, Index, Reference
from migration_assets.errors import LoadRefused
from migration_assets.tables.targets import locks, work
from migration_assets.tables.targets.finish import finish
from migration_assets.tables.targets.structure import prepare
from migration_assets_tests.tables.by_hand import HOSTILE, column, contract, named, refers
from migration_assets_tests.tables.targets.conftest import Target

PARENT = contract("customers", column("id", "bigint"), column("name", "text"), primary_key=("id",))
CHILD = contract(
    "orders",
    column("id", "bigint"),
    column("customer_id", "bigint"),
    column("status", "text"),
    primary_key=("id",),
    references=(refers("customer_id", "customers"),),
    indexes=(Index(("customer_id",)), Index(("status", "id"), unique=True)),
)
SHOP = named(PARENT, CHILD)


def everything(_: str) -> bool:
    return True


def only(*names: str) -> Any:
    return lambda name: name in names


def made(target: Target, *contracts: Contract) -> Any:
    connection = target.connect()
    for one in contracts:
        prepare(connection, one)
    return connection


def foreign_keys(target: Target) -> list[tuple[Any, ...]]:
    return target.run(
        "SELECT conname::text, convalidated, condeferrable, condeferred, confrelid::regclass::text"
        " FROM pg_constraint WHERE contype = 'f' ORDER BY 1"
    )


def indexes(target: Target, table: str = "orders") -> list[str]:
    rows = target.run("SELECT indexname::text FROM pg_indexes WHERE tablename = %s ORDER BY 1", (table,))
    return [name for (name,) in rows]


def test_indexes_and_foreign_keys_come_when_both_sides_are_complete(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run("INSERT INTO customers VALUES (1, 'a'); INSERT INTO orders VALUES (1, 1, 'x'), (2, NULL, 'x')")
    assert finish(connection, CHILD, SHOP, only()) == ()
    assert indexes(target) == ["orders_pkey"]
    assert finish(connection, CHILD, SHOP, only("orders")) == (
        "The index on public.orders (customer_id) is made.",
        "The unique index on public.orders (status, id) is made.",
    )
    assert indexes(target) == ["orders_customer_id_idx", "orders_pkey", "orders_status_id_key"]
    assert foreign_keys(target) == []
    said = finish(connection, PARENT, SHOP, everything)
    assert said == ("The foreign key of public.orders (customer_id) to public.customers (id) is made.",)
    assert foreign_keys(target) == [("orders_customer_id_fkey", True, True, False, "customers")]


def test_a_second_time_there_is_nothing_to_do(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    finish(connection, CHILD, SHOP, everything)
    before = target.run("SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_constraint ORDER BY 1")
    assert finish(connection, CHILD, SHOP, everything) == ()
    assert finish(connection, PARENT, SHOP, everything) == ()
    assert target.run("SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_constraint ORDER BY 1") == before


def test_what_is_there_under_another_name_counts(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run(
        "CREATE UNIQUE INDEX one ON orders (customer_id); CREATE UNIQUE INDEX two ON orders (id, status)"
    )
    target.run(
        "ALTER TABLE orders ADD CONSTRAINT own FOREIGN KEY (customer_id) REFERENCES customers DEFERRABLE"
    )
    assert finish(connection, CHILD, SHOP, everything) == ()


def test_an_index_that_covers_only_some_rows_does_not_count(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run(
        "CREATE INDEX one ON orders (customer_id) WHERE id > 5;"
        "CREATE INDEX h ON orders USING hash (customer_id)"
    )
    assert "The index on public.orders (customer_id) is made." in finish(connection, CHILD, SHOP, everything)


def test_a_foreign_key_that_cannot_be_deferred_is_told(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run("ALTER TABLE orders ADD CONSTRAINT own FOREIGN KEY (customer_id) REFERENCES customers")
    (said,) = finish(connection, PARENT, SHOP, everything)
    assert 'ALTER TABLE "public"."orders" ALTER CONSTRAINT "own" DEFERRABLE' in said
    target.run('ALTER TABLE "public"."orders" ALTER CONSTRAINT "own" DEFERRABLE')
    assert finish(connection, PARENT, SHOP, everything) == ()


def test_a_foreign_key_that_was_left_unvalidated_is_validated(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run(
        "ALTER TABLE orders ADD CONSTRAINT own FOREIGN KEY (customer_id) REFERENCES customers"
        " DEFERRABLE NOT VALID"
    )
    (said,) = finish(connection, PARENT, SHOP, everything)
    assert said.startswith("The validation of the foreign key")
    assert foreign_keys(target)[0][1] is True


def test_orphans_leave_the_foreign_key_out_and_no_trace_of_it(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run("INSERT INTO orders VALUES (1, 4711, 'x')")
    (said,) = finish(connection, PARENT, SHOP, everything)
    assert "is left out: the parents of some rows are missing" in said
    assert "4711" not in said
    assert foreign_keys(target) == []


def test_a_parent_without_a_unique_index_is_told_and_not_failed(target: Target) -> None:
    parent = contract("customers", column("id", "bigint"))
    connection = made(target, parent, CHILD)
    (said,) = finish(connection, parent, named(parent, CHILD), everything)
    assert said.endswith("is left out: no unique index keeps the parent's columns unique.")
    target.run("ALTER TABLE customers ADD UNIQUE (id) DEFERRABLE")
    assert finish(connection, parent, named(parent, CHILD), everything) == (said,)


def test_a_parents_own_unique_index_serves_its_children(target: Target) -> None:
    parent = contract("customers", column("id", "bigint"), indexes=(Index(("id",), unique=True),))
    connection = made(target, parent, CHILD)
    finish(connection, parent, named(parent, CHILD), everything)
    assert len(foreign_keys(target)) == 1


def test_types_that_do_not_fit_leave_the_foreign_key_out(target: Target) -> None:
    parent = contract("customers", column("id", "text"), primary_key=("id",))
    connection = made(target, parent, CHILD)
    (said,) = finish(connection, parent, named(parent, CHILD), everything)
    assert "the types of the columns do not fit" in said


def test_a_table_that_is_not_there_leaves_the_foreign_key_out(target: Target) -> None:
    connection = made(target, PARENT)
    (said,) = finish(connection, PARENT, SHOP, everything)
    assert "one of the tables is not there" in said


def test_a_role_that_does_not_own_the_table_is_told_what_to_run(target: Target) -> None:
    made(target, PARENT, CHILD)
    role = f"guest_{target.url.split('/')[-1].split('?')[0]}"
    target.run(f'CREATE ROLE "{role}"; GRANT SELECT ON orders, customers TO "{role}"')
    connection = target.connect()
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
    connection.commit()
    try:
        said = finish(connection, CHILD, SHOP, everything)
    finally:
        connection.close()
        target.run(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
    assert len(said) == 3
    assert 'run: CREATE INDEX "orders_customer_id_idx" ON "public"."orders" ("customer_id").' in said[0]
    assert indexes(target) == ["orders_pkey"]


def test_rows_that_share_a_key_refuse_the_unique_index_after_all_else_is_done(target: Target) -> None:
    said = contract("t", column("a"), column("b"), indexes=(Index(("a",), unique=True), Index(("b",))))
    connection = made(target, said)
    target.run("INSERT INTO t VALUES (4711, 1), (4711, 2)")
    with pytest.raises(LoadRefused, match=r"unique index on public.t \(a\)") as caught:
        finish(connection, said, named(said), everything)
    assert "4711" not in str(caught.value)
    assert indexes(target, "t") == ["t_b_idx"]


def test_a_table_refers_to_itself(target: Target) -> None:
    tree = contract(
        "tree", column("id"), column("up"), primary_key=("id",), references=(refers("up", "tree"),)
    )
    connection = made(target, tree)
    target.run("INSERT INTO tree VALUES (1, NULL), (2, 1)")
    finish(connection, tree, named(tree), everything)
    assert foreign_keys(target) == [("tree_up_fkey", True, True, False, "tree")]


def test_a_composite_key_refers_in_any_order(target: Target) -> None:
    parent = contract("p", column("a"), column("b", "text"), primary_key=("a", "b"))
    child = contract("c", column("x", "text"), column("y"), references=(refers("x y", "p", "b a"),))
    connection = made(target, parent, child)
    target.run("INSERT INTO p VALUES (1, 'k'); INSERT INTO c VALUES ('k', 1), (NULL, 7)")
    finish(connection, child, named(parent, child), everything)
    assert [key[1] for key in foreign_keys(target)] == [True]
    assert finish(connection, parent, named(parent, child), everything) == ()


def test_a_reference_without_an_index_is_told_once(target: Target) -> None:
    child = contract("orders", *CHILD.columns, primary_key=("id",), references=CHILD.references)
    connection = made(target, PARENT, child)
    said = finish(connection, child, named(PARENT, child), everything)
    assert said == (
        "The foreign key of public.orders (customer_id) to public.customers (id) is made.",
        "No index of public.orders begins with (customer_id): each row that leaves public.customers"
        " costs a scan of it; add the index to the contract.",
    )
    assert finish(connection, child, named(PARENT, child), everything) == ()


def test_partitioned_tables_get_indexes_and_foreign_keys(target: Target) -> None:
    target.run(
        "CREATE TABLE orders (id bigint, customer_id bigint, status text, PRIMARY KEY (id))"
        " PARTITION BY RANGE (id)"
    )
    target.run("CREATE TABLE orders_1 PARTITION OF orders DEFAULT")
    child = contract(
        "orders", *CHILD.columns, primary_key=("id",), references=CHILD.references, indexes=CHILD.indexes
    )
    connection = made(target, PARENT, child)
    target.run("INSERT INTO customers VALUES (1, 'a'); INSERT INTO orders VALUES (1, 1, 'x')")
    assert len(finish(connection, child, named(PARENT, child), everything)) == 3
    assert finish(connection, child, named(PARENT, child), everything) == ()


def test_two_tables_in_different_databases_get_no_foreign_key(target: Target) -> None:
    far = replace(PARENT, target=replace(PARENT.target, name="elsewhere"))
    connection = made(target, CHILD)
    said = finish(connection, CHILD, named(far, CHILD), everything)
    assert "different databases" in said[-1]


def test_hostile_names_are_indexed_referred_and_counted(target: Target) -> None:
    parent = contract(
        HOSTILE,
        column("Select", identity="always"),
        column("v"),
        table="2019",
        schema=HOSTILE,
        primary_key=("Select",),
    )
    child = contract(
        "user",
        column(HOSTILE),
        column("%s{}"),
        schema=HOSTILE,
        references=(Reference((HOSTILE,), HOSTILE, ("Select",)),),
        indexes=(Index((HOSTILE, "%s{}")),),
    )
    connection = made(target, parent, child)
    table = sql.Identifier(HOSTILE, "2019")
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(sql.SQL("COPY {} FROM STDIN").format(table), io.StringIO("41\t0\n"))
    assert len(finish(connection, child, named(parent, child), everything)) == 2
    assert len(finish(connection, parent, named(parent, child), everything)) == 1
    assert finish(connection, parent, named(parent, child), everything) == ()
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("INSERT INTO {} (v) VALUES (1) RETURNING 1, *").format(table))
        assert cursor.fetchone() == (1, 42, 1)


def test_several_at_once_make_each_thing_once(target: Target) -> None:
    made(target, PARENT, CHILD)
    target.run("INSERT INTO customers SELECT n, '' FROM generate_series(1, 5000) n")
    target.run("INSERT INTO orders SELECT n, n, n FROM generate_series(1, 5000) n")
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)

    def run(connection: Any, one: Contract) -> None:
        try:
            barrier.wait()
            finish(connection, one, SHOP, everything)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(target.connect(), (PARENT, CHILD)[n % 2])) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert foreign_keys(target) == [("orders_customer_id_fkey", True, True, False, "customers")]
    assert len(indexes(target)) == 3


def replaced(connection: Any, lines: str) -> None:
    """As a load replaces a partition: all in one transaction, foreign keys at its end."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DELETE FROM customers WHERE id BETWEEN 1 AND 2")
        cursor.copy_expert("COPY customers FROM STDIN", io.StringIO(lines))


def test_a_parents_rows_are_replaced_while_children_refer_to_them(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run(
        "INSERT INTO customers VALUES (1, 'a'), (2, 'b'); INSERT INTO orders VALUES (1, 1, 'x'), (2, 2, 'y')"
    )
    finish(connection, PARENT, SHOP, everything)
    replaced(connection, "1\tnew\n2\tnewer\n")
    assert target.run("SELECT name FROM customers ORDER BY id") == [("new",), ("newer",)]
    assert target.one("SELECT count(*) FROM orders") == 2


def test_a_referenced_key_that_is_not_put_back_fails_at_the_commit(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    target.run(
        "INSERT INTO customers VALUES (1, 'a'), (2, 'b'); INSERT INTO orders VALUES (1, 1, 'x'), (2, 2, 'y')"
    )
    finish(connection, PARENT, SHOP, everything)
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        replaced(connection, "1\tnew\n")
    assert target.run("SELECT name FROM customers ORDER BY id") == [("a",), ("b",)]


def test_when_all_is_there_a_running_load_is_not_waited_for(target: Target) -> None:
    connection = made(target, PARENT, CHILD)
    finish(connection, CHILD, SHOP, everything)
    loading = target.connect()
    with loading.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (1, NULL, ''); INSERT INTO customers VALUES (1, '')")
        target.run("SET statement_timeout TO '5s'")
        assert finish(target.own, CHILD, SHOP, everything) == ()


def test_a_table_that_others_hold_for_long_is_left_alone_and_they_are_named(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SHORT_PATIENCE", 0.1)
    monkeypatch.setattr(locks, "ALL_PATIENCE", 0.3)
    monkeypatch.setattr(locks, "PAUSES", (0.05, 0.1))
    connection = made(target, PARENT, CHILD)
    other = target.connect()
    other.cursor().execute("SET application_name = 'the shop'; LOCK TABLE orders IN ROW EXCLUSIVE MODE")

    with pytest.raises(LoadRefused, match=r"orders was held by the shop \(process \d+\)") as raised:
        finish(connection, CHILD, SHOP, everything)
    assert not raised.value.passing
    assert indexes(target) == ["orders_pkey"]

    other.rollback()
    finish(connection, CHILD, SHOP, everything)
    assert len(indexes(target)) == 3


def test_a_table_that_others_let_go_of_gets_its_indexes(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SHORT_PATIENCE", 0.1)
    monkeypatch.setattr(locks, "PAUSES", (0.05, 0.1))
    connection = made(target, PARENT, CHILD)
    other = target.connect()
    other.cursor().execute("LOCK TABLE orders IN ROW EXCLUSIVE MODE")
    threading.Timer(0.4, other.rollback).start()

    assert len(finish(connection, CHILD, SHOP, everything)) >= 3
    assert len(foreign_keys(target)) == 1
