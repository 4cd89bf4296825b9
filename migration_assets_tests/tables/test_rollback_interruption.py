"""Killed at random moments of a rollback: a reader sees one generation or the other, and it is completed."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import psycopg2

from migration_assets_tests.tables.going_back import asked, done, planned
from migration_assets_tests.tables.shop import ORDERS, Shop

ROWS, TRIALS = 20_000, 10
LOOK = "SELECT count(*), coalesce(sum(hashtextextended(o::text, 0)), 0) FROM shop.orders AS o"


class Reader(threading.Thread):
    """Looks at the target again and again; keeps every answer once."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._end = threading.Event()
        self.seen: set[tuple[object, ...]] = set()
        self.looks = 0

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._end.is_set():
                cursor.execute(LOOK)
                self.seen.add(cursor.fetchone() or ())
                self.looks += 1
        connection.close()

    def stop(self) -> None:
        self._end.set()
        self.join()


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Does the work in a process of its own and kills that after so long; whether it came to its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def test_killed_at_any_moment_it_is_one_generation_or_the_other(shop: Shop) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    shop.contract(ORDERS, references=())
    shop.ask_old(f"INSERT INTO ordhdr SELECT i, 1, 'n' || i FROM generate_series(1000, {999 + ROWS}) i")
    shop.run("orders", run_id="run-1")
    first = shop.ask_new(LOOK)
    shop.ask_old(
        "UPDATE ordhdr SET note = note || '!' WHERE ordno % 3 = 0", "DELETE FROM ordhdr WHERE ordno % 10 = 0"
    )
    shop.run("orders", run_id="run-2")
    second = shop.ask_new(LOOK)
    reader = Reader(shop.new)
    reader.start()
    started = time.monotonic()
    done(shop, asked(shop, "orders", to=1))
    takes, kills = time.monotonic() - started, 0
    for trial in range(TRIALS):
        to = 2 if trial % 2 == 0 else 1
        asked(shop, "orders", to=to)
        came = killed_after(chance.uniform(0, takes * 1.5), lambda: done(shop, planned(shop, "orders")))
        kills += not came
        # the same command once more
        done(shop, planned(shop, "orders"))
        assert shop.ask_new(LOOK) == (second if to == 2 else first)
        assert planned(shop, "orders").begun is False
    reader.stop()
    print(f"{kills} of {TRIALS} were killed before their end; {reader.looks} looks; one takes {takes:.2f} s")
    assert kills
    assert reader.seen == {*first, *second}
    assert shop.ask_new("SELECT max(generation) FROM migration.load") == [(3 + TRIALS,)]
