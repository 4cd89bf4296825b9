"""Names that want to be something else are names, in every source and in the target."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from migration_assets.contracts.model import ByValue, Column, Contract, Server, TableName
from migration_assets.errors import MappingFault
from migration_assets.planning.keys import partitions
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests import mariadb

NAMES = (
    'we"ird; drop table x; --', "it's", "[brackets]", "a b", "select", "a" * 63, "UPPER", "Mixed Case", "ä€中",
    "per%cent %s %(x)s", "{brace} {0}", "back`tick", "back\\slash", "?a", "=a", "a", "?=a", "$1", ":b", "@c", "#d", "a.b",
    '"', "''", "/*x*/", "batch", "empty", "v", "ctid'", "NULL", "1", "-",
)  # fmt: skip
PLACE = TableName('sche"ma; --', 'ta\'ble "x"; drop table y')


def quoted(name: str, mark: str = '"') -> str:
    return mark + name.replace(mark, mark * 2) + mark


def contract(
    source: str, place: TableName, names: Sequence[str], expressed: bool, **more: object
) -> Contract:
    def column(name: str) -> Column:
        if expressed:
            return Column(name, "text", expression=f"{quoted(name)} || '!'")
        return Column(name, "text", sources=(name,))

    return Contract(
        name="hostile",
        version="1.0.0",
        digest="0" * 64,
        file=str(more.pop("folder", "")) + "/hostile.odcs.yaml",
        source=Server("old", source),
        target=Server("new", "postgres"),
        source_table=place,
        target_table=PLACE,
        columns=(*map(column, names), Column("key; --", "bigint", sources=("key; --",), required=True)),
        primary_key=("key; --",),
        bad_rows="quarantine",
        **more,  # type: ignore[arg-type]
    )


def moved(made: Contract, old: str, new: str, folder: Path, keys: Sequence[str] = ("all",)) -> None:
    environment = {"OLD_URL": old, "NEW_URL": new, "MIGRATION_STAGING": str(folder / "staging")}
    migration = TableMigration(made, {made.name: made}, environment)
    for partition in keys:
        for stage in (migration.extract, migration.transform, migration.load):
            report = stage(partition, "run")
            assert all(outcome.passed for outcome in report.outcomes), report.outcomes


def statements(table: str, names: Sequence[str], mark: str, kind: str) -> list[str]:
    columns = [f"{quoted(name, mark)} {kind}" for name in names]
    values = ", ".join(f"'{number}'" for number in range(len(names)))
    return [
        f"CREATE TABLE {table} ({', '.join(columns)}, {quoted('key; --', mark)} bigint NOT NULL PRIMARY KEY)",
        f"INSERT INTO {table} VALUES ({values}, 1)",
    ]


def arrived(url: str, names: Sequence[str]) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        table = sql.Identifier(PLACE.schema or "", PLACE.name)
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(columns, table))
        return cursor.fetchall()


def write_postgres(url: str, names: Sequence[str]) -> TableName:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quoted(PLACE.schema or '')}")
        for statement in statements(f"{quoted(PLACE.schema or '')}.{quoted(PLACE.name)}", names, '"', "text"):
            cursor.execute(statement)
    return PLACE


def write_sqlite(url: str, names: Sequence[str]) -> TableName:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        for statement in statements(quoted(PLACE.name), names, '"', "text"):
            connection.execute(statement)
    return TableName(None, PLACE.name)


def write_mysql(url: str, names: Sequence[str]) -> TableName:
    for statement in statements(quoted(PLACE.name, "`"), names, "`", "text"):
        mariadb.run(url, statement)
    return TableName(None, PLACE.name)


@pytest.fixture(params=["postgres", "sqlite", "mysql"])
def old(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[str, str, Callable[[str, Sequence[str]], TableName]]:
    match request.param:
        case "postgres":
            return "postgres", request.getfixturevalue("new_database")("old"), write_postgres
        case "sqlite":
            return "sqlite", f"sqlite:///{tmp_path / 'o;l d.db'}", write_sqlite
        case _:
            return "mysql", request.getfixturevalue("new_mysql_database")("old"), write_mysql


@pytest.mark.parametrize("expressed", [False, True], ids=["untouched", "expressed"])
def test_hostile_names_are_moved_like_any_other(
    old: tuple[str, str, Callable[[str, Sequence[str]], TableName]],
    expressed: bool,
    new_database: Callable[[str], str],
    tmp_path: Path,
) -> None:
    kind, url, write = old
    new = new_database("new")
    place = write(url, NAMES)
    moved(contract(kind, place, NAMES, expressed), url, new, tmp_path)
    mark = "!" if expressed else ""
    assert arrived(new, NAMES) == [tuple(f"{number}{mark}" for number in range(len(NAMES)))]


def test_a_hostile_column_and_its_hostile_values_make_partitions(
    old: tuple[str, str, Callable[[str, Sequence[str]], TableName]],
    new_database: Callable[[str], str],
    tmp_path: Path,
) -> None:
    kind, url, write = old
    new = new_database("new")
    place = write(url, NAMES)
    made = contract(kind, place, NAMES, False, partitioning=ByValue(NAMES[0]), folder=tmp_path)
    environment = {"OLD_URL": url}
    plan_partitions(made, environment)
    moved(made, url, new, tmp_path, [partition.key for partition in partitions(made)])
    assert len(arrived(new, NAMES)) == 1


def test_names_that_differ_in_case_alone_are_two_columns(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url, new = new_database("old"), new_database("new")
    names = ["name", "Name", "NAME"]
    place = write_postgres(url, names)
    moved(contract("postgres", place, names, False), url, new, tmp_path)
    assert arrived(new, names) == [("0", "1", "2")]


def test_names_that_differ_in_case_alone_are_refused_beside_an_expression(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url, new = new_database("old"), new_database("new")
    names = ["name", "Name"]
    place = write_postgres(url, names)
    with pytest.raises(MappingFault, match="differ in case alone"):
        moved(contract("postgres", place, names, True), url, new, tmp_path)
