"""Suggestions for two servers by name, with roles that may only read."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from migration_assets.analyzer.catalog import EVERYTHING, Selection
from migration_assets.analyzer.matching.ends import servers, suggested
from migration_assets.contracts.model import Server
from migration_assets_tests.defs.scenario import SHOP
from migration_assets_tests.tables.shop import ask

ROLE = f"match_{os.getpid()}"
ROWS = "SELECT n AS no, 'name ' || n AS name FROM generate_series(1, 40) n"


@pytest.fixture
def ends(new_database: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """Both sides, by a role that may read one table of each."""
    admins = new_database("legacy"), new_database("cloud")
    ask(
        admins[0],
        [f"CREATE ROLE {ROLE} LOGIN", f"CREATE TABLE t1 AS {ROWS}", f"GRANT SELECT ON t1 TO {ROLE}"],
    )
    ask(
        admins[1],
        [
            f"CREATE TABLE people AS {ROWS}",
            f"GRANT SELECT ON people TO {ROLE}",
            "CREATE SCHEMA migration",
            f"CREATE TABLE migration.load AS {ROWS}",
            f"GRANT USAGE ON SCHEMA migration TO {ROLE}",
            f"GRANT SELECT ON migration.load TO {ROLE}",
        ],
    )
    urls = [make_url(url).set(username=ROLE).render_as_string(hide_password=False) for url in admins]
    yield dict(zip(("LEGACY_URL", "CLOUD_URL"), urls, strict=True))
    for url in admins:
        ask(url, [f"DROP OWNED BY {ROLE} CASCADE"])
    ask(admins[0], [f"DROP ROLE {ROLE}"])


def test_roles_that_may_only_read_are_enough_and_the_ledger_is_no_target(ends: dict[str, str]) -> None:
    found = suggested(Server("legacy", ""), Server("cloud", ""), EVERYTHING, EVERYTHING, ends)

    assert {(str(each.target), each.target_column) for each in found} == {
        ("public.people", "no"),
        ("public.people", "name"),
    }
    for url in ends.values():
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, ["CREATE TABLE written (n int)"])


def test_only_the_tables_that_are_asked_for_are_looked_at(ends: dict[str, str]) -> None:
    none = Selection(tables=("other*",))

    assert suggested(Server("legacy", ""), Server("cloud", ""), none, EVERYTHING, ends) == ()


def test_servers_are_held_to_what_contracts_say_of_them() -> None:
    contract = replace(SHOP["customers"], source=Server("legacy", "mysql", tls="require"))

    assert servers([contract])["legacy"].tls == "require"
