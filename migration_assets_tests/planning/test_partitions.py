"""Every row is in exactly one partition, asked of real databases."""

import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import psycopg2
import pytest

from migration_assets.contracts.model import ByKey, ByTime, ByValue, Contract, Scalar
from migration_assets.planning import frozen
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import AllRows, OneOf, Outside, Range, render


def written(value: Scalar) -> str:
    if isinstance(value, datetime):
        return f"'{value.isoformat(' ')}'"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


@pytest.mark.parametrize(
    ("bounds", "condition"),
    [
        (AllRows(), "1 = 1"),
        (Range(1, 5), "(c >= 1 AND c < 5)"),
        (Range(1, None), "(c >= 1)"),
        (Range(None, None), "(c IS NOT NULL)"),
        (OneOf((1, 2)), "(c IN (1, 2))"),
        (OneOf(()), "(1 = 0)"),
        (Outside(1, 9), "(c IS NULL OR c < 1 OR c >= 9)"),
        (Outside(values=("a",)), "(c IS NULL OR NOT (c IN ('a')))"),
        (Outside(), "(c IS NULL)"),
    ],
)
def test_bounds_become_a_condition(bounds: AllRows | Range | OneOf | Outside, condition: str) -> None:
    assert render(bounds, "c", written) == condition


def test_a_dialect_may_say_how_texts_are_the_same() -> None:
    def exactly(column: str, literal: str) -> str:
        return f"(BINARY {column} = {literal})"

    assert render(OneOf(("a", "b")), "c", written, exactly) == "((BINARY c = 'a') OR (BINARY c = 'b'))"
    assert render(OneOf((1,)), "c", written, exactly) == "(c IN (1))"
    assert render(Outside(values=("a",)), "c", written, exactly) == "(c IS NULL OR NOT ((BINARY c = 'a')))"


def test_a_null_key_goes_to_the_rest_partition_and_every_row_to_exactly_one(
    a_contract: Callable[..., Contract], new_database: Callable[[str], str]
) -> None:
    by_key = a_contract(partitioning=ByKey("ORDER_ID", 3))
    by_code = a_contract(name="codes", file=by_key.file + "2", partitioning=ByKey("code", 3))
    frozen.write(by_key, frozen.freeze(by_key, (0, 7, 1000)))
    frozen.write(by_code, frozen.freeze(by_code, ("", "A", "B", "a", "é")))
    day = ByTime("day", "created", datetime(2019, 1, 1), datetime(2019, 1, 9))
    values = ByValue("code", ("a", "A", "", "rest"))
    prices = ByValue("price", ("1", "2.50"))
    contracts = [by_key, by_code] + [replace(by_key, partitioning=how) for how in (day, values, prices)]
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    moments = [None, "-infinity", "infinity", "0044-03-15 BC", "294276-12-31"]
    moments += ["2019-01-01", "2018-12-31 23:59:59.999999", "2019-01-08 23:59:59.999999", "2019-01-09"]
    rows = [
        (
            number,
            chance.choice([None, -(2**63), -1, 0, 6, 7, 999, 1000, 2**63 - 1]),
            chance.choice([None, "", "a", "A", "a ", "B", "Z", "z", "é", "😀", "rest"]),
            chance.choice([None, Decimal("NaN"), Decimal(1), Decimal("1.00"), Decimal("2.5"), Decimal(-3)]),
            chance.choice(moments),
        )
        for number in range(500)
    ]
    connection = psycopg2.connect(new_database("partitions"))
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n int, id bigint, code text, price numeric, made_at timestamp)")
        cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s)", rows)
        for contract in contracts:
            seen: list[int] = []
            for partition in partitions(contract):
                column = f'"{partition.target_column}"'
                if partition.target_column == "code":
                    column += ' COLLATE "C"'
                cursor.execute(f"SELECT n FROM t WHERE {render(partition.bounds, column, written)}")
                seen += [number for (number,) in cursor]
            assert sorted(seen) == list(range(500)), contract.partitioning
    connection.close()


def test_sqlites_misplaced_values_are_in_one_partition_each(a_contract: Callable[..., Contract]) -> None:
    contract = a_contract(partitioning=ByKey("id", 3))
    frozen.write(contract, frozen.freeze(contract, (0, 10, 20)))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (id)")
    odd = [None, -1, 0, 9.99, 10, 1e300, "", "ten", b"\x00", -1e300]
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in odd])
    conditions = [render(partition.bounds, "id", written) for partition in partitions(contract)]
    total = " + ".join(f"coalesce(({condition}), 0)" for condition in conditions)
    assert connection.execute(f"SELECT DISTINCT {total} FROM t").fetchall() == [(1,)]
    connection.close()
