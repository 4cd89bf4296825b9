"""Killed in the middle: the target is the old one, and the same work once more completes it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest

from migration_assets.contracts.model import TableName
from migration_assets.errors import Fenced
from migration_assets.tables import engine
from migration_assets.tables.sources import postgres
from migration_assets.tables.sources.base import SourceTable
from migration_assets_tests.tables.shop import Shop

MOVER = """
import json, sys
from pathlib import Path
from migration_assets_tests.tables.shop import CUSTOMERS, Shop
said = json.loads(sys.argv[1])
shop = Shop(said["old"], said["new"], Path(said["folder"]))
shop.contract(CUSTOMERS)
shop.run("customers", run_id=said["run"])
"""

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migration-assets' "
    "AND datname = current_database() AND wait_event_type = 'Lock'"
)


def mover(shop: Shop, run: str) -> "subprocess.Popen[bytes]":
    said = json.dumps({"old": shop.old, "new": shop.new, "folder": str(shop.folder), "run": run})
    return subprocess.Popen([sys.executable, "-c", MOVER, said], start_new_session=True)


def until_it_waits(shop: Shop) -> None:
    deadline = time.monotonic() + 60
    while shop.ask_new(WAITING) == [(0,)]:
        assert time.monotonic() < deadline, "the load never came to the lock"
        time.sleep(0.1)


@pytest.mark.parametrize("lock", ["SHARE", "ACCESS EXCLUSIVE"])
def test_a_load_that_is_killed_leaves_the_old_rows_and_the_next_one_completes(shop: Shop, lock: str) -> None:
    shop.run("customers", run_id="run-1")
    rows = "SELECT id, region FROM shop.customers ORDER BY id"
    before = shop.ask_new(rows)
    shop.ask_old("UPDATE custmast SET region = 'moved'")
    holder = psycopg2.connect(shop.new)
    holder.cursor().execute(f"LOCK TABLE shop.customers IN {lock} MODE")
    process = mover(shop, "run-2")
    try:
        if lock == "SHARE":
            until_it_waits(shop)
            # a reader sees the old rows while the load waits in the middle of its transaction
            assert shop.ask_new(rows) == before
        else:
            until_it_waits(shop)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        holder.rollback()
        holder.close()
    assert shop.ask_new(rows) == before
    assert shop.ask_new("SELECT max(generation) FROM migration.load") == [(1,)]
    shop.run("customers", run_id="run-3")
    assert shop.ask_new("SELECT count(*), count(*) FILTER (WHERE region = 'moved') FROM shop.customers") == [
        (100, 100)
    ]
    assert shop.ask_new("SELECT count(*), max(generation) FROM migration.load") == [(2, 2)]
    kept = sorted(path.name for path in (shop.folder / "staging" / "customers" / "all").iterdir())
    assert "00000002-run-3" in kept


def test_a_writer_that_slept_through_a_newer_load_is_refused(shop: Shop) -> None:
    shop.run("customers", run_id="run-1")
    holder = psycopg2.connect(shop.new)
    holder.cursor().execute("LOCK TABLE shop.customers IN SHARE MODE")
    sleeper = mover(shop, "sleeper")
    try:
        until_it_waits(shop)
        os.killpg(sleeper.pid, signal.SIGSTOP)
        # it sleeps with the partition's lock in its hands: only the server can take that away
        shop.ask_new(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migration-assets' "
            "AND datname = current_database()"
        )
        holder.rollback()
        shop.ask_old("UPDATE custmast SET region = 'newer'")
        shop.run("customers", run_id="newer")
        os.killpg(sleeper.pid, signal.SIGCONT)
        assert sleeper.wait(60) != 0
    finally:
        holder.close()
        if sleeper.poll() is None:
            os.killpg(sleeper.pid, signal.SIGKILL)
            sleeper.wait()
    assert shop.ask_new("SELECT DISTINCT region FROM shop.customers") == [("newer",)]
    assert shop.ask_new("SELECT count(*), max(generation) FROM migration.load") == [(2, 2)]


class Interrupted:
    """The PostgreSQL source; what is given happens once, after a snapshot and before its rows are read."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(postgres, name)

    def describe(self, snapshot: Any, table: TableName) -> SourceTable:
        while self._meanwhile:
            self._meanwhile.pop()()
        return postgres.describe(snapshot, table)


def test_rows_of_an_older_snapshot_do_not_replace_the_newer_ones_that_another_run_has_loaded(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run("customers", run_id="run-1")

    def newer() -> None:
        shop.ask_old("UPDATE custmast SET region = 'newer'")
        shop.run("customers", run_id="newer")

    source = Interrupted(newer)
    monkeypatch.setattr(engine, "source_of", lambda _: ("postgres", source))
    with pytest.raises(Fenced):
        shop.run("customers", run_id="sleeper")
    assert shop.ask_new("SELECT DISTINCT region FROM shop.customers") == [("newer",)]
    assert shop.ask_new("SELECT run_id FROM migration.load ORDER BY generation") == [("run-1",), ("newer",)]
