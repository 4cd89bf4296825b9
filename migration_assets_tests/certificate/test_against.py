"""A certificate against the databases as they are now."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest

from migration_assets.certificate.against import Now, Sides, Standing, judged, standings
from migration_assets.certificate.document import written
from migration_assets.certificate.entry import Proven, entry
from migration_assets.certificate.reading import Certificate
from migration_assets.contracts.model import ByKey
from migration_assets.ledger import postgres as ledger
from migration_assets.planning.keys import partitions
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.proof import outcomes
from migration_assets_tests.certificate.example import HEAD, KEY, checked
from migration_assets_tests.tables.shop import ORDERS, Shop, open_shop


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    """Customers in one partition, orders in seven, all loaded."""
    made = open_shop(new_database, tmp_path)
    orders = made.contract(ORDERS, partitioning=ByKey("ordno", 50))
    plan_partitions(orders, made.environment)
    for name in ("customers", "orders"):
        for partition in partitions(made.contracts[name]):
            assert made.run(name, partition.key)[-1].refusal is None
    return made


def certified(shop: Shop) -> Certificate:
    proven: list[Proven] = []
    for contract in shop.contracts.values():
        parts = {partition.key: partition for partition in partitions(contract)}
        with closing(psycopg2.connect(shop.new)) as connection, connection.cursor() as cursor:
            loads = ledger.standing(cursor, contract.name)
        for proof in compare(contract, shop.environment, Asked(tuple(parts.values()), quiet=0)):
            key = proof.partition
            checks, at = outcomes(proof), datetime.now(UTC)
            proven.append(Proven(contract, parts[key], loads[key], proof, checks, {}, at))
    raw = written(KEY, HEAD, [entry(each, "run-2", shop.environment) for each in proven])
    found = checked(raw)
    assert found.certificate
    assert found.sound
    return found.certificate


def changed(shop: Shop, certificate: Certificate, sides: Sides) -> list[Standing]:
    found = standings(certificate, shop.contracts, shop.environment, sides, quiet=0)
    return [each for each in found if not each.holds]


def edited(shop: Shop, chance: random.Random) -> tuple[str, str, int, str]:
    """One byte of one printed value in the target, changed so that it still is a value of its type, and
    another one: table, key, column, and the statement that takes it back."""
    with closing(psycopg2.connect(shop.new)) as connection, connection.cursor() as cursor:
        while True:
            contract = shop.contracts[chance.choice(["customers", "orders"])]
            column = chance.choice(contract.columns)
            number = chance.randint(1, 100 if contract.name == "customers" else 300)
            table = f"shop.{contract.name}"
            cursor.execute(f"SELECT {column.name}::text FROM {table} WHERE id = {number}")
            (was,) = cursor.fetchone() or (None,)
            if not was:
                continue
            place = chance.randrange(len(was))
            value = was[:place] + chr(chance.randrange(32, 127)) + was[place + 1 :]
            try:
                cursor.execute(
                    f"UPDATE {table} SET {column.name} = %s::text::{column.type} WHERE id = {number} "
                    f"RETURNING {column.name}::text, id",
                    [value],
                )
                now, key = cursor.fetchone() or (was, number)
            except psycopg2.Error:
                connection.rollback()
                continue
            if now == was:
                connection.rollback()
                continue
            connection.commit()
            back = cursor.mogrify(
                f"UPDATE {table} SET {column.name} = %s::text::{column.type} WHERE id = {key}", [was]
            )
            return contract.name, column.name, number, back.decode()


def every_edit_is_named(shop: Shop, times: int) -> None:
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    chance = random.Random(seed)
    certificate = certified(shop)
    assert changed(shop, certificate, "both") == []
    for _ in range(times):
        name, column, number, back = edited(shop, chance)
        sides: Sides = chance.choice(["both", "target"])
        found = changed(shop, certificate, sides)
        assert {each.contract for each in found} == {name}, (seed, name, column, number, found)
        rows = {row.key for each in found for row in each.rows}
        if column == "id":
            # the row is missing where it was, and too many where it is
            assert f"id={number}" in rows, (seed, name, column, number, found)
            assert len(rows) == 2, (seed, name, column, number, found)
        else:
            assert rows == {f"id={number}"}, (seed, name, column, number, found)
            assert len(found) == 1
        shop.ask_new(back)
    assert changed(shop, certificate, "target") == []


def test_a_changed_byte_in_the_target_is_named_by_partition_and_row(shop: Shop) -> None:
    every_edit_is_named(shop, 4)


@pytest.mark.slow
def test_every_one_of_100_changed_bytes_in_the_target_is_named(shop: Shop) -> None:
    every_edit_is_named(shop, 100)


def test_what_changed_in_source_contract_and_load_is_told_apart(shop: Shop) -> None:
    certificate = certified(shop)
    shop.ask_old("UPDATE ordhdr SET note = 'x' WHERE ordno = 7")
    assert changed(shop, certificate, "target") == []
    (found,) = changed(shop, certificate, "both")
    assert found.what == "The target is as certified; the source's rows are others now."
    assert [row.key for row in found.rows] == ["id=7"]
    shop.run("orders", found.partition, "run-3")
    (found,) = changed(shop, certificate, "both")
    assert "Target and source are not what was certified, alike" in found.what
    assert [row.key for row in found.rows] == ["id=7"], "named by the files of the certified load"
    orders = shop.contracts.pop("orders")
    found = [each for each in changed(shop, certificate, "target") if each.contract == "orders"]
    assert {each.what for each in found} == {
        "There is no contract orders any more, so nobody knows what it was about."
    }
    shop.contracts["orders"] = orders
    shop.new = shop.new.replace("/new_", "/nowhere_")
    found = changed(shop, certificate, "target")
    assert {(each.contract, each.exit_code) for each in found} == {("customers", 2), ("orders", 2)}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Now("2:b", "2:b", "m"), ""),
        (Now("2:b", None, "m"), ""),
        (Now("2:b", "2:c", "m"), "The target is as certified; the source's rows are others now."),
        (
            Now("2:b", "2:c", "n"),
            "The target is as certified; the contract is another one, and would make other rows.",
        ),
        (Now("1:c", "2:b", "m"), "The target's rows are not those that were certified: 2 then, 1 now."),
        (Now("2:c", None, "m"), "The target's rows are not those that were certified: 2 rows, other values."),
        (Now("3:c", "3:c", "m"), "Target and source are not what was certified, alike: 2 then, 3 now."),
        (Now("3:c", "3:d", "m"), "Target and source are not what was certified: 2 then, 3 now."),
    ],
)
def test_what_is_not_as_certified_is_judged(now: Now, said: str) -> None:
    certified = {"fingerprints": {"found": "2:b", "expected": "2:b"}, "proof": {"meaning": "m"}}
    assert judged(certified, now) == said
