"""Texts made at random: what is accepted is PostgreSQL's own text of the same value."""

import random
from collections.abc import Callable
from contextlib import closing

import psycopg2
import pytest

from migration_assets.contracts.pgtypes import parse
from migration_assets.stores.postgres import SETTINGS
from migration_assets.tables.canonical import canonical
from migration_assets.tables.spelling.misfit import Misfit

NUMBER = 300

Make = Callable[[random.Random], str]


def number(chance: random.Random) -> str:
    whole = "".join(chance.choices("0123456789", k=chance.choice([0, 1, 3, 8, 17, 25])))
    fraction = "".join(chance.choices("0123456789", k=chance.choice([1, 2, 7, 17])))
    tail = chance.choice(["", "", ".", f".{fraction}", ".000"])
    power = chance.choice(["", "", "", "e5", "E-3", "e+20", "e-400", "e308"])
    return chance.choice(["", "-", "+", " "]) + whole + tail + power + chance.choice(["", " "])


def day(chance: random.Random) -> str:
    years = (
        "0001",
        "0004",
        "1999",
        "2020",
        "10000",
        "294276",
        "294277",
        "5874897",
        "0044",
        "4714",
        "0000",
        "12",
    )
    months, days = ("01", "02", "11", "12", "13"), ("01", "23", "24", "28", "29", "30", "31", "00")
    return "-".join(map(chance.choice, (years, months, days)))


def clock(chance: random.Random) -> str:
    parts = [chance.choice(["00", "10", "23", "24", "25"]), chance.choice(["00", "59", "60"])]
    if chance.random() < 0.8:
        parts.append(
            chance.choice(["00", "59", "60"]) + chance.choice(["", ".5", ".123456", ".1234567", "."])
        )
    return ":".join(parts)


def moment(chance: random.Random) -> str:
    zone = chance.choice(["", "", "Z", "+00", "+02", "-0330", "+05:30", "+15:59", "+16", " +01"])
    era = chance.choice(["", "", " BC"])
    return day(chance) + chance.choice(["", chance.choice(" T") + clock(chance)]) + zone + era


def span(chance: random.Random) -> str:
    def count() -> str:
        return str(chance.choice([0, 1, -1, 2, -13, 14, 100, 178000000]))

    words = [f"{count()} {unit}{chance.choice(['', 's'])}" for unit in ("year", "mon", "month", "day")]
    kept = [word for word in words if chance.random() < 0.4]
    return " ".join(
        [*kept, *([chance.choice(["", "-", "+"]) + clock(chance)] if chance.random() < 0.7 else [])]
    )


def uuid(chance: random.Random) -> str:
    text = "".join(chance.choices("0123456789abcdefABCDEF", k=32))
    parts = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return chance.choice(
        [text, parts, f"{{{parts}}}", f"{text[:4]}-{text[4:]}", text[:-1] + "_", f" {text[:-1]}"]
    )


def json(chance: random.Random, depth: int = 0) -> str:
    leaves = (
        "1",
        "-0",
        "1.50",
        "1e2",
        "1E-3",
        "true",
        "null",
        '"a"',
        '"\\u00e9"',
        '"\\u0000"',
        '"é"',
        '"\\/"',
        "01",
        "1.",
    )
    if depth > 3 or chance.random() < 0.3:
        return chance.choice(leaves)
    if chance.random() < 0.4:
        return "[" + ", ".join(json(chance, depth + 1) for _ in range(chance.randrange(3))) + "]"
    keys = [chance.choice(["a", "b", "aa", "é", "", "\\u0061", "中"]) for _ in range(chance.randrange(4))]
    return "{" + ",".join(f'"{key}" : {json(chance, depth + 1)}' for key in keys) + "}"


def of(alphabet: str, most: int) -> Make:
    return lambda chance: "".join(chance.choices(alphabet, k=chance.randrange(most)))


MADE: dict[str, Make] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric", "numeric(12,2)", "numeric(5,-2)"), number),
    **dict.fromkeys(("numeric(3,5)", "double precision", "real"), number),
    **dict.fromkeys(("date", "timestamp", "timestamp(3)", "timestamptz"), moment),
    **dict.fromkeys(("time", "time(2)"), clock),
    **dict.fromkeys(("interval", "interval(2)"), span),
    **dict.fromkeys(("json", "jsonb"), json),
    "uuid": uuid,
    "boolean": of("tf01ruealsyno ", 5),
    "bit(3)": of("01 2", 5),
    "bit varying(4)": of("01", 6),
    "varchar(3)": of("ab ä😀", 6),
    "char(3)": of("ab ä😀", 6),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_accepted_is_what_postgresql_prints_for_the_same_value(
    name: str, postgres_server: str
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    spell = canonical(parse(name))
    assert spell is not None
    accepted: dict[str, str] = {}
    for text in {MADE[name](chance) for _ in range(NUMBER)}:
        try:
            accepted[text] = spell(text)
        except Misfit:
            continue
    assert accepted, "nothing was accepted"
    spellings = list(accepted.values())
    assert printed(postgres_server, name, spellings) == spellings
    read = zip(printed(postgres_server, name, list(accepted)), spellings, strict=True)
    # what PostgreSQL does not read has no other value: 1e3 is no integer to it, and 1000 to us
    assert [(text, ours) for text, ours in read if text not in (ours, None)] == []


def printed(url: str, name: str, texts: list[str]) -> list[str | None]:
    """How PostgreSQL prints the texts that it has read as the type; None where it does not read them."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        calls = ", ".join("set_config(%s, %s, false)" for _ in SETTINGS)
        cursor.execute(f"SELECT {calls}", [word for pair in SETTINGS.items() for word in pair])
        found: list[str | None] = []
        for text in texts:
            try:
                cursor.execute(f"SELECT format('%%s', %s::{name})", [text])
                found.append(cursor.fetchall()[0][0])
            except psycopg2.DataError:
                found.append(None)
        return found
