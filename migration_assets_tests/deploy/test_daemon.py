"""A contract's schedule under a real `dagster-daemon`, from the first tick to a row that came late; and how
urgent its runs are in Dagster's queue."""

import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from migration_assets_tests.cli.test_journey import CONTRACT, Desk
from migration_assets_tests.deploy.processes import daemon

TODAY = datetime.now(UTC).date()
FIRST, SECOND = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
PARTITIONS = f"{{by: day, column: taken_at, start: {FIRST}}}, priority: 7, schedule: {{cron: '* * * * *', lookback: 2}}"
READINGS = (
    CONTRACT.replace("NAME", "readings").replace("PARTITIONS", PARTITIONS)
    + """\
      - {name: taken_at, physicalType: timestamp, logicalType: timestamp}
"""
)
#: Dagster's own defaults, and the queue of the instances that are shipped
INSTANCE = """
telemetry: {enabled: false}
run_coordinator: {module: migration_assets.control.run_queue, class: RunQueue}
"""
LEDGER = "SELECT partition, generation FROM migration.load WHERE contract = 'readings' ORDER BY 1, 2"


@pytest.fixture
def desk(tmp_path: Path, new_database: Callable[[str], str]) -> Desk:
    made = Desk(tmp_path, new_database("daemon"))
    (tmp_path / "home" / "dagster.yaml").write_text(INSTANCE)
    contracts = tmp_path / "contracts"
    for file in contracts.iterdir():
        file.unlink()
    (contracts / "readings.odcs.yaml").write_text(READINGS)
    made.old("CREATE TABLE readings (id integer PRIMARY KEY, taken_at text)")
    with sqlite3.connect(made.source) as connection:
        for number, day in enumerate((FIRST, FIRST, SECOND, TODAY), 1):
            connection.execute("INSERT INTO readings VALUES (?, ?)", (number, f"{day} 10:00:00"))
    return made


def until(found: Callable[[], Any], wanted: Any, process: "subprocess.Popen[bytes]", log: Path) -> float:
    """Seconds until it is so."""
    began = time.monotonic()
    while (seen := found()) != wanted:
        assert process.poll() is None, log.read_text()[-5000:]
        assert time.monotonic() - began < 300, f"{seen}\n{log.read_text()[-5000:]}"
        time.sleep(1)
    return time.monotonic() - began


@pytest.mark.slow
def test_a_schedule_ticks_under_a_daemon_and_takes_up_a_row_that_came_late(desk: Desk) -> None:
    home = Path(desk.environment["DAGSTER_HOME"])

    def ledger() -> list[tuple[Any, ...]]:
        (there,) = desk.new("SELECT to_regclass('migration.load') IS NOT NULL")
        return desk.new(LEDGER) if there[0] else []

    with daemon(home, desk.environment) as process:
        days = [(str(FIRST), 1), (str(SECOND), 1), ("rest", 1)]
        print(f"first tick: {until(ledger, days, process, home / 'daemon.log'):.0f} s")
        assert desk.migrate("status", "--stale")[0] == 0

        desk.old("INSERT INTO readings VALUES (?, ?)", 9, f"{FIRST} 23:00:00")  # type: ignore[arg-type]
        code, said = desk.migrate("status", "--stale")
        if code:  # the tick may have been quicker
            (stale,) = said["contracts"][0]["stale"]
            assert (stale["partition"], stale["reason"]) == (
                str(FIRST),
                "Its source has 3 rows now; 2 were read.",
            )
            print(f"migrate status --stale: {stale['partition']}: {stale['reason']}")
        days.insert(1, (str(FIRST), 2))
        print(f"the row that came late: {until(ledger, days, process, home / 'daemon.log'):.0f} s")
        assert desk.new("SELECT id FROM shop.readings ORDER BY id") == [(1,), (2,), (3,), (9,)]
        assert desk.migrate("status", "--stale")[0] == 0

    with dg.DagsterInstance.from_config(str(home)) as instance:
        asked = [run for run in instance.get_runs() if "dagster/schedule_name" in run.tags]
        moved = [run for run in instance.get_runs() if "dagster/backfill" in run.tags]
        print(f"{len(asked)} ticks, {len(moved)} runs of {len(instance.get_backfills())} backfills")
        assert len(asked) >= 2
        assert len(instance.get_backfills()) == 2
        assert {run.tags["dagster/priority"] for run in moved} == {"7"}
        assert all(
            "migration.target/cloud" in run.tags or "migration.source/legacy" in run.tags for run in moved
        )
