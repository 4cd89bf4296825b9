"""The target's type for what a source declares."""

import pytest

from migration_assets.analyzer.proposal.types import chosen
from migration_assets.contracts import pgtypes
from migration_assets_tests.analyzer.proposal.tables import column


@pytest.mark.parametrize(
    ("declared", "carries", "values", "target"),
    [
        ("varchar(40)", "character varying(40)", (), "character varying(40)"),
        ("mediumtext", "text", (), "text"),
        ("tinyint(1)", "smallint", ("0", "1"), "smallint"),
        ("int(10) unsigned", "bigint", (), "bigint"),
        ("bigint(20) unsigned", "numeric(20,0)", (), "numeric(20,0)"),
        ("float", None, (), "real"),
        ("double", None, (), "double precision"),
        ("double(10,2)", None, (), "double precision"),
        ("time", None, ("10:00:00",), "time(0) without time zone"),
        ("time(3)", None, (), "time(3) without time zone"),
        ("time", None, ("10:00:00", "-01:00:00"), "interval"),
        ("time", None, ("838:59:59",), "interval"),
        ("point", "bytea", (), "bytea"),
        ("json", "json", (), "json"),
        ("enum('a','b')", "text", (), "text"),
        ("future", None, (), "text"),
    ],
)
def test_types_of_mysql(declared: str, carries: str | None, values: tuple[str, ...], target: str) -> None:
    found = chosen(column("c", declared, carries), "mysql", values)
    assert found.type == target
    assert bool(found.why) == (target in ("interval",) or declared == "future")
    pgtypes.parse(found.type)


def test_a_counter_without_a_sign_becomes_one_that_postgres_can_count_by() -> None:
    counter = column("c", "bigint(20) unsigned", "numeric(20,0)", identity="by default")
    assert chosen(counter, "mysql", ()).type == "bigint"


def test_a_text_that_is_kept_to_json_becomes_json() -> None:
    assert chosen(column("c", "longtext", "text", document=True), "mysql", ()).type == "json"


@pytest.mark.parametrize(
    ("carries", "target"),
    [
        ("integer", "integer"),
        ("timestamp(3) with time zone", "timestamp(3) with time zone"),
        ("text[]", "text[]"),
        ("tsvector", "tsvector"),
        ("time with time zone", "time with time zone"),
        ("inet[]", "inet[]"),
        ("bpchar", "bpchar"),
        ('"char"', '"char"'),
        ("citext", "text"),
        ("other.pair", "text"),
        ("geometry(Point,4326)", "text"),
    ],
)
def test_types_of_postgres_stay_where_every_server_has_them(carries: str, target: str) -> None:
    found = chosen(column("c", carries), "postgres", ())
    assert (found.type, bool(found.why)) == (target, target == "text")


@pytest.mark.parametrize(
    ("declared", "values", "target"),
    [
        ("INTEGER", ("1", "-5"), "bigint"),
        ("INT UNSIGNED", (), "bigint"),
        ("NVARCHAR(160)", ("abc",), "character varying(160)"),
        ("VARCHAR(2)", ("abc", "abcd", "a"), "text"),
        ("NUMERIC(10,2)", ("0.99", "12"), "numeric(10,2)"),
        ("NUMERIC", ("1e5",), "numeric"),
        ("REAL", ("1.5",), "double precision"),
        ("DATETIME", ("2020-01-01 10:00:00",), "timestamp without time zone"),
        ("DATETIME", ("1370000000", "1370000001"), "bigint"),
        ("DATETIME", ("yesterday", "2020-01-01", "today"), "text"),
        ("BOOLEAN", ("0", "1", "true"), "boolean"),
        ("BLOB", ("ff00",), "bytea"),
        ("", ("1", "2"), "bigint"),
        ("", ("1.5", "2"), "numeric"),
        ("", (), "text"),
        ("INTEGER", ("1", "2", "x"), "bigint"),
    ],
)
def test_types_that_promise_nothing_are_held_against_the_values(
    declared: str, values: tuple[str, ...], target: str
) -> None:
    found = chosen(column("c", declared, None), "sqlite", values)
    assert found.type == target
    pgtypes.parse(found.type)
