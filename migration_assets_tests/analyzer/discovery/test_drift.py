"""A source that changes under its contracts: each change is named, refused by a run, and brought in."""

import pytest

from migration_assets.errors import MappingFault, MigrationError
from migration_assets.planning.order import in_order
from migration_assets.tables.engine import TableMigration
from migration_assets_tests.analyzer.discovery.conftest import Shop

CHANGES = {
    "added": (["ALTER TABLE orders ADD COLUMN paid date"], "paid", "column added"),
    "dropped": (["ALTER TABLE orders DROP COLUMN note"], "note", "column dropped"),
    "renamed": (["ALTER TABLE orders RENAME COLUMN note TO remark"], "note", "column renamed"),
    "retyped": (["ALTER TABLE orders ALTER COLUMN note TYPE varchar(80)"], "note", "column retyped"),
}
#: SQLite changes no type of a column; the same table is made again
RETYPED = {
    "postgres": CHANGES["retyped"][0],
    "mysql": ["ALTER TABLE orders MODIFY COLUMN note varchar(80)"],
    "sqlite": [
        "ALTER TABLE orders RENAME TO old_orders",
        "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer (id), "
        "total decimal(10,2) NOT NULL, note varchar(80))",
        "INSERT INTO orders SELECT * FROM old_orders",
        "DROP TABLE old_orders",
    ],
}


def run(shop: Shop, run_id: str) -> None:
    contracts = shop.loaded()
    for contract in in_order(contracts.values()):
        migration = TableMigration(contract, contracts, shop.environment)
        for partition in migration.partitions():
            for stage in ("extract", "transform", "load"):
                report = getattr(migration, stage)(partition.key, run_id)
                assert report.refusal is None


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_named_refused_by_a_run_and_brought_in(shop: Shop, name: str) -> None:
    shop.discover()
    run(shop, "run-1")
    loaded = "SELECT contract, generation, fingerprint FROM migration.load ORDER BY contract"
    before = shop.ask(loaded), shop.ask("SELECT * FROM orders ORDER BY id"), shop.texts()
    statements, column, kind = CHANGES[name]
    shop.change(*(RETYPED[shop.kind] if name == "retyped" else statements))

    found = shop.discover()
    assert [(change.kind, change.column) for change in found.changes] == [(kind, column)]
    assert column in str(found.changes[0])
    assert found.open

    contracts = shop.loaded()
    with pytest.raises(MappingFault, match=rf"\b{column}\b" if name != "renamed" else "note|remark"):
        TableMigration(contracts["orders"], contracts, shop.environment).extract("all", "run-2")
    after = shop.ask(loaded), shop.ask("SELECT * FROM orders ORDER BY id"), shop.texts()
    assert after == before, "neither target nor contracts are touched"

    updated = shop.discover(update=True)
    assert [file.name for file in updated.edited] == ["orders.odcs.yaml"]
    assert not updated.open
    again = shop.discover()
    assert (again.changes, again.edited) == ((), ())


def test_a_table_that_comes_gets_a_contract_and_one_that_goes_keeps_its_own(shop: Shop) -> None:
    shop.discover()
    shop.change("CREATE TABLE parcel (id integer PRIMARY KEY, weight integer)", "DROP TABLE orders")

    kinds = [(change.kind, change.table.rpartition(".")[2]) for change in shop.discover().changes]
    assert kinds == [("table added", "parcel"), ("table dropped", "orders")]
    assert not shop.file("parcel").exists()

    updated = shop.discover(update=True)
    assert [file.name for file in updated.written] == ["parcel.odcs.yaml"]
    assert updated.open, "a contract of a table that is gone is a person's to take away"
    assert shop.file("orders").exists()
    shop.file("orders").unlink()
    assert not shop.discover().open


def test_keys_that_change_are_named_and_brought_in(postgres_shop: Shop) -> None:
    shop = postgres_shop
    shop.discover()
    shop.change(
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
        "ALTER TABLE orders DROP CONSTRAINT orders_pkey",
        "ALTER TABLE orders ADD PRIMARY KEY (customer_id, id)",
        "ALTER TABLE customer ADD UNIQUE (mail), ADD UNIQUE (name, born)",
        "ALTER TABLE customer ADD COLUMN recruited_by integer REFERENCES customer (id)",
    )
    found = shop.discover()
    assert sorted((change.table, change.kind) for change in found.changes) == [
        ("public.customer", "column added"),
        ("public.customer", "references changed"),
        ("public.customer", "unique changed"),
        ("public.orders", "key changed"),
        ("public.orders", "references changed"),
    ]
    updated = shop.discover(update=True)
    assert updated.left == ()
    contracts = shop.loaded()
    customer, orders = contracts["customer"], contracts["orders"]
    assert orders.primary_key == ("customer_id", "id")
    assert orders.references == ()
    assert (customer.column("mail").unique, customer.unique) == (True, (("name", "born"),))
    assert [(r.columns, r.parent, r.parent_columns) for r in customer.references] == [
        (("recruited_by",), "customer", ("id",))
    ]
    assert not shop.discover().changes


def test_a_label_that_an_enumeration_gets_is_named_and_brought_in(postgres_shop: Shop) -> None:
    shop = postgres_shop
    shop.change("CREATE TYPE mood AS ENUM ('sad', 'ok')", "ALTER TABLE customer ADD COLUMN feels mood")
    shop.discover()
    assert shop.loaded()["customer"].column("feels").enum == ("sad", "ok")
    shop.change("ALTER TYPE mood ADD VALUE 'glad'")
    assert [str(change) for change in shop.discover().changes] == [
        "public.customer.feels: it is mood (sad, ok, glad) now, and was mood (sad, ok)"
    ]
    shop.discover(update=True)
    assert shop.loaded()["customer"].column("feels").enum == ("sad", "ok", "glad")
    assert not shop.discover().changes


def test_an_update_keeps_what_a_person_wrote(postgres_shop: Shop) -> None:
    shop = postgres_shop
    shop.discover()
    file = shop.file("orders")
    text = file.read_text("utf-8")
    text = text.replace(
        "- name: note\n", "- name: note   # what the clerks wrote\n        physicalName: remark\n"
    )
    text = text.replace("status: draft", "status: active  # looked through by Ann")
    text = text.replace("physicalType: character varying(20)", "physicalType: varchar(200)")
    file.write_text(text, "utf-8")
    shop.change(
        "ALTER TABLE orders ALTER COLUMN note TYPE varchar(30)", "ALTER TABLE orders ADD COLUMN paid date"
    )

    updated = shop.discover(update=True)
    assert updated.left == (
        "orders: note is character varying(30) now; its type varchar(200) is a person's and stays",
    )
    edited = file.read_text("utf-8")
    assert [line for line in text.splitlines() if line not in edited.splitlines()] == [
        "        - {name: note, type: character varying(20), as: character varying(20)}"
    ]
    new = [line for line in edited.splitlines() if line not in text.splitlines()]
    assert new == [
        "        - {name: note, type: character varying(30), as: character varying(30)}",
        "        - {name: paid, type: date, as: date}",
        "      - name: paid",
        "        logicalType: date",
        "        physicalType: date",
    ]
    assert not shop.discover().changes


def test_an_update_that_would_break_the_contracts_writes_nothing(postgres_shop: Shop) -> None:
    shop = postgres_shop
    shop.discover()
    file = shop.file("orders")
    # a check of a person's
    text = file.read_text("utf-8").replace(
        "      load: {mode: replace}\n", "      load: {mode: replace}\n      checks: {noted: note <> ''}\n"
    )
    file.write_text(text, "utf-8")
    shop.change("ALTER TABLE orders DROP COLUMN note")
    before = shop.texts()
    with pytest.raises(MigrationError, match="note"):
        shop.discover(update=True)
    assert shop.texts() == before


def test_a_contract_that_a_person_wrote_is_left_alone(postgres_shop: Shop) -> None:
    shop = postgres_shop
    shop.discover()
    file = shop.file("orders")
    head, _, rest = file.read_text("utf-8").partition("  - property: discovered\n")
    file.write_text(head + rest[rest.index("schema:") :], "utf-8")
    shop.change("ALTER TABLE orders ADD COLUMN paid date")
    assert shop.discover().changes == ()
    shop.change("ALTER TABLE orders DROP COLUMN note")
    before = shop.texts()
    updated = shop.discover(update=True)
    assert updated.left == ("orders: no discovery wrote it, so none edits it",)
    assert shop.texts() == before
