"""Sakila: two tables that wait for one another, geometry, sets, years, pictures."""

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.draft import Wish

WISHES = {
    "store": Wish(deferred=frozenset({"manager_staff_id"})),
    "rental": Wish(
        {"partitions": {"by": "month", "column": "rental_date", "start": "2005-05-01", "end": "2006-03-01"}}
    ),
    "film": Wish({"partitions": {"by": "value", "column": "rating"}}),
    "city": Wish({"partitions": {"by": "key", "column": "city", "rows": 200}}),
    "payment": Wish({"partitions": {"by": "key", "column": "amount", "rows": 4000}}),
}


def test_every_table_is_moved_exactly(maria: MariaDB, new_world: NewWorld) -> None:
    folder = data.folder("sakila_mysql")
    scripts = (data.text(folder / name) for name in ("01-sakila-schema.sql", "02-sakila-data.sql.zst"))
    url = maria.load("sakila", *scripts)
    world = new_world(url)
    catalog = catalogs.of_mysql(url, "sakila")
    world.draft(catalog, WISHES)
    assert {
        name: found.verdict(comparing.of_mysql(url, "sakila", name, world.target, ("public", name)))
        for name, found in world.move().items()
    } == results.SAKILA.tables
    assert data.rows_of(folder / "expected.json") == results.SAKILA.tables
    assert set(catalogs.of_postgres(world.target).keys) == set(catalog.keys)
