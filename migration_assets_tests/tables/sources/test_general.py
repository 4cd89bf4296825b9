"""What is particular to the general path: values as Python drivers give them."""

import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import ConnectionRefused, UnknownSource
from migration_assets.tables.sources import SOURCES, general, source_of
from migration_assets.tables.sources.general_values import SPELLINGS_OF_DRIVERS
from migration_assets.tables.sources.rowwise import lines


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (True, "t"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("-0.10"), "-0.10"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (date(33, 1, 2), "0033-01-02"),
        (datetime(2019, 1, 2, 3, 4, 5), "2019-01-02 03:04:05"),
        (datetime(2019, 1, 2, 3, 4, 5, 120_000), "2019-01-02 03:04:05.12"),
        (datetime(2019, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))), "2019-01-02 01:04:00+00"),
        (time(1, 2, 3, 500_000), "01:02:03.5"),
        (time(10, 0, 0, tzinfo=UTC), "10:00:00+00:00"),
        (timedelta(hours=-26), "-1 days -02:00:00"),
        (timedelta(seconds=1.5), "00:00:01.5"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (memoryview(b"\x00\xff"), "\\\\x00ff"),
        ({"a": ["é", None]}, '{"a": ["é", null]}'),
        (1e15, "1e+15"),
        (complex(1, 2), "\\!value of Python type complex"),
    ],
)
def test_a_drivers_value_becomes_a_field(value: object, field: str) -> None:
    assert lines([(value,)], SPELLINGS_OF_DRIVERS).decode() == field + "\n"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://localhost/x", "postgres"),
        ("postgres://localhost/x", "postgres"),
        ("postgresql+psycopg2://localhost/x", "postgres"),
        ("mysql://localhost/x", "mysql"),
        ("mariadb+pymysql://localhost/x", "mysql"),
        ("sqlite:////x.db", "sqlite"),
        ("mssql+pyodbc://localhost/x", "sqlalchemy"),
        ("oracle+oracledb://localhost/x", "sqlalchemy"),
    ],
)
def test_the_urls_scheme_finds_the_source(url: str, kind: str) -> None:
    assert source_of(url) == (kind, SOURCES[kind])


@pytest.mark.parametrize("url", ["dbase://anna:Canary@host/x", "anna:Canary@host", ""])
def test_an_unknown_scheme_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UnknownSource) as told:
        source_of(url)
    assert "Canary" not in str(told.value)


def test_a_server_elsewhere_without_a_known_tls_is_refused() -> None:
    url = "mssql+pyodbc://anna:Canary@db.example.org/x"
    with pytest.raises(ConnectionRefused) as told, general.snapshot(Server("legacy", "mssql"), url):
        pass
    assert "Canary" not in str(told.value)


def test_a_driver_that_is_not_there_is_told() -> None:
    server = Server("legacy", "oracle", tls="disable")
    opened = general.snapshot(server, "oracle+oracledb://anna:Canary@localhost/x")
    with pytest.raises(ConnectionRefused, match="not installed") as told, opened:
        pass
    assert "Canary" not in str(told.value)


def test_dates_that_are_none_leave_as_they_are(tmp_path: object) -> None:
    file = f"{tmp_path}/x.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (made DATE, amount NUMERIC(10, 2))")
        connection.execute("INSERT INTO t VALUES ('not a date', 'no number'), ('2019-01-01', 1.10)")
    connection.close()
    with general.snapshot(Server("legacy", "sqlite"), f"sqlite:///{file}") as snapshot:
        table = general.describe(snapshot, TableName(None, "t"))
        assert [column.declared for column in table.columns] == ["DATE", "NUMERIC(10, 2)"]
        read = b"".join(general.read(snapshot, general.Reading(table, table.columns)))
    assert read == b"not a date\tno number\n2019-01-01\t1.1\n"
