"""Defaults that mean the same in PostgreSQL; a real one takes each of them."""

from collections.abc import Callable

import psycopg2
import pytest

from migration_assets.analyzer.proposal.defaults import translated
from migration_assets_tests.analyzer.proposal.tables import column

SAME = [
    ("3", "smallint", "3"),
    ("'3'", "integer", "3"),
    ("'-1'::integer", "integer", "-1"),
    ("(-1)", "integer", "-1"),
    ("(1.5)::double precision", "double precision", "1.5"),
    ("'G'::mpaa_rating", "text", "'G'"),
    ("'it''s'", "character varying(10)", "'it''s'"),
    ("''", "text", "''"),
    ('"word"', "text", "'word'"),
    ("true", "boolean", "true"),
    ("'0'", "boolean", "false"),
    ("b'0'", "bit(1)", "B'0'"),
    ("b'1'", "bit(3)", "B'001'"),
    ("'{}'::text[]", "text[]", "'{}'"),
    ("'{}'::jsonb", "jsonb", "'{}'"),
    ("current_timestamp()", "timestamp(0) without time zone", "LOCALTIMESTAMP(0)"),
    ("current_timestamp(6)", "timestamp(6) with time zone", "CURRENT_TIMESTAMP"),
    ("now()", "timestamp with time zone", "CURRENT_TIMESTAMP"),
    ("CURRENT_DATE", "date", "CURRENT_DATE"),
    ("('now'::text)::date", "date", "CURRENT_DATE"),
    ("curdate()", "date", "CURRENT_DATE"),
    ("'2020-02-29'::date", "date", "'2020-02-29'"),
    ("uuid()", "uuid", "gen_random_uuid()"),
]


@pytest.mark.parametrize(("said", "target", "default"), SAME)
def test_a_default_that_means_the_same_is_carried_over(said: str, target: str, default: str) -> None:
    found = translated(column("c", default=said), target)
    assert (found.default, found.why) == (default, "")


def test_postgres_takes_each_of_them(new_database: Callable[[str], str]) -> None:
    connection = psycopg2.connect(new_database("defaults"))
    with connection, connection.cursor() as cursor:
        for number, (_, target, default) in enumerate(SAME):
            cursor.execute(f"CREATE TABLE t{number} (a integer, c {target} DEFAULT ({default}))")
            cursor.execute(f"INSERT INTO t{number} (a) VALUES (1)")
    connection.close()


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("'0000-00-00 00:00:00'", "timestamp(0) without time zone"),
        ("'1970-00-00'", "date"),
        ("'2021-02-30'", "date"),
        ("some_function()", "text"),
        ("lower('A'::text)", "text"),
        ("'a\\'b'", "text"),
        ("'abc'", "character varying(2)"),
        ("'abc'", "integer"),
        ("1000000000000000000000", "bigint"),
        ("CURRENT_TIMESTAMP", "text"),
        ("'x'", "bytea"),
        ("uuid()", "text"),
    ],
)
def test_any_other_default_is_left_and_the_reason_said(said: str, target: str) -> None:
    found = translated(column("c", default=said), target)
    assert found.default is None
    assert "not carried over" in found.why


@pytest.mark.parametrize("said", [None, "", "NULL", "NULL::character varying"])
def test_no_default_is_none(said: str | None) -> None:
    found = translated(column("c", default=said), "text")
    assert (found.default, found.why) == (None, "")


def test_a_sequence_of_several_columns_is_carried_over_as_it_is() -> None:
    said = "nextval('other.shared'::regclass)"
    assert translated(column("c", default=said), "integer").default == said
