"""What is particular to PostgreSQL as a source."""

import io
import threading
import time
from collections.abc import Callable

import psycopg2
import pytest

from migration_assets.contracts.model import TableName
from migration_assets.errors import MappingFault, MigrationError
from migration_assets.planning.partitions import OneOf, Outside, Range
from migration_assets.tables.sources import postgres as source
from migration_assets.tables.sources.base import SourceTable
from migration_assets_tests.tables.sources.homes import Home, read, reading, rows_of


def describe(home: Home, table: str) -> SourceTable:
    with source.snapshot(home.server, home.reading) as snapshot:
        return source.describe(snapshot, TableName.parse(table))


def test_columns_carry_the_type_that_their_text_is_of(postgres: Home) -> None:
    postgres.run(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s')",
        "CREATE TYPE pair AS (a integer, b text)",
        "CREATE DOMAIN year AS integer CHECK (VALUE > 1900)",
        "CREATE DOMAIN leap AS year",
        "CREATE DOMAIN amount AS numeric(8,2)",
        "CREATE DOMAIN feeling AS mood",
        "CREATE DOMAIN years AS year[]",
        """CREATE TABLE t (
            a year, b leap, c amount, d mood, e feeling, f mood[], g year[], h years, i pair, j int4range,
            k varchar(5), l character(3), m timestamptz(2), n numeric, o "char", p jsonb,
            q double precision[], r mood[][])""",
    )
    carried = {column.name: (column.declared, column.carries) for column in describe(postgres, "t").columns}
    assert carried == {
        "a": ("year", "integer"),
        "b": ("leap", "integer"),
        "c": ("amount", "numeric(8,2)"),
        "d": ("mood", "text"),
        "e": ("feeling", "text"),
        "f": ("mood[]", "text[]"),
        "g": ("year[]", "integer[]"),
        "h": ("years", "integer[]"),
        "i": ("pair", "pair"),
        "j": ("int4range", "int4range"),
        "k": ("character varying(5)", "character varying(5)"),
        "l": ("character(3)", "character(3)"),
        "m": ("timestamp(2) with time zone", "timestamp(2) with time zone"),
        "n": ("numeric", "numeric"),
        "o": ('"char"', '"char"'),
        "p": ("jsonb", "jsonb"),
        "q": ("double precision[]", "double precision[]"),
        "r": ("mood[]", "text[]"),
    }


def test_every_kind_of_relation_is_read(postgres: Home) -> None:
    postgres.run(
        "CREATE SCHEMA other",
        """CREATE TABLE other.parted (
            id integer, made date, twice integer GENERATED ALWAYS AS (id * 2) STORED, gone integer,
            PRIMARY KEY (made, id)) PARTITION BY RANGE (made)""",
        "CREATE TABLE other.early PARTITION OF other.parted FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')",
        "CREATE TABLE other.rest PARTITION OF other.parted DEFAULT",
        "ALTER TABLE other.parted DROP gone",
        "COMMENT ON COLUMN other.parted.id IS 'the number'",
        "INSERT INTO other.parted VALUES (1, '2019-05-05'), (2, '2021-01-01')",
        "CREATE VIEW seen AS SELECT id, made FROM other.parted",
        "CREATE MATERIALIZED VIEW kept AS SELECT id, made FROM other.parted",
    )
    table = describe(postgres, "other.parted")
    assert [(column.name, column.comment) for column in table.columns] == [
        ("id", "the number"),
        ("made", ""),
        ("twice", ""),
    ]
    assert table.primary_key == ("made", "id")
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        for name, width in (("other.parted", 3), ("other.early", 3), ("seen", 2), ("kept", 2)):
            found = source.describe(snapshot, TableName.parse(name))
            rows = rows_of(source.read(snapshot, source_reading(found)))
            assert len(rows) == (1 if "early" in name else 2)
            assert {len(row) for row in rows} == {width}
    with pytest.raises(MappingFault, match=r"public\.parted"):
        describe(postgres, "parted")


def source_reading(table: SourceTable) -> source.Reading:
    return source.Reading(table, table.columns)


def test_only_whole_unique_keys_are_told(postgres: Home) -> None:
    postgres.run(
        "CREATE TABLE t (a integer, b integer, c text, UNIQUE (b, a))",
        "CREATE UNIQUE INDEX ON t (lower(c))",
        "CREATE UNIQUE INDEX ON t (a) WHERE b > 0",
        "CREATE UNIQUE INDEX ON t (c) INCLUDE (a)",
        "CREATE INDEX ON t (b)",
    )
    table = describe(postgres, "t")
    assert table.primary_key == ()
    assert set(table.unique) == {("b", "a"), ("c",)}


def test_a_copy_is_the_servers_own_bytes(postgres: Home) -> None:
    postgres.run(
        "CREATE TABLE t (a float8, b numeric, c timestamptz, d interval, e bytea, f json, g text[])",
        """INSERT INTO t VALUES
            ('NaN', 'Infinity', '-infinity', '1 mon -2 days 03:04:05.6', '\\x00ff', '{"a":  1}', '{a,NULL}'),
            (1e23, 1e-20, '4713-01-01 BC', '-838:59:59', '', 'null', '{}')""",
    )
    expected = io.BytesIO()
    with psycopg2.connect(postgres.writing) as connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'; SET bytea_output = hex; SET datestyle = 'ISO, YMD'")
        cursor.copy_expert("COPY t TO STDOUT", expected)
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        found = b"".join(source.read(snapshot, reading(postgres, snapshot, "t")))
    assert found == expected.getvalue()


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ("numeric(20,0)", ["3", "18446744073709551615"], (3, 18446744073709551615)),
        ("uuid", ["00000000-0000-0000-0000-000000000001", "f0000000-0000-0000-0000-000000000000"], None),
        ("date", ["2019-01-01", "2019-02-01"], None),
        ("timestamptz", ["2019-01-01 00:00:00+00", "2019-01-01 00:00:00.5+00"], None),
        ("bytea", ["\\x00", "\\xff"], None),
        ("character(5)", ["US", "us"], None),
        ("boolean", ["false", "true"], None),
        ("inet", ["9.0.0.1/32", "10.0.0.1/32"], None),
    ],
)
def test_bounds_of_any_type_part_the_rows(
    postgres: Home, declared: str, values: list[str], expected: tuple[object, ...] | None
) -> None:
    postgres.run(f"CREATE TABLE t (v {declared})")
    postgres.insert("t", [(value,) for value in [*reversed(values), *values]])
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        asked = reading(postgres, snapshot, "t", bounded="v")
        edges = source.ranges(snapshot, asked, 2)
        assert edges == source.values(snapshot, asked, 9) == (expected or tuple(values))
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        assert len(read(postgres, "t", Range(low, high), bounded="v")) == 2
        assert len(read(postgres, "t", OneOf((low,)), bounded="v")) == 2
    assert read(postgres, "t", Outside(below=edges[0], values=edges), bounded="v") == []


def test_enums_are_parted_by_their_labels(postgres: Home) -> None:
    postgres.run(
        "CREATE TYPE mood AS ENUM ('z', 'a')",
        "CREATE TABLE t (m mood)",
        "INSERT INTO t VALUES ('z'), ('a'), (NULL)",
    )
    assert read(postgres, "t", OneOf(("a", "no such label")), bounded="m") == [("a",)]
    assert read(postgres, "t", Range("a", "b"), bounded="m") == [("a",)]


def test_letter_case_of_a_collation_does_not_join_values(postgres: Home) -> None:
    try:
        postgres.run(
            "CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
    except psycopg2.errors.FeatureNotSupported:
        pytest.skip("this server is built without ICU")
    postgres.run(
        "CREATE TABLE t (w text COLLATE anycase)",
        "INSERT INTO t VALUES ('a'), ('A'), (NULL)",
    )
    assert read(postgres, "t", OneOf(("a",)), bounded="w") == [("a",)]
    assert read(postgres, "t", Outside(values=("a", "z")), bounded="w") == [("A",), (None,)]


def test_bytes_of_a_database_without_encoding_are_looked_at(
    postgres: Home, new_database: Callable[[str], str]
) -> None:
    url = new_database("old")
    name = url.partition("?")[0].rpartition("/")[2]
    home = Home("postgres", "postgres", url, url)
    postgres.run(
        f'DROP DATABASE "{name}"',
        f"CREATE DATABASE \"{name}\" ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    home.run(
        "CREATE TABLE t (n integer, v text)", "INSERT INTO t VALUES (1, E'fine \\xc3\\xa9'), (2, E'caf\\xe9')"
    )
    assert sorted(read(home, "t")) == [("1", "fine é"), ("2", "\\!invalid UTF-8")]


def test_a_failing_query_ends_its_thread_and_not_the_snapshot(postgres: Home) -> None:
    postgres.run(
        "CREATE TABLE t (id integer)",
        "INSERT INTO t SELECT generate_series(1, 100000)",
        "CREATE VIEW failing AS SELECT id, 1 / (90000 - id) AS v FROM t",
    )
    threads = threading.active_count()
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        with pytest.raises(MigrationError, match="22012"):
            for _ in source.read(snapshot, reading(postgres, snapshot, "failing")):
                pass
        assert threading.active_count() == threads
        assert source.count(snapshot, reading(postgres, snapshot, "t")) == 100_000


def test_a_slow_reader_holds_no_more_than_a_few_pieces(postgres: Home) -> None:
    postgres.run(
        "CREATE TABLE t (v text)", "INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 60000)"
    )
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        pieces = iter(source.read(snapshot, reading(postgres, snapshot, "t")))
        next(pieces)
        time.sleep(0.5)
        state = postgres.ask(
            "SELECT state, wait_event FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert state == [("active", "ClientWrite")]
        assert sum(piece.count(b"\n") for piece in pieces) > 50_000


@pytest.mark.parametrize(("key", "found"), [("a, b", True), ("b, a", False)])
def test_a_partition_is_found_by_the_index_of_its_column(postgres: Home, key: str, found: bool) -> None:
    postgres.run(
        f"CREATE TABLE t (a integer, b integer, c text, PRIMARY KEY ({key}))",
        "INSERT INTO t SELECT n, 1, repeat('x', 100) FROM generate_series(1, 30000) n",
        "ANALYZE t",
    )
    with source.snapshot(postgres.server, postgres.reading) as snapshot:
        asked = reading(postgres, snapshot, "t", bounds=Range(1, 20001), bounded="a")
        rows = sum(piece.count(b"\n") for piece in source.read(snapshot, asked))
        with snapshot.cursor() as cursor:
            cursor.execute("SELECT seq_scan > 0 FROM pg_stat_xact_user_tables WHERE relname = 't'")
            (scanned,) = cursor.fetchone() or (None,)

    assert rows == 20000
    assert scanned is not found
