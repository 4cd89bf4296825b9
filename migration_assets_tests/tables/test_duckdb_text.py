"""DuckDB reads exact values alone, and what it prints is PostgreSQL's text."""

import pytest

from migration_assets.contracts.pgtypes import parse
from migration_assets.tables.duckdb_text import printed, read
from migration_assets.tables.evaluate import database

READ = {
    "BIGINT": ["5", "-9223372036854775808"],
    "DECIMAL(10,2)": ["1.5", "-0.10", "1.5000", ".5", "5."],
    "DOUBLE": [
        "0.1",
        "1e300",
        "-0",
        "0",
        "0.000",
        "0.30000000000000004",
        "9007199254740992",
        "123456789012345680",
        "1.234567890123456e+15",
        "1.7976931348623157e+308",
        "5e-324",
        "NaN",
        "-Infinity",
        ".5",
    ],
    "BOOLEAN": ["t", "FALSE", "1"],
    "DATE": ["2020-02-29", "2020-02-29 00:00:00", "0044-03-15 BC", "infinity", "10000-01-01"],
    "TIMESTAMP": ["2020-01-01", "2020-01-01T10:00", "2020-01-01 10:00:00.1234560", "0044-03-15 10:00:00 BC"],
    "TIMESTAMPTZ": ["2020-01-01 10:00:00+02", "0044-03-15 10:00:00+00 BC", "-infinity"],
    "TIME": ["10:00", "24:00:00", "23:59:59.999999"],
    "BLOB": ["\\x", "\\x00FF"],
    "UUID": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
}
UNREAD = {
    "BIGINT": ["5.5", "1e3", "9223372036854775808", ""],
    "DECIMAL(10,2)": ["1.555", "NaN", "123456789.00", "", "."],
    "DOUBLE": ["1e400", "1e-400", "1_0", "9007199254740993", "0.1000000000000000001", "", "x", "."],
    "BOOLEAN": ["yes", "2", "y"],
    "DATE": ["2020-02-29 10:00:00", "2019-02-29", "20200229", "2020-02-29+01", "0000-01-01"],
    "TIMESTAMP": [
        "2020-01-01 10:00:00+02",
        "2020-01-01 10:00:00.1234567",
        "2020-13-01",
        "2020-01-01 10:00:00Z",
    ],
    "TIMESTAMPTZ": ["2020-01-01 10:00:00", "2020-01-01"],
    "TIME": ["10:00:00.1234567", "25:00:00", "10:00:00+01"],
    "BLOB": ["x", "\\xz0", "\\x0"],
    "UUID": ["a0eebc999c0b4ef8bb6d6bb9bd38_a11"],
}


def asked(duck: str, text: str, promised: bool) -> object:
    rows = database().execute(
        f"SELECT {read('v', duck, promised=promised)} IS NULL FROM (SELECT ? AS v)", [text]
    )
    return rows.fetchall()[0][0]


@pytest.mark.parametrize("duck", READ)
def test_exact_values_are_read(duck: str) -> None:
    assert [text for text in READ[duck] if asked(duck, text, promised=False)] == []


@pytest.mark.parametrize("duck", UNREAD)
def test_what_a_cast_would_round_cut_or_misread_is_not_read(duck: str) -> None:
    assert [text for text in UNREAD[duck] if not asked(duck, text, promised=False)] == []


def test_a_date_before_christ_goes_in_and_out_as_postgresql_writes_it() -> None:
    for duck, name, text in (
        ("DATE", "date", "0044-03-15 BC"),
        ("TIMESTAMP", "timestamp", "0044-03-15 10:00:00.5 BC"),
        ("TIMESTAMPTZ", "timestamptz", "0044-03-15 10:00:00+00 BC"),
    ):
        value = read("v", duck, promised=True)
        made = "TIMESTAMP WITH TIME ZONE" if duck == "TIMESTAMPTZ" else duck
        query = f"SELECT {printed(value, made, parse(name))} FROM (SELECT ? AS v)"
        assert database().execute(query, [text]).fetchall() == [(text,)]
