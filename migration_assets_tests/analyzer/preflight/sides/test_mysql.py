"""MariaDB as a source of a pre-flight: with SELECT alone, and with too much."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pymysql
import pytest

from migration_assets.analyzer.preflight.check import Asked, Preflight, preflight
from migration_assets.analyzer.preflight.sides.mysql import writing
from migration_assets.contracts.model import Column, Contract, Server, TableName
from migration_assets.staging.folder import Folder
from migration_assets.staging.partition import Staging
from migration_assets_tests import mariadb

USER, PASSWORD = f"only_reads_{os.getpid()}", "its-secret"


@pytest.fixture
def legacy(new_mysql_database: Callable[[str], str]) -> str:
    url = new_mysql_database("preflight")
    mariadb.run(
        url,
        "CREATE TABLE orders (id int PRIMARY KEY, note varchar(50), at timestamp NULL)",
        "INSERT INTO orders SELECT seq, CONCAT('note ', seq), '2024-05-01 10:00:00' FROM seq_1_to_500",
    )
    return url


@pytest.fixture
def reader(legacy: str) -> Iterator[str]:
    """The URL of a user with SELECT on the one table."""
    mariadb.run(
        legacy,
        f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON orders TO '{USER}'@'%'",
    )
    parts = urlsplit(legacy)
    yield legacy.replace(parts.netloc, f"{USER}:{PASSWORD}@{parts.hostname}:{parts.port}")
    mariadb.run(legacy, f"DROP USER '{USER}'@'%'")


CONTRACT = Contract(
    "orders",
    "1.0.0",
    "0" * 64,
    "orders.odcs.yaml",
    Server("legacy", "mysql"),
    Server("cloud", "postgres"),
    TableName(None, "orders"),
    TableName("public", "orders"),
    (
        Column("id", "integer", sources=("id",), required=True),
        Column("note", "text", sources=("note",)),
        Column("at", "timestamp with time zone", sources=("at",)),
    ),
    primary_key=("id",),
)


def looked(legacy: str, cloud: str, folder: Path, *contracts: Contract) -> Preflight:
    every = {each.name: each for each in contracts or (CONTRACT,)}
    environment = {"LEGACY_URL": legacy, "CLOUD_URL": cloud}
    return preflight(Asked(tuple(every.values()), every, environment, Staging(Folder(folder)), 3))


def states(found: Preflight) -> dict[str, str]:
    return {each.name: each.state for each in found.findings if each.side == "source"}


def test_a_user_with_select_alone_is_enough_and_cannot_write(
    reader: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    found = looked(reader, new_database("cloud"), tmp_path)

    assert not found.stops
    assert states(found) | {"bandwidth": "unknown"} == {
        "reachable": "ok",
        "version": "ok",
        "right SELECT": "ok",
        "read-only role": "ok",
        "connections": "ok",
        "encoding": "ok",
        "time zone": "ok",
        "long transactions": "unknown",
        "bandwidth": "unknown",
    }
    assert found.estimates is not None
    assert found.estimates.rows == 500
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        mariadb.run(reader, "DELETE FROM orders")


def test_a_user_that_may_do_all_is_a_warning_and_sees_long_transactions(
    legacy: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    found = looked(legacy, new_database("cloud"), tmp_path)

    assert not found.stops
    assert states(found)["read-only role"] == "warning"
    assert states(found)["long transactions"] == "ok"


def test_a_table_without_the_right_stops_and_the_statement_that_is_named_helps(
    legacy: str, reader: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    mariadb.run(legacy, "CREATE TABLE other LIKE orders")
    other = replace(CONTRACT, name="other", source_table=TableName(None, "other"))
    cloud = new_database("cloud")

    found = looked(reader, cloud, tmp_path, CONTRACT, other)

    assert found.stops
    (right,) = [each for each in found.findings if each.name == "right SELECT" and each.side == "source"]
    assert right.state == "failed"
    mariadb.run(legacy, right.advice)
    assert states(looked(reader, cloud, tmp_path, CONTRACT, other))["right SELECT"] == "ok"


def test_harmful_rights_are_told_from_harmless_ones() -> None:
    grants = [
        "GRANT USAGE ON *.* TO `a`@`%`",
        "GRANT SELECT, SHOW VIEW ON `shop`.* TO `a`@`%`",
        "GRANT SELECT (id), INSERT (id, note) ON `shop`.`orders` TO `a`@`%`",
        "GRANT ALL PRIVILEGES ON `old`.* TO `a`@`%`",
    ]

    assert list(writing(grants)) == ["shop.orders (INSERT)", "old.* (ALL PRIVILEGES)"]
