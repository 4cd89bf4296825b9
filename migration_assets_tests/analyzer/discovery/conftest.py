"""A source with two tables in each kind of database, an empty target, and a folder for contracts."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from migration_assets.analyzer.catalog import EVERYTHING, Selection
from migration_assets.analyzer.discovery.discover import Asked, Discovery, discover
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets_tests import mariadb

SHOP = (
    "CREATE TABLE customer (id integer PRIMARY KEY, name varchar(40) NOT NULL, mail varchar(60), born date)",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer (id), "
    "total decimal(10,2) NOT NULL, note varchar(20))",
    "INSERT INTO customer VALUES (1, 'Ann', 'ann@example.com', '1980-01-01'), "
    "(2, 'Bob', 'bob@example.com', '1990-02-02'), (3, 'Cy', 'cy@example.com', NULL)",
    "INSERT INTO orders VALUES (1, 1, 9.50, 'first'), (2, 2, 20.00, NULL)",
)


@dataclass
class Shop:
    """A source, an empty target, and what is discovered between them."""

    kind: str
    source: str
    target: str
    folder: Path

    @property
    def contracts(self) -> Path:
        return self.folder / "data_contracts"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LEGACY_URL": self.source,
            "CLOUD_URL": self.target,
            "MIGRATION_STAGING": str(self.folder / "staging"),
        }

    def change(self, *statements: str) -> None:
        if self.kind == "mysql":
            mariadb.run(self.source, *statements)
        elif self.kind == "sqlite":
            connection = sqlite3.connect(self.source.removeprefix("sqlite:///"))
            connection.executescript(";".join(statements))
            connection.close()
        else:
            connection = psycopg2.connect(self.source)
            with connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            connection.close()

    def discover(self, *, update: bool = False, selection: Selection = EVERYTHING) -> Discovery:
        asked = Asked("legacy", "cloud", self.contracts, self.contracts, update=update, selection=selection)
        return discover(asked, self.environment)

    def file(self, name: str) -> Path:
        return self.contracts / f"{name}.odcs.yaml"

    def loaded(self) -> dict[str, Contract]:
        return dict(load(self.contracts))

    def texts(self) -> dict[str, str]:
        return {file.name: file.read_text("utf-8") for file in sorted(self.contracts.iterdir())}

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The target's answer."""
        connection = psycopg2.connect(self.target)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()


@pytest.fixture(params=["postgres", "mysql", "sqlite"])
def shop(request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    kind: str = request.param
    return made(kind, request, new_database, tmp_path)


@pytest.fixture
def postgres_shop(request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    return made("postgres", request, new_database, tmp_path)


@pytest.fixture
def sqlite_shop(request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    return made("sqlite", request, new_database, tmp_path)


def made(kind: str, request: pytest.FixtureRequest, new_database: Callable[[str], str], folder: Path) -> Shop:
    if kind == "mysql":
        source = request.getfixturevalue("new_mysql_database")("shop")
    else:
        source = new_database("shop") if kind == "postgres" else f"sqlite:///{folder / 'shop.db'}"
    found = Shop(kind, source, new_database("target"), folder)
    script = SHOP
    if kind == "mysql":
        # MySQL takes no notice of a reference that stands at its column
        inner = "integer NOT NULL, FOREIGN KEY (customer_id) REFERENCES customer (id), "
        script = tuple(each.replace("integer NOT NULL REFERENCES customer (id), ", inner) for each in SHOP)
    found.change(*script)
    return found
