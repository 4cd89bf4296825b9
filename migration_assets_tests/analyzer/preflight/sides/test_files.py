"""SQLite, and databases that only SQLAlchemy knows, as sources of a pre-flight."""

import sqlite3
from pathlib import Path

import pytest

from migration_assets.analyzer.preflight.sides import SIDES
from migration_assets.contracts.model import Server, TableName
from migration_assets.tables.sources import SOURCES

TABLES = (TableName(None, "orders"), TableName(None, "no such"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    return path


@pytest.mark.parametrize("backend", ["sqlite", "sqlalchemy"])
def test_a_file_tells_its_version_and_which_tables_are_not_there(file: Path, backend: str) -> None:
    server, url = Server("legacy", "sqlite"), f"sqlite:///{file}"
    with SOURCES[backend].snapshot(server, url) as snapshot:
        facts = SIDES[backend].facts(snapshot, server, url, TABLES)

    assert facts.engine.lower() == "sqlite"
    assert facts.numbers[:2] >= (3, 31)
    assert [each.table for each in facts.unreadable] == [TableName(None, "no such")]


def test_a_file_that_this_process_could_write_is_said(file: Path) -> None:
    server, url = Server("legacy", "sqlite"), f"sqlite:///{file}"
    with SOURCES["sqlite"].snapshot(server, url) as snapshot:
        facts = SIDES["sqlite"].facts(snapshot, server, url, TABLES[:1])

    assert facts.writable == ("the file",)
    assert facts.size == file.stat().st_size


def test_every_source_has_a_side() -> None:
    assert SIDES.keys() == SOURCES.keys()
