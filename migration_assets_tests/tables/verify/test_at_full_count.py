"""What other tests of verification do with a few rows, with as many as are promised: `make test-slow`, or

pytest -m slow -s migration_assets_tests/tables/verify/test_at_full_count.py
"""

import random
import time
from dataclasses import replace

import pytest

from migration_assets.contracts.model import Column, TableName
from migration_assets.tables.verify.repair import repair
from migration_assets_tests.tables.shop import ORDERS, Shop
from migration_assets_tests.tables.verify.comparing import proof
from migration_assets_tests.tables.verify.living import Writer
from migration_assets_tests.tables.verify.test_edits import edits_found

pytestmark = pytest.mark.slow

PLANTS, ROWS = 1_000, 20_000
EDITED, EDITS = 12_000, 10_000
LIVING, RUNS, A_SECOND = 100_000, 20, 200
PAIRS = replace(
    ORDERS,
    columns=(
        Column("id", "bigint", sources=("id",), required=True),
        Column("one", "text", sources=("one",)),
        Column("two", "text", sources=("two",)),
        Column("amount", "numeric(12,2)", sources=("amount",)),
    ),
    references=(),
)


def test_each_of_a_thousand_plants_is_found_and_named(shop: Shop) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    shop.ask_old(
        "CREATE TABLE pairs (id bigint PRIMARY KEY, one text, two text, amount numeric(12,2))",
        f"INSERT INTO pairs SELECT i, 'one ' || i, 'two ' || i, i / 7.0 FROM generate_series(1, {ROWS}) i",
        "CREATE TABLE loose AS SELECT * FROM pairs",
    )
    for name, key in (("pairs", ("id",)), ("loose", ())):
        table = {"source_table": TableName(None, name), "target_table": TableName("shop", name)}
        shop.contract(PAIRS, name=name, primary_key=key, **table)
        shop.run(name)
        assert proof(shop, name).equal
    planted = chance.sample(range(1, ROWS + 1), PLANTS)
    each = PLANTS // 5
    missing, extra, changed, swapped, doubled = (planted[at * each : (at + 1) * each] for at in range(5))
    column = {number: chance.choice(["one", "two", "amount"]) for number in changed}
    shop.ask_new(
        f"DELETE FROM shop.pairs WHERE id = ANY('{{{_list(missing)}}}')",
        f"INSERT INTO shop.pairs SELECT -id, one, two, amount FROM shop.pairs WHERE id = ANY('{{{_list(extra)}}}')",
        f"UPDATE shop.pairs SET one = two, two = one WHERE id = ANY('{{{_list(swapped)}}}')",
        *(
            f"UPDATE shop.pairs SET {name} = {'amount + 0.01' if name == 'amount' else f'{name} || chr(32)'} "
            f"WHERE id = {number}"
            for number, name in column.items()
        ),
        f"INSERT INTO shop.loose SELECT * FROM shop.loose WHERE id = ANY('{{{_list(doubled)}}}')",
    )
    found = proof(shop, "pairs")
    assert {(one.kind, one.key, one.columns) for one in found.findings} == {
        *(("missing", f"id={number}", ()) for number in missing),
        *(("extra", f"id={-number}", ()) for number in extra),
        *(("changed", f"id={number}", (column[number],)) for number in changed),
        *(("changed", f"id={number}", ("one", "two")) for number in swapped),
    }
    loose = proof(shop, "loose")
    where = {one.where.removeprefix("ctid ") for one in loose.findings}
    assert [(one.kind, one.number) for one in loose.findings] == [("extra", 1)] * each
    places = shop.ask_new(
        f"SELECT count(DISTINCT id) FROM shop.loose WHERE id = ANY('{{{_list(doubled)}}}') "
        f"AND ctid = ANY('{{{','.join(f'{chr(34)}{place}{chr(34)}' for place in where)}}}'::tid[])"
    )
    assert places == [(each,)]
    print(f"\nseed {seed}: {PLANTS} plants in {ROWS} rows, {len(found.findings) + len(loose.findings)} named")


def test_each_of_ten_thousand_random_edits_is_found_with_its_column(shop: Shop) -> None:
    edits_found(shop, EDITED, EDITS, random.randrange(1 << 30))


def _living(shop: Shop) -> None:
    shop.ask_old(
        f"INSERT INTO ordhdr SELECT i, 1 + i % 100, 'n' || i FROM generate_series(301, {LIVING}) i",
        "ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)",
    )
    shop.contract(ORDERS, references=())
    shop.run("orders")


def test_a_writer_on_the_source_raises_no_false_alarm(shop: Shop) -> None:
    _living(shop)
    agreed: list[int] = []
    with Writer(shop, lag=0.05, rows=LIVING, a_second=A_SECOND) as writer:
        for _ in range(RUNS):
            found = proof(shop, "orders", quiet=0.5)
            assert found.equal, found.findings[:3]
            agreed.append(found.agreed)
    assert writer.updates / writer.seconds > 0.9 * A_SECOND
    assert sum(agreed) > 0
    rate = f"{writer.updates} updates, {writer.updates / writer.seconds:.0f} a second"
    print(
        f"\n{RUNS} runs over {LIVING} rows, {rate}: no false alarm, {sum(agreed)} rows agreed when read again"
    )


def test_repairs_under_a_writer_on_the_target_lose_no_newer_write(shop: Shop) -> None:
    _living(shop)
    source = dict(shop.ask_old("SELECT ordno, note FROM ordhdr"))
    repaired, left = dict[int, str | None](), 0
    with Writer(shop, lag=None, rows=2_000, a_second=A_SECOND, on_target=True) as writer:
        for _ in range(RUNS):
            time.sleep(0.5)
            rows = proof(shop, "orders", quiet=0.02).rows
            assert rows is not None
            was = {int(key[0]): next(iter(lines)) for key, lines in rows.target.items() if lines}
            done = repair(shop.contracts["orders"], "all", rows, shop.environment, "somebody")
            left += done.left
            for key, _ in done.done:
                number = int(key.removeprefix("id="))
                repaired[number] = was[number].decode().rstrip("\n").split("\t")[2]
    last = dict(shop.ask_new("SELECT id, note FROM shop.orders"))
    assert repaired
    for number, note in writer.notes.items():
        # as its last writer left it, or taken back when the very last note was what had been compared
        assert last[number] == note or (last[number] == source[number] and repaired.get(number) == note)
    assert all(last[number] == note for number, note in source.items() if number not in writer.notes)
    print(
        f"\n{RUNS} repairs under {writer.updates} updates: {len(repaired)} rows taken back, {left} left to newer writes"
    )


def _list(numbers: list[int]) -> str:
    return ",".join(map(str, numbers))
