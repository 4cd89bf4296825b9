"""Limits that all runs share: kept to, changed while they run, and freed by whoever is killed."""

import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from migration_assets.contracts.limits import Limits
from migration_assets.contracts.model import ByKey, Server
from migration_assets.control.limits import change, standing
from migration_assets.errors import Passing
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import moved
from migration_assets.stores import trying
from migration_assets.tables import load, throttle, throttle_flow
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.sources import sqlite
from migration_assets_tests import mariadb
from migration_assets_tests.tables.shop import LEGACY, ORDERS, Shop, ask

FORKED = multiprocessing.get_context("fork")
COPYING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'"


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """6,000 orders in two partitions, whose table is there."""
    many(shop, 6000)
    contract = shop.contract(ORDERS, partitioning=ByKey("ordno", 3000), references=())
    plan_partitions(contract, shop.environment)
    shop.migration("orders").extract("0001", "before")
    return shop


def many(shop: Shop, rows: int, note: str = "'n'") -> None:
    shop.ask_old(
        "TRUNCATE ordhdr",
        f"INSERT INTO ordhdr SELECT i, 1 + i % 100, {note} FROM generate_series(1, {rows}) i",
        "ANALYZE ordhdr",
    )


def limited(shop: Shop, **limits: int) -> None:
    change(shop.contracts.values(), shop.environment, "legacy", Limits(**limits))


def side_by_side(works: list[Callable[[], Any]]) -> float:
    """Seconds from the first beginning to the last end, each in a process of its own."""
    times: Any = FORKED.Queue()
    ready: Any = FORKED.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        ready.wait()
        started = time.monotonic()
        work()
        times.put((started, time.monotonic()))

    processes = [FORKED.Process(target=run, args=(work,)) for work in works]
    for process in processes:
        process.start()
    found = [times.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return max(ended for _, ended in found) - min(started for started, _ in found)


def extracting(shop: Shop, partition: str) -> Callable[[], Any]:
    return lambda: shop.migration("orders").extract(partition, f"run-{partition}")


@contextmanager
def beside(work: Callable[[], Any]) -> Generator[threading.Thread]:
    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join()


@contextmanager
def sleeping(url: str, seconds: float, number: int) -> Generator[None]:
    """Statements of others that run on the server."""
    connections = [psycopg2.connect(url, application_name="the shop") for _ in range(number)]
    threads = [
        threading.Thread(target=lambda c=c: c.cursor().execute("SELECT pg_sleep(%s)", [seconds]))
        for c in connections
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    yield
    for thread, connection in zip(threads, connections, strict=True):
        thread.join()
        connection.close()


@pytest.mark.parametrize("limits", [{"rows_per_second": 3000}, {"bytes_per_second": 33_000}])
def test_two_processes_share_the_rate_of_a_source(orders: Shop, limits: dict[str, int]) -> None:
    both = [extracting(orders, "0001"), extracting(orders, "0002")]
    freely = side_by_side(both)
    limited(orders, **limits)

    seconds = side_by_side(both)

    size = sum(len(f"{n}\t{c}\tn\n") for n, c in orders.ask_old("SELECT ordno, custno FROM ordhdr"))
    wanted = 6000 / 3000 if "rows_per_second" in limits else size / 33_000
    assert wanted * 0.85 < seconds < wanted * 1.15 + freely


def test_the_target_is_held_to_its_rate_and_the_rows_are_the_same(orders: Shop) -> None:
    slow = Limits(rows_per_second=2000, batch_rows=100)
    change(orders.contracts.values(), orders.environment, "cloud", slow)

    reports = orders.run("orders", "0001")

    assert reports[-1].seconds > 1.3
    assert reports[-1].facts["throttled_seconds"] > 1  # type: ignore[operator]
    assert orders.ask_new("SELECT count(*), sum(id) FROM shop.orders") == [(3000, 3000 * 3001 // 2)]


def test_a_change_takes_effect_in_a_run_that_runs(orders: Shop) -> None:
    limited(orders, rows_per_second=100)
    started = time.monotonic()
    with beside(extracting(orders, "0001")):
        time.sleep(0.5)
        limited(orders, rows_per_second=0)
    assert time.monotonic() - started < 10  # and not 30


def test_a_limit_takes_effect_in_a_run_that_runs(orders: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REFRESH", 0.2)
    many(orders, 6000, "repeat('x', 5000)")
    limited(orders, bytes_per_second=20_000_000)
    reports: list[Any] = []
    with beside(lambda: reports.append(extracting(orders, "0001")())):
        time.sleep(0.3)
        limited(orders, bytes_per_second=8_000_000)
    assert reports[0].seconds > 1.1  # and not 0.75


def test_no_more_connections_at_once_than_there_may_be(orders: Shop) -> None:
    limited(orders, connections=1, rows_per_second=6000)
    most = [0]
    ended = threading.Event()
    opened = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'migration-assets%'"
    )

    def look() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], orders.ask_old(opened)[0][0])

    with beside(look):
        side_by_side([extracting(orders, "0001"), extracting(orders, "0002"), extracting(orders, "0001")])
        ended.set()
    assert most == [1]


def test_the_slot_of_who_is_killed_is_free_at_once_and_who_has_it_is_named(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(orders, connections=1, rows_per_second=100)
    process = FORKED.Process(target=extracting(orders, "0002"))
    process.start()
    while not standing(orders.contracts.values(), orders.environment, "legacy")[0].connections_in_use:
        time.sleep(0.05)
    monkeypatch.setattr(throttle, "SLOT_PATIENCE", 0.3)

    with pytest.raises(Passing, match=r"migration-assets run run-0002 orders \(process \d+\)") as raised:
        extracting(orders, "0001")()
    assert raised.value.cause == "slots"

    limited(orders, rows_per_second=0)
    os.kill(process.pid or 0, signal.SIGKILL)
    started = time.monotonic()
    assert extracting(orders, "0001")().rows == 3000
    assert time.monotonic() - started < 5
    process.join()


def test_a_busy_source_is_waited_for(orders: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle_flow, "NAP", 0.4)
    limited(orders, busy_above=1)
    with sleeping(orders.old, 1.2, number=2):
        report = extracting(orders, "0001")()
    assert report.facts["backed_off_seconds"] > 0.5
    assert report.rows == 3000


def test_a_source_that_stays_busy_is_left_alone(orders: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle_flow, "BUSY_PATIENCE", 0.1)
    monkeypatch.setattr(throttle_flow, "NAP", 0.2)
    limited(orders, busy_above=1)
    with sleeping(orders.old, 1, number=2), pytest.raises(Passing, match="legacy was too busy: 2") as raised:
        extracting(orders, "0001")()
    assert raised.value.cause == "busy"


def test_the_limits_of_a_contract_hold_until_others_are_said(orders: Shop) -> None:
    contract = orders.contracts["orders"]
    orders.contract(contract, source=replace(LEGACY, limits=Limits(rows_per_second=6000, batch_rows=50)))

    assert extracting(orders, "0001")().facts["throttled_seconds"] > 0.3
    limited(orders, rows_per_second=0)
    assert "throttled_seconds" not in extracting(orders, "0001")().facts


def test_a_source_that_is_cut_off_is_read_again_from_the_beginning(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "FIRST_WAIT", 0.1)
    many(orders, 3000, "repeat('x', 3000)")
    limited(orders, rows_per_second=3000)
    results: list[Any] = []
    with beside(lambda: results.extend(moved(orders.migration("orders"), ["0001"], STAGES, "run-1"))):
        while not (found := orders.ask_old(COPYING + " AND pid <> pg_backend_pid()")):
            time.sleep(0.05)
        time.sleep(0.3)
        ask(orders.old, [f"SELECT pg_terminate_backend({found[0][0]})"])
    assert [result.failure for result in results] == [""] * 3
    # what the server said last may be lost with the connection
    assert results[0].tried_after in (("restart",), ("connection",))
    assert orders.ask_new("SELECT count(*), count(DISTINCT id) FROM shop.orders") == [(3000, 3000)]


def test_rows_that_others_hold_are_waited_for_and_then_left_as_they_were(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "PATIENCE", 200)
    orders.run("orders", "0001")
    holder = psycopg2.connect(orders.new)
    holder.cursor().execute("SELECT FROM shop.orders WHERE id = 1 FOR UPDATE")

    with pytest.raises(Passing) as raised:
        orders.run("orders", "0001", "run-2")
    assert raised.value.cause == "lock"
    holder.close()
    assert orders.run("orders", "0001", "run-3")[-1].rows == 3000


def test_a_permanent_fault_is_met_once(orders: Shop) -> None:
    orders.ask_old("ALTER TABLE ordhdr RENAME TO gone")

    (result,) = moved(orders.migration("orders"), ["0001"], STAGES, "run-1")

    assert "no table" in result.failure
    assert "tried again" not in result.failure


def test_a_mysql_source_that_is_cut_off_is_read_again(
    shop: Shop, new_mysql_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "FIRST_WAIT", 0.1)
    url = new_mysql_database("cut")
    rows = "SELECT seq, seq % 100, REPEAT('x', 10000) FROM seq_1_to_2000"
    mariadb.run(
        url, "CREATE TABLE ordhdr (ordno bigint, custno int, note text)", f"INSERT INTO ordhdr {rows}"
    )
    shop.contract(ORDERS, source=Server("legacy", "mysql"), references=())
    limited(shop, bytes_per_second=15_000_000)
    migration = TableMigration(shop.contracts["orders"], {}, shop.environment | {"LEGACY_URL": url})
    ids = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%ordhdr%' AND ID <> CONNECTION_ID()"
    results: list[Any] = []
    with beside(lambda: results.extend(moved(migration, ["all"], STAGES, "run-1"))):
        connection = mariadb.connected(url)
        cursor: Any = connection.cursor()
        while not cursor.execute(ids):
            time.sleep(0.02)
        time.sleep(0.3)
        cursor.execute(f"KILL {cursor.fetchall()[0][0]}")
        connection.close()
    assert [(result.failure, result.tried_after) for result in results] == [
        ("", ("connection",)),
        ("", ()),
        ("", ()),
    ]
    assert shop.ask_new("SELECT count(*), count(DISTINCT id) FROM shop.orders") == [(2000, 2000)]


def test_a_file_that_another_program_writes_is_waited_for(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "FIRST_WAIT", 0.5)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    file = tmp_path / "old.db"
    writer = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    writer.execute("CREATE TABLE ordhdr (ordno integer, custno integer, note text)")
    writer.execute("INSERT INTO ordhdr VALUES (1, 1, 'a')")
    writer.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.3, lambda: writer.execute("COMMIT")).start()
    shop.contract(ORDERS, source=Server("legacy", "sqlite"), references=())
    environment = shop.environment | {"LEGACY_URL": f"sqlite:///{file}"}

    results = list(moved(TableMigration(shop.contracts["orders"], {}, environment), ["all"], STAGES, "r"))

    assert [result.failure for result in results] == [""] * 3
    assert set(results[0].tried_after) == {"lock"}
    writer.close()
