"""One home for each source, and for the general one two."""

from pathlib import Path
from urllib.parse import quote

import pytest

from migration_assets_tests.tables.sources.homes import Home

HOMES = ["postgres", "mysql", "sqlite", "sqlalchemy-sqlite", "sqlalchemy-postgres"]


def a_home(request: pytest.FixtureRequest, name: str) -> Home:
    general = name.startswith("sqlalchemy-")
    engine = name.removeprefix("sqlalchemy-")
    kind = "sqlalchemy" if general else engine
    if engine == "sqlite":
        file: Path = request.getfixturevalue("tmp_path") / "legacy file%20#1.db"
        return Home(kind, engine, str(file), f"sqlite:///{quote(str(file))}")
    if engine == "mysql":
        url = request.getfixturevalue("new_mysql_database")("legacy")
        return Home(kind, engine, url, url)
    url = request.getfixturevalue("new_database")("legacy")
    return Home(kind, engine, url, url.replace("postgresql:", "postgresql+psycopg2:", 1) if general else url)


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Home:
    made = a_home(request, request.param)
    if made.engine == "sqlite":
        # so that writers do not wait for readers, as elsewhere
        made.run("PRAGMA journal_mode = WAL")
    return made


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Home:
    return a_home(request, "postgres")


@pytest.fixture
def mysql(request: pytest.FixtureRequest) -> Home:
    return a_home(request, "mysql")


@pytest.fixture
def sqlite(request: pytest.FixtureRequest) -> Home:
    return a_home(request, "sqlite")
