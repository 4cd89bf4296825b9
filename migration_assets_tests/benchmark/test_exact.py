"""What became of rows, as the databases say it."""

from collections.abc import Callable

import pytest

from benchmark.exact import Finding, compared, wanted
from migration_assets.demo.server import connected

THERE = (
    "SELECT 1::bigint AS id, 1.10::numeric(15,2) AS price, 'a'::char(3) AS word UNION ALL SELECT 2, NULL, 'b'"
)


@pytest.mark.parametrize(
    ("arrived", "finding"),
    [
        (THERE, Finding(True)),
        (f"SELECT * FROM ({THERE}) AS t ORDER BY id DESC", Finding(True)),
        (f"SELECT *, 1 AS further FROM ({THERE}) AS t", Finding(True)),
        (f"SELECT id::int, price, word FROM ({THERE}) AS t", Finding(True, "other types: id integer")),
        (
            f"SELECT id, price::float8, word FROM ({THERE}) AS t",
            Finding(False, "values changed: price; other types: price double precision"),
        ),
        (
            f"SELECT id, coalesce(price, 0) AS price, word FROM ({THERE}) AS t",
            Finding(False, "values changed: price"),
        ),
        (f"SELECT * FROM ({THERE}) AS t WHERE id = 1", Finding(False, "1 of 2 rows arrived")),
        (f"SELECT id, word FROM ({THERE}) AS t", Finding(False, "columns missing: price")),
        (
            f"SELECT 3 - id AS id, price, word FROM ({THERE}) AS t",
            Finding(False, "values changed: none alone, but rows are mixed up"),
        ),
        (None, Finding(False, "no table arrived")),
    ],
)
def test_every_difference_is_found_and_named(
    new_database: Callable[[str], str], arrived: str | None, finding: Finding
) -> None:
    source, target = new_database("source"), new_database("target")
    with connected(source) as cursor:
        cursor.execute("CREATE SCHEMA tpch")
        cursor.execute(f"CREATE TABLE tpch.t AS {THERE}")
    with connected(target) as cursor:
        cursor.execute("CREATE SCHEMA tpch")
        if arrived:
            cursor.execute(f"CREATE TABLE tpch.t AS {arrived}")

    assert compared(wanted(source, "t"), target, "t") == finding
