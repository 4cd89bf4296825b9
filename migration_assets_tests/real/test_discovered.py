"""Contracts as `migrate discover` writes them move the real databases, and nobody touches them in between."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from migration_assets.analyzer.catalog import EVERYTHING, Selection
from migration_assets.analyzer.discovery.discover import Asked, Discovery, discover
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets_tests.real import comparing, data, results, test_ghost
from migration_assets_tests.real.comparing import Compared
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.results import Verdicts
from migration_assets_tests.real.world import World

Compare = Callable[[Contract], Compared]


def discovered(world: World, selection: Selection = EVERYTHING) -> Discovery:
    folder = world.folder / "data_contracts"
    asked = Asked("legacy", "cloud", folder, folder, selection=selection)
    found = discover(asked, world.environment)
    again = discover(asked, world.environment)
    assert (again.changes, again.written, again.edited) == ((), (), ()), "the second look writes nothing"
    return found


def moved(world: World, compare: Compare) -> dict[str, int | str]:
    """What came of each table, by its name in the source."""
    contracts = load(world.folder / "data_contracts")
    came = world.move()
    return {
        contract.source_table.name: came[name].verdict(compare(contract))
        for name, contract in contracts.items()
    }


def place(contract: Contract) -> tuple[str, str]:
    return contract.target_table.schema or "public", contract.target_table.name


def from_mysql(url: str, database: str, world: World) -> Verdicts:
    return moved(
        world,
        lambda contract: comparing.of_mysql(
            url, database, contract.source_table.name, world.target, place(contract)
        ),
    )


def from_sqlite(path: str, world: World) -> Verdicts:
    return moved(
        world,
        lambda contract: comparing.of_sqlite(path, contract.source_table.name, world.target, place(contract)),
    )


def from_postgres(world: World) -> Verdicts:
    return moved(
        world,
        lambda contract: comparing.of_postgres(
            world.source, contract.source_table.name, world.target, contract.target_table.name
        ),
    )


#: the column that is no date in most rows is not taken for one
_STAMPS = {"stamps": "row 1: column StartTime is no date"}


@pytest.mark.parametrize(
    ("result", "file"),
    [
        (results.CHINOOK_SQLITE, "Chinook_Sqlite.sqlite"),
        (results.PGLOADER_SQLITE, "sqlite.db"),
        (results.PGLOADER_STORAGE, "storage.sqlite"),
        (results.PGLOADER_MISMATCH, "type-mismatch.db"),
    ],
    ids=["chinook", "pgloader", "storage", "mismatch"],
)
def test_sqlite_is_moved_by_what_was_discovered(
    new_world: NewWorld, result: results.Result, file: str
) -> None:
    path = str(data.folder(result.data.partition("/")[0]) / file)
    world = new_world(f"sqlite:///{path}")
    discovered(world)
    known = {name: why for name, why in _STAMPS.items() if name in result.tables}
    assert from_sqlite(path, world) == {**result.tables, **known}


@pytest.mark.parametrize(
    ("result", "script"),
    [
        (results.CHINOOK_POSTGRES, "Chinook_PostgreSql.sql"),
        (results.NORTHWIND, "northwind.sql"),
        (results.PAGILA, "pagila.sql.zst"),
    ],
    ids=["chinook", "northwind", "pagila"],
)
def test_postgres_is_moved_by_what_was_discovered(
    new_database: Callable[[str], str], new_world: NewWorld, result: results.Result, script: str
) -> None:
    folder = data.folder(result.data)
    text = data.text(folder / script)
    url = new_database("source")
    # the script of one of them makes a database of its own
    data.into_postgres(url, text.partition("\\c chinook;")[2] or text)
    world = new_world(url)
    discovered(world)
    # rows of partitions are moved with their table
    whole = {name: rows for name, rows in result.tables.items() if not name.startswith("payment_p")}
    assert from_postgres(world) == whole


SAKILA = ("01-sakila-schema.sql", "02-sakila-data.sql.zst")
LOADED = ("department", "employee", "dept_emp", "dept_manager", "title", "salary1")


def employees(folder: Path) -> list[str]:
    tables, _, _ = data.text(folder / "employee.sql").partition("SELECT 'LOADING department'")
    return [tables, *(data.text(folder / f"load_{name}.sql.zst") for name in LOADED)]


SCRIPTS: Mapping[str, tuple[results.Result, str, Callable[[Path], list[str]]]] = {
    "chinook": (results.CHINOOK_MYSQL, "Chinook", lambda path: [data.text(path / "Chinook_MySql.sql")]),
    "sakila": (results.SAKILA, "sakila", lambda path: [data.text(path / name) for name in SAKILA]),
    "employees": (results.EMPLOYEES, "employee", employees),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_mysql_is_moved_by_what_was_discovered(maria: MariaDB, new_world: NewWorld, name: str) -> None:
    result, database, scripts = SCRIPTS[name]
    url = maria.load(database, *scripts(data.folder(result.data)))
    world = new_world(url)
    discovered(world)
    assert from_mysql(url, database, world) == result.tables


def test_odd_tables_of_mysql_are_moved_or_refused_for_a_reason(maria: MariaDB, new_world: NewWorld) -> None:
    folder = data.folder("pgloader_a")
    scripts = [data.text(folder / f"{name}.sql") for name in ("my", "f1db.circuits.my", "history")]
    maria.load("pgloader", *scripts)
    maria.load("db789", data.text(folder / "db789.sql"))
    world = new_world(maria.url)
    discovered(world, Selection(schemas=("pgloader", "db789")))
    came = moved(
        world,
        lambda contract: comparing.of_mysql(
            maria.url,
            contract.source_table.schema or "",
            contract.source_table.name,
            world.target,
            place(contract),
        ),
    )
    assert came == results.PGLOADER_MYSQL.tables


def test_the_cases_of_ghost_are_moved_or_refused_for_a_reason(maria: MariaDB, new_world: NewWorld) -> None:
    cases = sorted(path for path in data.folder("ghost_localtests_a").iterdir() if path.is_dir())
    test_ghost.filled(maria, cases)
    world = new_world(maria.url)
    discovered(world, Selection(schemas=tuple(case.name for case in cases)))
    contracts = load(world.folder / "data_contracts")
    came = world.move()
    verdicts: dict[str, int | str] = {}
    for name, contract in contracts.items():
        case = contract.source_table.schema or ""
        found = came[name].verdict(
            comparing.of_mysql(maria.url, case, contract.source_table.name, world.target, place(contract))
        )
        told = verdicts.get(case, 0)
        if not isinstance(told, str):
            verdicts[case] = found if isinstance(found, str) else told + found
    expected = {name: told for name, told in results.GHOST.tables.items() if name != "sysbench"}
    assert verdicts == expected
