"""PostgreSQL's own sample databases: the published hash of each table is the target's."""

from collections.abc import Callable, Mapping

import pytest

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import NewWorld
from migration_assets_tests.real.draft import Wish, contract_name
from migration_assets_tests.real.results import Result

NORTHWIND = {
    "customers": Wish({"partitions": {"by": "key", "rows": 30}}),
    "orders": Wish({"partitions": {"by": "year", "column": "order_date", "start": "1997-01-01"}}),
    "suppliers": Wish({"partitions": {"by": "value", "column": "region"}}),
    "products": Wish({"load": {"mode": "upsert"}}),
    "employee_territories": Wish({"load": {"mode": "upsert"}}),
}
PAGILA = {
    "store": Wish(deferred=frozenset({"manager_staff_id"})),
    "payment": Wish(
        {"partitions": {"by": "month", "column": "payment_date", "start": "2022-01-01", "end": "2022-07-01"}}
    ),
    "film": Wish({"partitions": {"by": "value", "column": "rating"}}),
    "rental": Wish(
        {"partitions": {"by": "month", "column": "return_date", "start": "2022-06-01", "end": "2022-08-01"}}
    ),
}
HAPPINESS = {"2019": Wish({"partitions": {"by": "key", "column": "score", "rows": 50}})}


@pytest.mark.parametrize(
    ("result", "script", "wishes"),
    [
        (results.NORTHWIND, "northwind.sql", NORTHWIND),
        (results.PAGILA, "pagila.sql.zst", PAGILA),
        (results.HAPPINESS, "happiness_index.sql", HAPPINESS),
    ],
    ids=["northwind", "pagila", "happiness"],
)
def test_every_table_is_moved_exactly(
    new_database: Callable[[str], str],
    new_world: NewWorld,
    result: Result,
    script: str,
    wishes: Mapping[str, Wish],
) -> None:
    folder = data.folder(result.data)
    url = new_database("source")
    data.into_postgres(url, data.text(folder / script))
    catalog = catalogs.of_postgres(url)
    world = new_world(url)
    world.draft(catalog, wishes)
    moved = world.move()
    assert {
        name: moved[contract_name(name)].verdict(comparing.of_postgres(url, name, world.target, name))
        for name in catalog.tables
    } == result.tables
    published = data.hashes_of(folder / "expected.json")
    assert {name: comparing.table_md5(world.target, name) for name in published} == published
    assert set(catalogs.of_postgres(world.target).keys) == set(catalog.keys)
    # foreign keys stand now, and rows that are referred to are exchanged under them
    again = world.move("run-2")
    assert {name: (found.green, found.rows) for name, found in again.items()} == {
        name: (True, found.rows) for name, found in moved.items()
    }
    assert {name: comparing.table_md5(world.target, name) for name in published} == published
