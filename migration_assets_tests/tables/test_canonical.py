"""Canonical text is what PostgreSQL prints, and what PostgreSQL would change is refused."""

import random
import struct
from collections.abc import Callable
from decimal import Decimal

import psycopg2
import pyarrow as pa
import pytest

from migration_assets.contracts.pgtypes import parse
from migration_assets.tables.canonical import canonical, spelled, trusted
from migration_assets.tables.spelling.misfit import Misfit

SPELLINGS = {
    "integer": ["0", "-0", "+7", "007", "2147483647", "-2147483648"],
    "bigint": ["9223372036854775807", "-9223372036854775808"],
    "numeric(12,2)": ["1.5", "1.50", "1.500", "0", "-0.00", ".5", "1e2", "9999999999.99", "1.5E-1", "NaN"],
    "numeric(38,10)": ["1234567890123456789012345678.0123456789"],
    "numeric": ["1.500", "NaN", "Infinity", "-Infinity", "1e10", "12345678901234567890.12345678901234567890"],
    "double precision": [
        "0.1",
        "1e15",
        "1e14",
        "123456789012345680",
        "1e23",
        "1e-5",
        "0.0001",
        "NaN",
        "-Infinity",
        "-0.0",
        "5e-324",
    ],
    "real": ["0.1", "1e6", "123456", "1234567", "0.10000000149011612", "1e-5", "16777216"],
    "boolean": ["1", "0", "true", "f", "T"],
    "character(5)": ["ab", "ab   ", ""],
    "character varying(3)": ["abc", "", "ä€😀"],
    "bytea": ["\\x00FF", "\\x"],
    "date": [
        "2020-02-29",
        "infinity",
        "9999-12-31",
        "2020-01-01 00:00:00",
        "0044-03-15 BC",
        "12345-01-01",
        "0001-02-29 BC",
        "5874897-12-31",
    ],
    "timestamp without time zone": [
        "2020-01-01",
        "2020-01-01T10:00",
        "2020-01-01 10:00:00.500",
        "-infinity",
        "99999-12-31 23:59:59.999999",
    ],
    "timestamp with time zone": [
        "2020-01-01 10:00:00+02",
        "2020-01-01 00:30:00+05:30",
        "9999-12-31 23:00:00-02",
        "0001-01-01 00:00:00+02",
        "0044-03-15 23:30:00-01 BC",
        "2020-01-01 10:00:00Z",
    ],
    "time without time zone": ["10:00", "23:59:59.120", "24:00:00"],
    "interval": ["-838:59:59", "00:00:00", "-00:00:01.5", "100:00:00.000001"],
    "uuid": ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc999c0b4ef8bb6d6bb9bd380a11"],
    "jsonb": [
        '{"b": 1, "a": [1.50, 1e2, -0.0], "aa": null, "bb": 2}',
        '"\\u00e9\\n\\u0001\\/"',
        "[]",
        "{}",
        "1e-3",
        '{"é":1,"z":2,"zz":[true,false]}',
    ],
    "json": ['{"b":  1}'],
    "bit(3)": ["101"],
    "bit varying(5)": ["", "11111"],
}

FAR_DATES = ["0004-02-29 BC", "4714-11-23 BC", "5874898-01-01"]
REFUSED = {
    "smallint": ["32768", "1.5", "x", ""],
    "integer": ["2147483648", "lots-of-it", "1_0", "９", "9" * 5000, "1e5000"],
    "numeric(4,2)": ["1.555", "100", "Infinity", "x"],
    "real": ["0.123456789", "1e39", "1e400", "1e-400", "16777217", "0.1000000000000000001"],
    "double precision": ["1e400", "1e-400", "one", "1_0", "９", "9007199254740993", "0.1000000000000000001"],
    "boolean": ["maybe", "2"],
    "character varying(3)": ["abcd", "abc ", "a\0"],
    "character(2)": ["abc"],
    "date": ["0000-00-00", "2019-02-29", "2020-01-01 10:00:00", "20200101", "2020-13-01", *FAR_DATES],
    "timestamp(0) without time zone": ["2020-01-01 10:00:00.5", "2020-01-01 10:00:00+02"],
    "timestamp with time zone": [
        "2020-01-01 10:00:00",
        "2020-01-01 10:00:00+99",
        "4714-11-24 00:00:00+01 BC",
    ],
    "time without time zone": ["25:00:00", "-01:00:00"],
    "uuid": ["x", "a0eebc999c0b4ef8bb6d6bb9bd38_a11", "0xeebc999c0b4ef8bb6d6bb9bd380a11"],
    "json": ["{", "NaN"],
    "jsonb": ['"\\u0000"', '"\\ud800"', '{"a": 1, "a": 2}', "1e999999999", "1e-20000"],
    "bit(3)": ["10", "102"],
}


@pytest.fixture
def printed(new_database: Callable[[str], str]) -> Callable[[str, str], str]:
    connection = psycopg2.connect(new_database("canonical"))
    cursor = connection.cursor()
    cursor.execute("SET timezone = 'UTC'; SET bytea_output = hex; SET intervalstyle = postgres")

    def printed(type_name: str, text: str) -> str:
        # through a column, as a cast to char(n) and varchar(n) would cut
        cursor.execute(f'CREATE TEMP TABLE IF NOT EXISTS "a {type_name}" (v {type_name})')
        cursor.execute(f'DELETE FROM "a {type_name}"')
        cursor.execute(f'INSERT INTO "a {type_name}" SELECT %s::text::{type_name}', [text])
        cursor.execute(f"SELECT format('%%s', v) FROM \"a {type_name}\"", [])
        return cursor.fetchone()[0]  # type: ignore[index]

    return printed


@pytest.mark.parametrize("type_name", SPELLINGS)
def test_a_value_is_spelled_as_postgresql_prints_it(
    type_name: str, printed: Callable[[str, str], str]
) -> None:
    spell = canonical(parse(type_name))
    assert spell is not None
    for text in SPELLINGS[type_name]:
        assert spell(text) == printed(type_name, text), text


@pytest.mark.parametrize("type_name", REFUSED)
def test_what_the_type_cannot_hold_exactly_is_a_misfit_without_the_value(type_name: str) -> None:
    spell = canonical(parse(type_name))
    assert spell is not None
    for text in REFUSED[type_name]:
        with pytest.raises(Misfit) as misfit:
            spell(text)
        assert len(text) < 3 or text not in str(misfit.value)


def test_random_floats_and_numbers_are_spelled_as_postgresql_prints_them(
    printed: Callable[[str, str], str],
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        double = struct.unpack("d", chance.randbytes(8))[0]
        single = struct.unpack("f", chance.randbytes(4))[0]
        decimal = Decimal(chance.randrange(-(10**17), 10**17)).scaleb(-chance.randrange(12))
        for type_name, text in (
            ("double precision", repr(double)),
            ("real", repr(single)),
            ("numeric", str(decimal)),
            ("double precision", str(chance.randrange(1 << 53))),
        ):
            spell = canonical(parse(type_name))
            assert spell is not None
            assert spell(text) == printed(type_name, text), (type_name, text, seed)


def test_only_text_that_cannot_differ_is_trusted() -> None:
    rows = [
        (None, "text", False),
        ("integer", "integer", True),
        ("integer", "bigint", True),
        ("bigint", "integer", False),
        ("integer", "numeric", True),
        ("integer", "numeric(9,0)", False),
        ("integer", "numeric(12,2)", False),
        ("numeric(10,2)", "numeric(12,2)", True),
        ("numeric(10,2)", "numeric(12,3)", False),
        ("numeric(10,2)", "numeric", True),
        ("numeric", "numeric(12,2)", False),
        ("character varying(10)", "character varying(20)", True),
        ("character varying(20)", "character varying(10)", False),
        ("text", "character varying(10)", False),
        ("character(3)", "text", True),
        ("character(3)", "character(5)", False),
        ("timestamp(0) without time zone", "timestamp without time zone", True),
        ("timestamp without time zone", "timestamp with time zone", False),
        ("json", "jsonb", False),
        ("jsonb", "json", True),
        ("text", "mood", True),
        ("real", "double precision", False),
    ]
    for carries, target, expected in rows:
        assert trusted(carries, parse(target)) is expected, (carries, target)


def test_a_whole_number_in_another_spelling_is_an_integer() -> None:
    spell = canonical(parse("integer"))
    assert spell is not None
    assert [spell("12.0"), spell("1e3")] == ["12", "1000"]


@pytest.mark.parametrize("type_name", SPELLINGS)
def test_a_missing_value_of_a_column_stays_missing(type_name: str) -> None:
    values = pa.array([None, SPELLINGS[type_name][0], None], pa.string())
    texts, misfits = spelled(values, parse(type_name))
    assert [text is None for text in texts.to_pylist()] == [True, False, True]
    assert misfits == {}
