"""When a schedule ticks; whatever is let through here, Dagster takes."""

import random

import pytest
from dagster._utils.schedules import is_valid_cron_schedule

from migration_assets.contracts import cron

GOOD = [
    "0 3 * * *",
    "*/15 * * * *",
    "5,35 8-18/2 * * mon-fri",
    "0 0 1 jan,jul *",
    "0 0 29 2 *",
    "0 0 30 2,3 mon",
    "59 23 31 12 7",
    *cron.NAMES,
]


@pytest.mark.parametrize("expression", GOOD)
def test_what_cron_knows_is_taken_and_dagster_takes_it(expression: str) -> None:
    assert cron.fault_of(expression) == ""
    assert is_valid_cron_schedule(expression)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("0 3 * *", "4 fields"),
        ("0 3 * * * *", "6 fields"),
        ("", "0 fields"),
        ("60 * * * *", "`60` is no minute"),
        ("* 24 * * *", "`24` is no hour"),
        ("* * 0 * *", "no day of the month"),
        ("* * * 13 *", "no month"),
        ("* * * * 8", "no day of the week"),
        ("5-1 * * * *", "no minute"),
        ("*/0 * * * *", "no minute"),
        ("1,,2 * * * *", "no minute"),
        ("*-5 * * * *", "no minute"),
        ("every 3 * * *", "`every` is no minute"),
        ("0 0 31 2,4 *", "it never comes"),
        ("0 0 31 2 mon", "it never comes"),
        ("@often", "1 fields"),
    ],
)
def test_what_would_never_tick_is_a_fault(expression: str, fault: str) -> None:
    assert fault in cron.fault_of(expression)


def test_dagster_takes_every_expression_that_is_let_through() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    dice = random.Random(seed)
    pieces = [
        "*",
        "*",
        "*/5",
        "0",
        "7",
        "1-5",
        "1-5/2",
        "31",
        "2",
        "feb",
        "mon",
        "5/10",
        "12",
        "sat-sun",
        "60",
        "x",
    ]
    taken = 0
    for _ in range(3000):
        expression = " ".join(
            ",".join(dice.choices(pieces, k=dice.choice([1, 1, 1, 2])))
            for _ in range(dice.choice([5, 5, 5, 4]))
        )
        if not cron.fault_of(expression):
            taken += 1
            assert is_valid_cron_schedule(expression), expression
    assert taken > 50
