from collections.abc import Iterator
from pathlib import Path

import pytest

from migration_assets.demo import world
from migration_assets.demo.server import LocalServer, cursor, running
from migration_assets.errors import MigrationError

SCALE = 0.001


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    with running(tmp_path_factory.mktemp("demo") / "postgres") as started:
        yield started


@pytest.fixture(scope="module")
def shop(server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of the old database of a small shop."""
    return world.ensure(server, SCALE, tmp_path_factory.mktemp("files") / "tpch").legacy_url


def answer(url: str, query: str) -> object:
    with cursor(url) as session:
        session.execute(query)
        row = session.fetchone()
        assert row is not None
        return row[0]


def test_the_same_world_is_made_once(server: LocalServer, shop: str, tmp_path: Path) -> None:
    with cursor(server.url(world.CLOUD)) as session:
        session.execute("CREATE TABLE IF NOT EXISTS migrated AS SELECT 1")

    again = world.ensure(server, SCALE, tmp_path / "tpch")

    assert not again.new
    assert again.legacy_url == shop
    assert answer(again.cloud_url, "SELECT count(*) FROM migrated") == 1
    assert not (tmp_path / "tpch").exists()


def test_another_scale_is_another_world(tmp_path: Path) -> None:
    with running(tmp_path / "postgres") as other:
        first = world.ensure(other, 0.001, tmp_path / "tpch")
        small = answer(first.legacy_url, 'SELECT count(*) FROM "SHOPLIB"."ORDHDR"')
        with cursor(first.cloud_url) as session:
            session.execute("CREATE TABLE migrated AS SELECT 1")

        second = world.ensure(other, 0.002, tmp_path / "tpch")

        assert second.new
        assert answer(second.legacy_url, 'SELECT count(*) FROM "SHOPLIB"."ORDHDR"') > small  # type: ignore[operator]
        assert answer(second.cloud_url, "SELECT to_regclass('migrated') IS NULL") is True


def test_generated_files_do_not_stay_behind(server: LocalServer, tmp_path: Path) -> None:
    with running(tmp_path / "postgres") as other:
        world.ensure(other, SCALE, tmp_path / "tpch")

    assert not (tmp_path / "tpch").exists()


def test_a_scale_that_the_generator_refuses_is_named(server: LocalServer, tmp_path: Path) -> None:
    with running(tmp_path / "postgres") as other, pytest.raises(MigrationError, match="of scale -1"):
        world.ensure(other, -1, tmp_path / "tpch")


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
