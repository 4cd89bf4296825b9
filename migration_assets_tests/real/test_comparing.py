"""The comparison itself: what is the same in both is the same to it, and what is not is not."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from migration_assets_tests import mariadb
from migration_assets_tests.real import comparing

#: type and value in the source, type and the same value in PostgreSQL, and a value that differs
MYSQL = {
    "text": ("varchar(9) character set latin1", "'é '", "text", "'é '", "'é'"),
    "float": ("float", "16777217.1", "real", "16777217.1", "16777219"),
    "bits": ("bit(3)", "b'101'", "bit(3)", "b'101'", "b'100'"),
    "shape": ("point", "POINT(1, 2)", "bytea", r"'\x0101000000000000000000f03f0000000000000040'", r"'\x01'"),
    "unsigned": ("bigint unsigned", "18446744073709551615", "numeric(20,0)", "18446744073709551615", "1"),
    "time": ("time(3)", "'10:00:00.5'", "time(3)", "'10:00:00.5'", "'10:00:00'"),
    "moment": ("timestamp(6) null", "'2020-01-01 10:00:00.000001'", "timestamptz",
               "'2020-01-01 12:00:00.000001+02'", "'2020-01-01 10:00:00.000001+02'"),
    "NULL": ("int", "NULL", "integer", "NULL", "0"),
}  # fmt: skip
SQLITE = {
    "number": ("numeric(9,2)", "1.99", "numeric(9,2)", "1.99", "1.98"),
    "whole number": ("int", "7", "bigint", "7", "8"),
    "float": ("real", "0.1", "double precision", "0.1", "0.10000000000000002"),
    "bytes": ("blob", "x'00ff'", "bytea", r"'\x00ff'", r"'\x00fe'"),
    "moment": ("datetime", "'2020-01-01 10:00:00'", "timestamp", "'2020-01-01 10:00'", "'2020-01-01'"),
    "no number": ("int", "'lots'", "bigint", "NULL", "0"),
    "NULL": ("text", "NULL", "text", "NULL", "''"),
}


def _in_postgres(url: str, kind: str, value: str) -> None:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (v {kind}); INSERT INTO t VALUES ({value})")
    connection.close()


def test_a_value_of_mysql_is_like_itself_alone(
    new_mysql_database: Callable[[str], str], new_database: Callable[[str], str]
) -> None:
    source, target = new_mysql_database("compared"), new_database("compared")
    for name, (kind, value, other, same, different) in MYSQL.items():
        mariadb.run(
            source,
            "SET time_zone = '+00:00'",
            f"CREATE OR REPLACE TABLE t (v {kind})",
            f"INSERT INTO t VALUES ({value})",
        )
        for text, number in ((same, 1), (different, 0)):
            _in_postgres(target, other, text)
            found = comparing.of_mysql(source, source.rpartition("/")[2], "t", target, ("public", "t"))
            assert (found.same, found.missing.total(), found.extra.total()) == (
                number,
                1 - number,
                1 - number,
            ), name


@pytest.mark.parametrize("name", SQLITE)
def test_a_value_of_sqlite_is_like_itself_alone(
    tmp_path: Path, new_database: Callable[[str], str], name: str
) -> None:
    kind, value, other, same, different = SQLITE[name]
    path, target = str(tmp_path / "source.db"), new_database("compared")
    with sqlite3.connect(path) as connection:
        connection.executescript(f"CREATE TABLE t (v {kind}); INSERT INTO t VALUES ({value});")
    for text, number in ((same, 0 if name == "no number" else 1), (different, 0)):
        _in_postgres(target, other, text)
        found = comparing.of_sqlite(path, "t", target, ("public", "t"))
        assert (found.same, found.missing.total(), found.extra.total()) == (number, 1 - number, 1 - number)
