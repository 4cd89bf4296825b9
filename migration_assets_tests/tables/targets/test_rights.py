"""A right that is missing comes with the statement that grants it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from migration_assets.tables.targets.rights import missing_rights
from migration_assets.tables.targets.structure import prepare
from migration_assets_tests.tables.by_hand import HOSTILE, column, contract
from migration_assets_tests.tables.targets.conftest import Target

TABLE = contract("t", column("a"), schema=HOSTILE, table="2019")
QUOTED = '"' + HOSTILE.replace('"', '""') + '"'


@pytest.fixture
def guest(target: Target) -> Iterator[Any]:
    """A connection of a role without any rights; the role's name is as hostile as any."""
    role = f'guest "{target.url.split("/")[-1].split("?")[0]}'
    quoted = '"' + role.replace('"', '""') + '"'
    target.run(f"CREATE ROLE {quoted}")
    connection = target.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {quoted}")
    yield connection
    connection.close()
    target.run(f"DROP OWNED BY {quoted}; DROP ROLE {quoted}")


def granted_until_none_is_missing(target: Target, guest: Any, said: Any) -> list[str]:
    """Runs each GRANT that is told, until none is; returns the rights in their order."""
    rights: list[str] = []
    while sentences := missing_rights(guest, said):
        for sentence in sentences:
            rights.append(sentence.partition(" lacks ")[2].partition(" for ")[0])
            target.run(sentence.partition("run: ")[2])
    return rights


def test_without_a_schema_it_must_be_made(target: Target, guest: Any) -> None:
    assert granted_until_none_is_missing(target, guest, TABLE) == ["CREATE"]
    prepare(guest, TABLE)
    assert missing_rights(guest, TABLE) == ()


def test_without_a_table_it_must_be_made_in_its_schema(target: Target, guest: Any) -> None:
    target.run(f"CREATE SCHEMA {QUOTED}")
    assert granted_until_none_is_missing(target, guest, TABLE) == ["USAGE", "CREATE"]
    prepare(guest, TABLE)


def test_a_table_that_is_there_must_be_read_and_replaced(target: Target, guest: Any) -> None:
    prepare(target.own, TABLE)
    assert granted_until_none_is_missing(target, guest, TABLE) == ["USAGE", "SELECT", "INSERT", "DELETE"]


def test_an_upsert_updates_and_never_deletes(target: Target, guest: Any) -> None:
    prepare(target.own, TABLE)
    said = replace(TABLE, load_mode="upsert")
    assert granted_until_none_is_missing(target, guest, said) == ["USAGE", "SELECT", "INSERT", "UPDATE"]


def test_a_superuser_lacks_nothing(target: Target) -> None:
    assert missing_rights(target.own, TABLE) == ()
