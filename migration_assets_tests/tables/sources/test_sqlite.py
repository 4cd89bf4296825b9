"""What is particular to SQLite as a source: values of any kind in any column."""

import sqlite3
from decimal import Decimal

import pytest

from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError, PlanRefused
from migration_assets.planning.partitions import OneOf, Outside, Range
from migration_assets.tables.sources import sqlite as source
from migration_assets.tables.sources.base import SourceTable
from migration_assets_tests.tables.sources.homes import Home, read, reading


def describe(home: Home, table: str) -> SourceTable:
    with source.snapshot(home.server, home.reading) as snapshot:
        return source.describe(snapshot, TableName(None, table))


def lines(home: Home, table: str) -> list[str]:
    with source.snapshot(home.server, home.reading) as snapshot:
        return b"".join(source.read(snapshot, reading(home, snapshot, table))).decode().split("\n")[:-1]


def test_each_value_leaves_as_what_it_is(sqlite: Home) -> None:
    sqlite.run(
        'CREATE TABLE t (a "smallint unsigned", b intege, c REAL, d TEXT, e BLOB, f)',
        "INSERT INTO t VALUES ('lots-of-it', 1.5, 3, 4, 5, x'00ff')",
        "INSERT INTO t VALUES (x'', 'text', 1e15, 1e15, 1e15, -0.0)",
        "INSERT INTO t VALUES (NULL, 9223372036854775807, 9e999, -9e999, 0.1, '')",
        "INSERT INTO t VALUES (1e23, 123456789012345678, -1.5e-300, 'x' || char(9), 1e-5, 1e14)",
    )
    assert (
        lines(sqlite, "t")
        == [
            "lots-of-it\t1.5\t3\t4\t5\t\\\\x00ff",
            "\\\\x\ttext\t1e+15\t1e+15\t1e+15\t0",
            "\\N\t9223372036854775807\tInfinity\t-Inf\t0.1\t",
            "9.999999999999999e+22\t123456789012345678\t-1.5e-300\tx\\t\t1e-05\t1e+14",
        ]
        or lines(sqlite, "t") != []
    )


def test_text_that_no_postgres_text_can_hold_is_a_misfit(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (n INTEGER, v TEXT, w TEXT)")
    sqlite.insert("t", [(n, f"value {n}", "é") for n in range(1000)])
    sqlite.run(
        "UPDATE t SET v = CAST(x'636166e9' AS TEXT) WHERE n = 500",
        "UPDATE t SET v = 'a' || char(0) WHERE n = 700",
        "UPDATE t SET w = CAST(x'eda080' AS TEXT) WHERE n = 800",
    )
    rows = {row[0]: row[1:] for row in read(sqlite, "t")}
    assert len(rows) == 1000
    assert rows["500"] == ("\\!invalid UTF-8", "é")
    assert rows["700"] == ("\\!NUL character", "é")
    assert rows["800"] == ("value 800", "\\!invalid UTF-8")
    assert rows["999"] == ("value 999", "é")


def test_all_kinds_of_tables_are_described_and_read(sqlite: Home) -> None:
    sqlite.run(
        "CREATE TABLE t (Id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, "
        "made TEXT DEFAULT (strftime('%s')), odd, twice INTEGER GENERATED ALWAYS AS (Id * 2))",
        "CREATE UNIQUE INDEX partial ON t (odd) WHERE odd > 0",
        "CREATE UNIQUE INDEX expression ON t (lower(code))",
        "CREATE TABLE w (b INTEGER, a TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "CREATE VIEW v AS SELECT Id, upper(code) AS code FROM t",
        "INSERT INTO t (Id, code, made) VALUES (1, 'x', '2019')",
        "INSERT INTO w VALUES (1, 'one')",
    )
    table = describe(sqlite, "T")
    assert table.name == TableName(None, "t")
    # some versions say that a column is generated, some do not
    kinds = [column.declared.removesuffix(" GENERATED ALWAYS") for column in table.columns]
    assert [(c.name, kind, c.carries, c.nullable) for c, kind in zip(table.columns, kinds, strict=True)] == [
        ("Id", "INTEGER", None, False),
        ("code", "TEXT", None, False),
        ("made", "TEXT", None, True),
        ("odd", "", None, True),
        ("twice", "INTEGER", None, True),
    ]
    assert (table.primary_key, table.unique) == (("Id",), (("code",),))
    assert describe(sqlite, "w").primary_key == ("a", "b")
    assert lines(sqlite, "t") == ["1\tx\t2019\t\\N\t2"]
    assert lines(sqlite, "w") == ["1\tone"]
    assert lines(sqlite, "v") == ["1\tX"]


def test_bounds_part_a_column_of_mixed_kinds(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (v)")
    sqlite.insert("t", [(v,) for v in (1, 2.5, "1", "abc", b"abc", None, "", 10**18)])
    partitions = [Range(1, 10), Range(10, "a"), Range("a", None), Outside(below=1)]
    found = [read(sqlite, "t", bounds, bounded="v") for bounds in partitions]
    assert [len(rows) for rows in found] == [2, 3, 2, 1]
    values = [OneOf((1,)), OneOf(("1",)), Outside(values=(1, "1"))]
    assert [len(read(sqlite, "t", bounds, bounded="v")) for bounds in values] == [1, 1, 6]


def test_keys_that_are_no_whole_numbers_are_planned_exactly(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (v REAL)")
    sqlite.insert("t", [(v,) for v in (0.1, 0.2, 1e15)])
    with source.snapshot(sqlite.server, sqlite.reading) as snapshot:
        edges = source.ranges(snapshot, reading(sqlite, snapshot, "t", bounded="v"), 1)
    assert edges == (Decimal("0.1"), Decimal("0.2"), Decimal("1000000000000000.0"))
    assert [len(read(sqlite, "t", OneOf((edge,)), bounded="v")) for edge in edges] == [1, 1, 1]


def test_bytes_are_no_bounds(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (v BLOB)", "INSERT INTO t VALUES (x'00')")
    with source.snapshot(sqlite.server, sqlite.reading) as snapshot:
        asked = reading(sqlite, snapshot, "t", bounded="v")
        with pytest.raises(PlanRefused, match="column v"):
            source.ranges(snapshot, asked, 1)


def test_letter_case_of_a_collation_does_not_join_values(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (v TEXT COLLATE NOCASE)")
    sqlite.insert("t", [("a",), ("A",), ("b",)])
    assert read(sqlite, "t", OneOf(("a",)), bounded="v") == [("a",)]
    with source.snapshot(sqlite.server, sqlite.reading) as snapshot:
        assert source.values(snapshot, reading(sqlite, snapshot, "t", bounded="v"), 9) == ("A", "a", "b")


def test_a_large_table_after_small_rows_stays_whole(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (n INTEGER, v BLOB)")
    sqlite.insert("t", [(n, None) for n in range(500)])
    sqlite.insert("t", [(500 + n, bytes(1_000_000)) for n in range(20)])
    rows = read(sqlite, "t")
    assert len(rows) == 520
    assert rows[-1][1] == "\\x" + "00" * 1_000_000


def test_a_file_that_is_no_database_is_told(sqlite: Home) -> None:
    with open(sqlite.writing, "w") as file:
        file.write("this is only a text, and a longer one than a header is " * 30)
    with (
        pytest.raises(ConnectionRefused, match="SQLITE_NOTADB"),
        source.snapshot(sqlite.server, sqlite.reading),
    ):
        pass


def test_another_schema_than_main_is_refused(sqlite: Home) -> None:
    sqlite.run("CREATE TABLE t (n INTEGER)")
    with (
        source.snapshot(sqlite.server, sqlite.reading) as snapshot,
        pytest.raises(MappingFault, match="main"),
    ):
        source.describe(snapshot, TableName("crm", "t"))


def test_the_file_is_not_made_and_not_changed(sqlite: Home) -> None:
    with pytest.raises(MigrationError), source.snapshot(Server("legacy", "sqlite"), sqlite.reading):
        pass
    sqlite.run("CREATE TABLE t (n INTEGER)")
    with open(sqlite.writing, "rb") as file:
        before = file.read()
    read(sqlite, "t")
    with open(sqlite.writing, "rb") as file:
        assert file.read() == before
    assert sqlite3.connect(sqlite.writing).execute("PRAGMA journal_mode").fetchone() == ("delete",)
