"""How busy a server is, where its role may see it."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.tables.throttle_busy import busy_with
from migration_assets_tests import mariadb
from migration_assets_tests.tables.shop import ask


@contextmanager
def running(statement: Callable[[], object]) -> Generator[None]:
    thread = threading.Thread(target=statement)
    thread.start()
    time.sleep(0.2)
    yield
    thread.join()


def test_statements_of_others_count_and_our_own_do_not(new_database: Callable[[str], str]) -> None:
    url = new_database("busy")
    own = psycopg2.connect(url, application_name="migration-assets")
    others = psycopg2.connect(url)
    with running(lambda: own.cursor().execute("SELECT pg_sleep(0.5)")):
        assert busy_with(Server("old", "postgres"), url) == 0
    with running(lambda: others.cursor().execute("SELECT pg_sleep(0.5)")):
        assert busy_with(Server("old", "postgres"), url) == 1


def test_a_role_that_does_not_see_others_is_told_what_to_grant(new_database: Callable[[str], str]) -> None:
    url = new_database("busy")
    ask(url, ["DROP ROLE IF EXISTS blind", "CREATE ROLE blind LOGIN PASSWORD 'b'"])
    other = psycopg2.connect(url)
    blind = make_url(url).set(username="blind", password="b").render_as_string(hide_password=False)

    with pytest.raises(ConnectionRefused, match="pg_read_all_stats"):
        busy_with(Server("old", "postgres"), blind)
    other.close()


def test_threads_of_other_accounts_count_in_mysql(
    mysql_server: str, new_mysql_database: Callable[[str], str]
) -> None:
    url = new_mysql_database("busy")
    mariadb.run(mysql_server, "CREATE OR REPLACE USER 'noise'@'%' IDENTIFIED BY 'n'")
    noise = url.replace(url.partition("://")[2].partition("@")[0], "noise:n", 1)
    with running(lambda: mariadb.run(url, "SELECT SLEEP(0.5)")):
        assert busy_with(Server("old", "mysql"), url) == 0
    mariadb.run(mysql_server, "GRANT USAGE ON *.* TO 'noise'@'%'")
    with running(lambda: mariadb.run(noise.rpartition("/")[0], "SELECT SLEEP(0.5)")):
        assert busy_with(Server("old", "mysql"), url) == 1


def test_a_file_cannot_be_busy(tmp_path: Path) -> None:
    with pytest.raises(ConnectionRefused, match="old is a file"):
        busy_with(Server("old", "sqlite"), f"sqlite:///{tmp_path / 'old.db'}")
