"""Random rows of many types, and random single edits of them: each one is found, with its column."""

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

from migration_assets.contracts.model import Column, TableName
from migration_assets_tests.exactness.world import PostgresSide
from migration_assets_tests.tables.shop import CUSTOMERS, Shop
from migration_assets_tests.tables.verify.comparing import proof

ROWS, EDITS = 500, 300

KINDS: dict[str, Callable[[random.Random], str]] = {
    "bigint": lambda chance: str(chance.randrange(-(2**63), 2**63)),
    "numeric(20,6)": lambda chance: f"{chance.randrange(-(10**13), 10**13)}.{chance.randrange(10**6):06d}",
    "numeric": lambda chance: f"{chance.randrange(10**30)}e{chance.randrange(-40, 40)}",
    "double precision": lambda chance: chance.choice(
        ["NaN", "-0", "0", "Infinity", repr(chance.gauss(0, 1e9))]
    ),
    "real": lambda chance: repr(chance.random()),
    "text": lambda chance: "".join(chance.choice("aB \t\n\\é漢\r") for _ in range(chance.randrange(12))),
    "char(8)": lambda chance: f"c{chance.randrange(10**6)}",
    "bytea": lambda chance: "\\x" + chance.randbytes(chance.randrange(9)).hex(),
    "boolean": lambda chance: chance.choice("tf"),
    "timestamp": lambda chance: (
        f"{chance.randrange(1, 9999):04d}-02-1{chance.randrange(9)} 10:00:00.{chance.randrange(10**6):06d}"
    ),
    "timestamptz": lambda chance: f"2024-06-0{chance.randrange(1, 9)} 10:00:00+0{chance.randrange(9)}",
    "interval": lambda chance: f"{chance.randrange(99)} mon {chance.randrange(999)} s",
    "uuid": lambda chance: f"{chance.getrandbits(128):032x}",
    "jsonb": lambda chance: f'{{"b": {chance.randrange(9999)}, "a": [null, "x"]}}',
    "json": lambda chance: f'{{"b":  {chance.randrange(9999)}}}',
    "int[]": lambda chance: (
        "{" + ",".join(str(chance.randrange(99)) for _ in range(chance.randrange(4))) + "}"
    ),
}
NAMES = {kind: f"c{number}" for number, kind in enumerate(KINDS)}
EDIT = sql.SQL(
    "UPDATE shop.many SET {0} = {1} WHERE id = {2} AND {0}::text IS DISTINCT FROM ({1}::{3})::text"
)


def edits_found(shop: Shop, rows: int, edits: int, seed: int) -> None:
    """Plants so many edits, each in a row of its own, and asserts that exactly these are named."""
    chance = random.Random(seed)
    columns = ", ".join(f"{NAMES[kind]} {kind}" for kind in KINDS)
    old = PostgresSide(shop.old)
    old.run([f"CREATE TABLE many (id int PRIMARY KEY, {columns})"])
    values = [
        [str(number), *(make(chance) if chance.random() > 0.1 else None for make in KINDS.values())]
        for number in range(1, rows + 1)
    ]
    old.run([sql.SQL("INSERT INTO many VALUES {}").format(_rows(values))])
    shop.contract(
        CUSTOMERS,
        name="many",
        source_table=TableName(None, "many"),
        target_table=TableName("shop", "many"),
        columns=(
            Column("id", "integer", sources=("id",), required=True),
            *(Column(NAMES[kind], kind, sources=(NAMES[kind],)) for kind in KINDS),
        ),
    )
    shop.run("many")
    assert proof(shop, "many").equal
    planted: dict[str, tuple[str, ...]] = {}
    with closing(psycopg2.connect(shop.new)) as connection, connection, connection.cursor() as cursor:
        for number in chance.sample(range(1, rows + 1), rows):
            kind = chance.choice(list(KINDS))
            value = chance.choice([None, KINDS[kind](chance)])
            cursor.execute(
                EDIT.format(sql.Identifier(NAMES[kind]), *map(sql.Literal, (value, number)), sql.SQL(kind))
            )
            # some edits are the value that was there
            if cursor.rowcount:
                planted[f"id={number}"] = (NAMES[kind],)
            if len(planted) == edits:
                break
    assert len(planted) == edits
    found = proof(shop, "many")
    assert {each.key: each.columns for each in found.findings} == planted
    print(
        f"\nseed {seed}: {len(planted)} edits of {rows} rows of {len(KINDS)} types, {len(found.findings)} named"
    )


def _rows(values: list[list[str | None]]) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in values
    )


def test_each_of_many_random_edits_is_found_with_its_column(shop: Shop, tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    edits_found(shop, ROWS, EDITS, seed)
