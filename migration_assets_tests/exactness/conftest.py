"""The databases of the matrix, and its families: each is moved once, however many tests look at it."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from migration_assets_tests import mariadb
from migration_assets_tests.exactness.case import Family
from migration_assets_tests.exactness.installed import installed_postgres
from migration_assets_tests.exactness.matrix import Matrix, Results
from migration_assets_tests.exactness.world import MysqlSide, PostgresSide, SourceSide, SqliteSide

__all__ = ["installed_postgres"]

_numbers = itertools.count(1)
Moved = Callable[[Family], list[Results]]


@pytest.fixture(scope="session")
def lasting_database(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database that lasts to the end of the session, and returns its URL."""
    made: list[str] = []

    def make(purpose: str) -> str:
        name = f"{purpose}_{os.getpid()}_{next(_numbers)}"
        _run(postgres_server, f'CREATE DATABASE "{name}"')
        made.append(name)
        return postgres_server.replace("/postgres?", f"/{name}?", 1)

    yield make
    for name in made:
        _run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_matrix(
    lasting_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Moved:
    source, target = (PostgresSide(lasting_database(name)) for name in ("exact_old", "exact_new"))
    if int(source.run(["SHOW server_version_num"])[0][0]) < 170000:
        pytest.skip("the matrix needs a PostgreSQL of version 17 or later (infinite intervals)")
    return _once(source, target, tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="session")
def across_matrix(
    installed_postgres: str, lasting_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Moved:
    """From an installed PostgreSQL to the embedded one."""
    _run(installed_postgres, "CREATE DATABASE across")
    source = PostgresSide(installed_postgres.replace("/postgres?", "/across?", 1))
    target = PostgresSide(lasting_database("exact_across"))
    return _once(source, target, tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="session")
def installed_matrix(installed_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """From an installed PostgreSQL to itself."""
    sides: list[PostgresSide] = []
    for name in ("old", "new"):
        _run(installed_postgres, f"CREATE DATABASE {name}")
        sides.append(PostgresSide(installed_postgres.replace("/postgres?", f"/{name}?", 1)))
    return _once(sides[0], sides[1], tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="session")
def sqlite_matrix(lasting_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Moved:
    folder = tmp_path_factory.mktemp("sqlite")
    source = SqliteSide(f"sqlite:///{folder / 'old.db'}")
    return _once(source, PostgresSide(lasting_database("exact_lite")), folder / "staging")


@pytest.fixture(scope="session")
def mysql_matrix(
    mysql_server: str, lasting_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Moved]:
    name = f"exact_{os.getpid()}_{next(_numbers)}"
    mariadb.run(mysql_server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    target = PostgresSide(lasting_database("exact_my"))
    yield _once(MysqlSide(f"{mysql_server}/{name}"), target, tmp_path_factory.mktemp("staging"))
    mariadb.run(mysql_server, f"DROP DATABASE {name}")


def _once(source: SourceSide, target: PostgresSide, folder: Path) -> Moved:
    moved: dict[str, list[Results]] = {}
    made: set[str] = set()

    def results(family: Family) -> list[Results]:
        if family.name not in moved:
            new = [statement for statement in family.both if statement not in made]
            made.update(new)
            for side in (source, target):
                if isinstance(side, PostgresSide):
                    side.run(new)
            moved[family.name] = results.matrix.moved(family)
        return moved[family.name]

    #: for those who look at the databases afterwards
    results.matrix = Matrix(source, target, folder)
    return results


def _run(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
