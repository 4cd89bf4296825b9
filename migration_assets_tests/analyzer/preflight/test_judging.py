"""Facts and what is made of them, as a table."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from migration_assets.analyzer.preflight.facts import Connections, Facts, LongTransactions
from migration_assets.analyzer.preflight.finding import Finding
from migration_assets.analyzer.preflight.judging import room, size, source_findings, target_findings, version

FACTS = Facts(
    "PostgreSQL",
    "18.4",
    (18, 4),
    "reader",
    "UTF8",
    "Europe/Berlin",
    connections=Connections(100, 10),
    long=LongTransactions(0, 0),
)


def named(findings: Iterable[Finding], name: str) -> Finding:
    (found,) = [each for each in findings if each.name == name]
    return found


@pytest.mark.parametrize(
    ("engine", "numbers", "passed"),
    [
        ("PostgreSQL", (13, 0), True),
        ("PostgreSQL", (12, 20), False),
        ("MariaDB", (10, 5, 1), True),
        ("MariaDB", (10, 4, 30), False),
        ("MySQL", (8, 0, 36), True),
        ("MySQL", (5, 7, 44), False),
        ("SQLite", (3, 31, 0), True),
        ("SQLite", (3, 30, 9), False),
        ("oracle", (1,), True),
    ],
)
def test_versions_that_are_too_old_stop(engine: str, numbers: tuple[int, ...], passed: bool) -> None:
    found = version(replace(FACTS, engine=engine, numbers=numbers), "source")

    assert found.passed is passed


def test_a_source_whose_role_may_only_read_lets_all_pass() -> None:
    assert {each.state for each in source_findings(FACTS, 4)} == {"ok"}


def test_what_a_server_does_not_tell_is_unknown_and_stops_nothing() -> None:
    facts = replace(FACTS, engine="oracle", connections=None, long=None, writable=None)

    states = {each.name: each.state for each in source_findings(facts, 4)}

    assert [name for name, state in states.items() if state == "unknown"] == [
        "read-only role",
        "connections",
        "long transactions",
    ]
    assert "failed" not in states.values()


def test_long_transactions_are_a_warning_with_where_to_look() -> None:
    found = named(source_findings(replace(FACTS, long=LongTransactions(2, 7260)), 4), "long transactions")

    assert found.state == "warning"
    assert "2, the oldest open for 2 h 1 min" in found.found
    assert "pg_stat_activity" in found.advice


def test_none_seen_is_not_none_where_not_all_are_seen() -> None:
    facts = replace(FACTS, long=LongTransactions(0, 0, all_seen=False))

    assert named(target_findings(facts, 4), "long transactions").state == "unknown"


def test_a_target_that_cannot_hold_every_character_stops() -> None:
    assert named(target_findings(replace(FACTS, encoding="LATIN1"), 4), "encoding").state == "failed"


def test_a_standby_is_no_target_and_as_a_source_may_cancel() -> None:
    facts = replace(FACTS, standby=True)

    assert named(target_findings(facts, 4), "writable").state == "failed"
    assert named(source_findings(facts, 4), "standby").state == "warning"


@pytest.mark.parametrize(("free", "state"), [(220, "ok"), (219, "failed"), (None, "unknown")])
def test_room_is_what_is_moved_and_more_than_as_much_again(free: int | None, state: str) -> None:
    assert room("space", "staging", 100, free, (), "here").state == state


def test_sizes_are_said_for_a_reader() -> None:
    assert [size(number) for number in (0, 999, 1500, 2.5e9, 7e12)] == [
        "0 bytes",
        "999 bytes",
        "1.5 kB",
        "2.5 GB",
        "7.0 TB",
    ]
