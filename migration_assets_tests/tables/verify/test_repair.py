"""Rows that differ are brought back to their source, and no newer write is lost."""

import random
import threading
import time

import psycopg2
import pytest

from migration_assets.control.plan import Step
from migration_assets.control.verify import Wish, verified
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.tables.verify.repair import repair
from migration_assets_tests.tables.shop import ORDERS, Shop, ask
from migration_assets_tests.tables.verify.comparing import named, proof


def repaired(shop: Shop, name: str) -> object:
    contract = shop.contracts[name]
    step = Step(contract, ("all",), ("all",))
    (found,) = verified([step], shop.contracts, shop.environment, Wish(repaired_by="somebody"))
    return found


def damaged(shop: Shop) -> Shop:
    shop.run("customers")
    shop.run("orders")
    shop.ask_new(
        "DELETE FROM shop.orders WHERE id = 17",
        "INSERT INTO shop.orders VALUES (1000, 1, 'new')",
        "UPDATE shop.orders SET note = 'N77' WHERE id = 77",
    )
    return shop


def test_rows_are_repaired_compared_again_and_recorded(shop: Shop) -> None:
    found = repaired(damaged(shop), "orders")
    assert found.equal
    (again,) = found.proofs
    assert sorted(again.repaired.done) == [
        ("id=1000", "deleted"),
        ("id=17", "inserted"),
        ("id=77", "updated"),
    ]
    assert again.repaired.left == 0
    rows = shop.ask_new("SELECT row_key, done, repaired_by FROM migration.repair ORDER BY 1")
    assert rows == [
        ("id=1000", "deleted", "somebody"),
        ("id=17", "inserted", "somebody"),
        ("id=77", "updated", "somebody"),
    ]
    assert proof(shop, "orders").equal


def test_a_row_that_was_written_since_it_was_compared_is_left(shop: Shop) -> None:
    found = proof(damaged(shop), "orders")
    shop.ask_new(
        "UPDATE shop.orders SET note = 'newer' WHERE id IN (77, 1000)",
        "INSERT INTO shop.orders VALUES (17, 2, 'newer')",
    )
    done = repair(shop.contracts["orders"], "all", found.rows, shop.environment, "somebody")
    assert (done.done, done.left) == ((), 3)
    assert shop.ask_new("SELECT count(*) FROM shop.orders WHERE note = 'newer'") == [(3,)]


def test_a_row_that_is_being_written_is_left_when_the_writer_commits(shop: Shop) -> None:
    found = proof(damaged(shop), "orders")
    writer = psycopg2.connect(shop.new)
    writer.cursor().execute("UPDATE shop.orders SET note = 'newer' WHERE id = 77")
    threading.Timer(0.4, writer.commit).start()
    done = repair(shop.contracts["orders"], "all", found.rows, shop.environment, "somebody")
    assert ("id=77", "updated") not in done.done
    assert shop.ask_new("SELECT note FROM shop.orders WHERE id = 77") == [("newer",)]
    writer.close()


def test_what_the_target_refuses_changes_nothing(shop: Shop) -> None:
    found = proof(damaged(shop), "orders")
    shop.ask_new("ALTER TABLE shop.orders ADD CHECK (id <> 17) NOT VALID")
    with pytest.raises(MigrationError):
        repair(shop.contracts["orders"], "all", found.rows, shop.environment, "somebody")
    assert sorted(named(proof(shop, "orders"))) == sorted(named(found))


def test_rows_without_a_key_are_not_repaired(shop: Shop) -> None:
    shop.contract(ORDERS, primary_key=(), references=())
    shop.run("orders")
    with pytest.raises(PlanRefused, match="no primary key"):
        repair(shop.contracts["orders"], "all", None, shop.environment, "somebody")  # type: ignore[arg-type]


def test_under_a_writer_on_the_target_no_newer_write_is_lost(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    written: dict[int, str] = {}
    over = threading.Event()

    def write() -> None:
        connection = psycopg2.connect(shop.new)
        connection.autocommit = True
        chance = random.Random(3)
        while not over.is_set():
            number, note = chance.randrange(1, 301), f"w{chance.random()}"
            connection.cursor().execute("UPDATE shop.orders SET note = %s WHERE id = %s", (note, number))
            written[number] = note
            time.sleep(0.003)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    taken_back: set[int] = set()
    try:
        for _ in range(3):
            time.sleep(0.1)
            rows = proof(shop, "orders", quiet=0.02).rows
            if rows is not None:
                done = repair(shop.contracts["orders"], "all", rows, shop.environment, "somebody").done
                taken_back |= {int(key.removeprefix("id=")) for key, _ in done}
    finally:
        over.set()
        thread.join()
    assert taken_back
    last = dict(ask(shop.new, ["SELECT id, note FROM shop.orders"]))
    source = dict(shop.ask_old("SELECT ordno, note FROM ordhdr"))
    # each row is as its last writer left it, or was taken back after it had been compared so
    assert all(last[number] in (note, source[number]) for number, note in written.items())
    assert all(last[number] == note for number, note in written.items() if number not in taken_back)
