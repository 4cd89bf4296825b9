"""What others' migration tool is tested with: odd names, odd types, and rows that are really broken."""

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.draft import Wish, contract_name
from migration_assets_tests.real.results import Result, Verdicts

QUARANTINE = Wish({"bad_rows": "quarantine"})


def of_mysql(maria: MariaDB, new_world: NewWorld, tables: tuple[str, ...], wish: Wish) -> Verdicts:
    """What comes of the tables of both databases; all of them where none is named."""
    world = new_world(maria.url)
    places: dict[str, str] = {}
    for database in ("pgloader", "db789"):
        catalog = catalogs.of_mysql(f"{maria.url}/{database}", database)
        catalog = catalogs.Catalog(
            tuple(t for t in catalog.tables if not tables or t in tables), catalog.keys
        )
        world.draft(catalog, dict.fromkeys(catalog.tables, wish), database=database)
        places |= dict.fromkeys(catalog.tables, database)
    moved = world.move()
    return {
        table: moved[contract_name(table)].verdict(
            comparing.of_mysql(maria.url, database, table, world.target, ("public", table))
        )
        for table, database in places.items()
    }


def test_each_table_of_mysql_is_exact_or_refused_for_a_reason(maria: MariaDB, new_world: NewWorld) -> None:
    folder = data.folder("pgloader_a")
    maria.load(
        "pgloader", *(data.text(folder / f"{name}.sql") for name in ("my", "f1db.circuits.my", "history"))
    )
    maria.load("db789", data.text(folder / "db789.sql"))
    assert of_mysql(maria, new_world, (), Wish()) == results.PGLOADER_MYSQL.tables
    for result in results.of_policy("pgloader_a"):
        assert of_mysql(maria, new_world, tuple(result.tables), QUARANTINE) == result.tables


def of_sqlite(new_world: NewWorld, file: str, tables: tuple[str, ...], wish: Wish) -> Verdicts:
    path = str(data.folder("pgloader_a") / file)
    catalog = catalogs.of_sqlite(path)
    catalog = catalogs.Catalog(tuple(t for t in catalog.tables if not tables or t in tables), catalog.keys)
    world = new_world(f"sqlite:///{path}")
    world.draft(catalog, dict.fromkeys(catalog.tables, wish))
    return {
        table: found.verdict(comparing.of_sqlite(path, table, world.target, ("public", table)))
        for table, found in world.move().items()
    }


def test_each_table_of_sqlite_is_exact_or_refused_for_a_reason(new_world: NewWorld) -> None:
    for result in (results.PGLOADER_SQLITE, results.PGLOADER_STORAGE, results.PGLOADER_MISMATCH):
        _held(new_world, result, (), Wish())
        for told in results.of_policy(result.data):
            _held(new_world, told, tuple(told.tables), QUARANTINE)


def _held(new_world: NewWorld, result: Result, tables: tuple[str, ...], wish: Wish) -> None:
    file = result.data.partition("/")[2]
    assert of_sqlite(new_world, file, tables, wish) == result.tables
    expected = data.rows_of(data.folder("pgloader_a") / f"expected_{file}.json")
    assert {name: expected[name] for name in result.exact} == result.exact
