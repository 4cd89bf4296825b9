"""Few rows of a reading are gone to by their places, without all others being read again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from migration_assets.contracts.model import Column, Server
from migration_assets.tables.verify import picking
from migration_assets_tests import mariadb
from migration_assets_tests.tables.shop import CLOUD, ORDERS, Shop
from migration_assets_tests.tables.verify.comparing import keys, named, proof


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be read a second time."""

    def refused(*_: object) -> None:
        raise AssertionError("all rows were read again")

    monkeypatch.setattr(picking.Wanted, "searched", refused)
    monkeypatch.setattr(picking, "Search", refused)


def test_rows_of_postgres_are_picked_on_both_sides(shop: Shop, once: None) -> None:
    shop.run("customers")
    shop.run("orders")
    shop.ask_new(
        "DELETE FROM shop.orders WHERE id IN (1, 299)", "UPDATE shop.orders SET note = '' WHERE id = 150"
    )
    assert named(proof(shop, "orders")) == sorted(keys("missing", [1, 299]) + keys("changed", [150]))


def test_rows_of_mysql_are_picked(
    new_mysql_database: Callable[[str], str], new_database: Callable[[str], str], tmp_path: Path, once: None
) -> None:
    old = new_mysql_database("old")
    mariadb.run(
        old,
        "CREATE TABLE ordhdr (ordno bigint PRIMARY KEY, note text)",
        "INSERT INTO ordhdr SELECT seq, CONCAT('n', seq) FROM seq_1_to_500",
    )
    shop = Shop(old, new_database("new"), tmp_path)
    shop.contract(
        replace(ORDERS, source=Server("legacy", "mysql"), target=CLOUD),
        columns=(
            Column("id", "bigint", sources=("ordno",), required=True),
            Column("note", "text", sources=("note",)),
        ),
        references=(),
        where="ordno <> 7",
    )
    shop.run("orders")
    assert proof(shop, "orders").equal
    shop.ask_new("DELETE FROM shop.orders WHERE id IN (1, 250, 500)")
    assert named(proof(shop, "orders")) == keys("missing", [1, 250, 500])
