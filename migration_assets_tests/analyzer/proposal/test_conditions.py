"""Conditions that mean the same in PostgreSQL."""

import pytest

from migration_assets.analyzer.proposal.conditions import translated
from migration_assets.analyzer.proposal.model import ProposedColumn
from migration_assets_tests.analyzer.proposal.tables import column

COLUMNS = {
    name: ProposedColumn(column(name), renamed, kind, "")
    for name, renamed, kind in (
        ("size", "size", "integer"),
        ("Price", "price_now", "numeric(10,2)"),
        ("code", "code", "text"),
        ("day", "day", "date"),
        ("end", "end", "date"),
        ("said", "said", "json"),
    )
}


@pytest.mark.parametrize(
    ("condition", "backend", "expected"),
    [
        ("size > 0", "sqlite", '"size" > 0'),
        ("`size` between 1 and 5", "mysql", '"size" BETWEEN 1 AND 5'),
        (
            "((Price > (0)::numeric) AND (size >= 1))",
            "postgres",
            '( ( "price_now" > ( 0 )  ) AND ( "size" >= 1 ) )',
        ),
        ("price + size <> 7", "sqlite", '"price_now" + "size" <> 7'),
        ("code IN ('a', 'b')", "sqlite", "\"code\" IN ( 'a' , 'b' )"),
        ('day <= "end"', "postgres", '"day" <= "end"'),
        ("size IS NOT NULL OR size < 3", "mysql", '"size" IS NOT NULL OR "size" < 3'),
    ],
)
def test_a_plain_comparison_is_carried_over(condition: str, backend: str, expected: str) -> None:
    assert translated(condition, COLUMNS, backend) == expected


@pytest.mark.parametrize(
    ("condition", "backend"),
    [
        ("code IN ('a', 'b')", "mysql"),
        ("length(code) > 3", "postgres"),
        ("code > 5", "sqlite"),
        ("size = 'x'", "sqlite"),
        ("size = code", "sqlite"),
        ("unknown > 0", "sqlite"),
        ("json_valid(`said`)", "mysql"),
        ("said = said", "postgres"),
        ("code ~ 'x'", "postgres"),
        ("code = 'a\\'", "sqlite"),
        ("(code)::mood = 'a'", "postgres"),
        ("", "postgres"),
        ("1 = 1", "postgres"),
        ("size > 0; DROP TABLE x", "postgres"),
        ("size > 0 -- and more", "postgres"),
    ],
)
def test_what_may_mean_something_else_is_left(condition: str, backend: str) -> None:
    assert translated(condition, COLUMNS, backend) is None
