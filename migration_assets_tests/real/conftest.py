"""A world of a source and an empty target, and a MariaDB that takes dumps in."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migration_assets_tests import mariadb
from migration_assets_tests.real import data
from migration_assets_tests.real.world import World

NewWorld = Callable[[str], World]


@pytest.fixture
def new_world(new_database: Callable[[str], str], tmp_path: Path) -> NewWorld:
    """A world around the source's URL."""

    def make(source: str) -> World:
        folder = tmp_path / f"world-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return World(source, new_database("real"), folder)

    return make


class MariaDB:
    """A server that takes dumps in; its databases go when the test ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.databases: list[str] = []

    def make(self, *names: str) -> None:
        """Makes empty databases."""
        self.databases += names
        statements = ("DROP DATABASE IF EXISTS `{}`", "CREATE DATABASE `{}` CHARACTER SET utf8mb4")
        mariadb.run(self.url, *(statement.format(name) for name in names for statement in statements))

    def load(self, database: str, *scripts: str) -> str:
        """Makes the database, runs the scripts in it, and gives its URL."""
        self.make(database)
        data.into_mariadb(f"{self.url}/{database}", "\n".join(scripts))
        return f"{self.url}/{database}"


@pytest.fixture
def maria(mysql_server: str) -> Iterator[MariaDB]:
    if shutil.which("mariadb") is None:
        pytest.skip("the client `mariadb`, which loads the dumps, is not installed")
    server = MariaDB(mysql_server)
    yield server
    mariadb.run(server.url, *(f"DROP DATABASE `{name}`" for name in server.databases))
