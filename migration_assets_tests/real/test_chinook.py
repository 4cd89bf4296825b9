"""Chinook: one data set as three engines hold it, and where its scripts differ."""

from collections.abc import Callable

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.draft import Wish
from migration_assets_tests.real.world import World

LEDGER = "SELECT contract, loaded, fingerprint FROM migration.load"


#: text that looks like dates, a number, and names with accents and NULLs among them
PARTED = {
    "Invoice": Wish({"partitions": {"by": "year", "column": "InvoiceDate", "start": "2022-01-01"}}),
    "Track": Wish({"partitions": {"by": "key", "rows": 1000}}),
    "Customer": Wish({"partitions": {"by": "key", "column": "State", "rows": 10}}),
    "Employee": Wish({"partitions": {"by": "value", "column": "Title"}}),
    "Artist": Wish({"partitions": {"by": "key", "column": "Name", "rows": 100}}),
}


def fingerprints(world: World) -> dict[str, tuple[object, object]]:
    """Rows and fingerprint of each table as the ledger has them, whatever the case of its name."""
    return {
        str(name).lower().replace("_", ""): (rows, found)
        for name, rows, found in data.ask(world.target, LEDGER)
    }


def from_sqlite(new_world: NewWorld) -> World:
    path = str(data.folder("chinook") / "Chinook_Sqlite.sqlite")
    world = new_world(f"sqlite:///{path}")
    world.draft(catalogs.of_sqlite(path), PARTED)
    assert {
        name: found.verdict(comparing.of_sqlite(path, name, world.target, ("public", name)))
        for name, found in world.move().items()
    } == results.CHINOOK_SQLITE.tables
    return world


def from_mysql(maria: MariaDB, new_world: NewWorld) -> World:
    url = maria.load("Chinook", data.text(data.folder("chinook") / "Chinook_MySql.sql"))
    world = new_world(url)
    world.draft(catalogs.of_mysql(url, "Chinook"))
    assert {
        name: found.verdict(comparing.of_mysql(url, "Chinook", name, world.target, ("public", name)))
        for name, found in world.move().items()
    } == results.CHINOOK_MYSQL.tables
    return world


def from_postgres(new_database: Callable[[str], str], new_world: NewWorld) -> World:
    folder = data.folder("chinook")
    url = new_database("chinook")
    data.into_postgres(url, data.text(folder / "Chinook_PostgreSql.sql").partition("\\c chinook;")[2])
    world = new_world(url)
    world.draft(catalogs.of_postgres(url))
    assert {
        name: found.verdict(comparing.of_postgres(url, name, world.target, name))
        for name, found in world.move().items()
    } == results.CHINOOK_POSTGRES.tables
    published = data.hashes_of(folder / "expected_pg.json")
    assert {name: comparing.table_md5(world.target, name) for name in published} == published
    return world


def test_three_engines_are_moved_exactly_and_the_faults_of_the_scripts_are_seen(
    maria: MariaDB, new_database: Callable[[str], str], new_world: NewWorld
) -> None:
    worlds = {
        "sqlite": from_sqlite(new_world),
        "mysql": from_mysql(maria, new_world),
        "postgres": from_postgres(new_database, new_world),
    }
    folder = data.folder("chinook")
    for engine, expected in ("sqlite", results.CHINOOK_SQLITE), ("mysql", results.CHINOOK_MYSQL):
        assert data.rows_of(folder / f"expected_{engine}.json") == expected.tables
    # the authors' MySQL script has a blank too many and drops backslashes: same counts, other rows
    of_mysql, of_postgres = fingerprints(worlds["mysql"]), fingerprints(worlds["postgres"])
    assert {name: rows for name, (rows, _) in of_mysql.items()} == {
        name: rows for name, (rows, _) in of_postgres.items()
    }
    differ = {name for name in of_mysql if of_mysql[name] != of_postgres[name]}
    assert differ == {"customer", "invoice", "track"}
    differing = {
        name: comparing.of_postgres(worlds["mysql"].target, name, worlds["postgres"].target, name.lower())
        for name in ("Customer", "Invoice", "Track")
    }
    assert {name: found.missing.total() for name, found in differing.items()} == {
        "Customer": 1,
        "Invoice": 7,
        "Track": 4,
    }
