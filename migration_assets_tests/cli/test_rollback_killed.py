"""`migrate rollback` killed at any moment, alone or with all its processes: old or new, and it is completed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from migration_assets_tests.cli.test_journey import ROOT, Desk
from migration_assets_tests.cli.test_rollback import loaded

KILLS = 20
BOTH = (
    "SELECT (SELECT sum(hashtextextended(c::text, 0))::text FROM shop.customer AS c), "
    "(SELECT sum(hashtextextended(o::text, 0))::text FROM shop.orders AS o)"
)
MIGRATE = "from migration_assets.cli.main import main; main()"
OPEN = "SELECT count(*) FROM migration.restore WHERE recorded_at IS NULL"


class Poller(threading.Thread):
    """Looks at both tables in one statement, again and again."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._end = threading.Event()
        self.seen: Counter[tuple[object, ...]] = Counter()

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._end.wait(0.02):
                cursor.execute(BOTH)
                self.seen[cursor.fetchone() or ()] += 1
        connection.close()

    def stop(self) -> None:
        self._end.set()
        self.join()


def back(to: int) -> list[str]:
    """The command, as an operator gives it."""
    return [
        sys.executable,
        "-c",
        MIGRATE,
        "rollback",
        "customer",
        "orders",
        "--to",
        str(to),
        "--yes",
        "--json",
    ]


def completed(desk: Desk, to: int) -> None:
    """The same command, to its end; it may find that all is done and on record."""
    done = subprocess.run(back(to), cwd=ROOT, env=desk.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said.get("verified") or said["partitions"] == [], done.stdout


def killed(desk: Desk, to: int, after: float, *, group: bool) -> bool:
    """Whether the command had to be killed; it may have come to its end before."""
    process = subprocess.Popen(
        back(to),
        cwd=ROOT,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(after)
        return False
    except subprocess.TimeoutExpired:
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        return True


@pytest.mark.slow
def test_a_rollback_that_is_killed_twenty_times_shows_one_generation_or_the_other(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    desk = Desk(tmp_path, new_database("killed"))
    loaded(desk, "run-1")
    known = {1: desk.new(BOTH)[0]}
    desk.old("INSERT INTO customer VALUES (6)")
    desk.old("UPDATE orders SET customer_id = 6, amount = amount + 1 WHERE id % 2 = 0")
    loaded(desk, "run-2")
    known[2] = desk.new(BOTH)[0]
    poller = Poller(desk.target)
    poller.start()
    started, kills, trials = time.monotonic(), 0, 0
    completed(desk, 1)
    took = time.monotonic() - started
    while kills < KILLS and trials < 2 * KILLS:
        to, after, group = 2 - trials % 2, chance.uniform(0, took), chance.random() < 0.5
        trials += 1
        was = killed(desk, to, after, group=group)
        kills += was
        (there,) = [number for number, rows in known.items() if rows == desk.new(BOTH)[0]]
        how = ("killed with its group" if group else "killed alone") if was else "came to its end"
        print(f"to {to}: after {after:.1f} s {how} with generation {there}", flush=True)
        completed(desk, to)
        assert desk.new(BOTH)[0] == known[to]
        assert desk.new(OPEN) == [(0,)]
    poller.stop()
    print(f"{kills} kills in {trials} trials; {poller.seen.total()} looks; undisturbed it took {took:.0f} s")
    assert kills == KILLS
    assert set(poller.seen) == set(known.values())
