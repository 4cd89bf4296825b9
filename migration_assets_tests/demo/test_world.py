from collections.abc import Iterator
from pathlib import Path

import pytest

from migration_assets.demo import world
from migration_assets.demo.server import LocalServer, connected, running
from migration_assets.errors import MigrationError

SCALE = 0.001


@pytest.fixture(scope="module")
def server(lasting_folder: Path) -> Iterator[LocalServer]:
    with running(lasting_folder / "postgres") as started:
        yield started


@pytest.fixture(scope="module")
def shop(server: LocalServer, lasting_folder: Path) -> str:
    """URL of the old database of a small shop."""
    world.make(server, SCALE, lasting_folder / "tpch")
    return server.url(world.LEGACY)


def answer(url: str, query: str) -> object:
    with connected(url) as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def test_a_world_is_there_once_it_is_whole(shop: str, server: LocalServer, folder: Path) -> None:
    assert world.is_there(server, SCALE)
    assert not world.is_there(server, 0.002)

    with running(folder / "postgres") as other:
        assert not world.is_there(other, SCALE)
        other.create(world.LEGACY)
        other.create(world.CLOUD)
        assert not world.is_there(other, SCALE)


def test_another_scale_is_another_world(folder: Path) -> None:
    files = folder / "tpch"
    orders = 'SELECT count(*) FROM "SHOPLIB"."ORDHDR"'
    with running(folder / "postgres") as other:
        world.make(other, 0.001, files)
        small = answer(other.url(world.LEGACY), orders)
        with connected(other.url(world.CLOUD)) as cursor:
            cursor.execute("CREATE TABLE migrated AS SELECT 1")

        world.make(other, 0.002, files)

        assert answer(other.url(world.LEGACY), orders) > small  # type: ignore[operator]
        assert answer(other.url(world.CLOUD), "SELECT to_regclass('migrated') IS NULL") is True
        assert world.is_there(other, 0.002)
        assert not world.is_there(other, 0.001)
    assert not files.exists(), "generated files do not stay behind"


def test_a_scale_that_the_generator_refuses_is_named(folder: Path) -> None:
    with running(folder / "postgres") as other, pytest.raises(MigrationError, match="of scale -1"):
        world.make(other, -1, folder / "tpch")


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("dates are text", 'SELECT bool_and("ORDDAT" ~ \'^[0-9]{8}$\') FROM "SHOPLIB"."ORDHDR"'),
        ("amounts are cents", 'SELECT "RETPRC" = 90100 FROM "SHOPLIB"."PARTMAST" WHERE "PARTNO" = 1'),
        ("names are padded", 'SELECT bool_and(octet_length("CUSTNM") = 25) FROM "SHOPLIB"."CUSTMAST"'),
        ("flags are letters", 'SELECT bool_and("DISCFL" IN (\'Y\', \'N\')) FROM "SHOPLIB"."PARTMAST"'),
        (
            "some dates are zero",
            'SELECT count(*) > 0 FROM "SHOPLIB"."CUSTMAST" WHERE "CSINCE" = \'00000000\'',
        ),
        ("nothing enforces references", "SELECT count(*) = 0 FROM pg_constraint WHERE contype = 'f'"),
    ],
)
def test_the_old_database_looks_old(shop: str, what: str, query: str) -> None:
    assert answer(shop, query) is True, what


def test_no_customer_with_orders_is_marked_as_deleted(shop: str) -> None:
    orphans = """
        SELECT count(*) FROM "SHOPLIB"."ORDHDR" JOIN "SHOPLIB"."CUSTMAST" USING ("CUSTNO")
        WHERE "DELFLG" = 'Y'
    """
    assert answer(shop, orphans) == 0
