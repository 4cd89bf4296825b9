"""Databases that are written to while they are compared."""

import random
import threading
import time
from collections import deque
from contextlib import closing
from types import TracebackType

import psycopg2

from migration_assets_tests.tables.shop import Shop


class Writer:
    """So many updates a second of random orders of the source, each of which reaches the target `lag`
    seconds later, or never where it is None; with `on_target`, of the target alone."""

    def __init__(
        self,
        shop: Shop,
        lag: float | None,
        *,
        rows: int = 300,
        a_second: float = 200,
        on_target: bool = False,
    ) -> None:
        self._shop, self._lag, self._rows, self._a_second = shop, lag, rows, a_second
        self._on_target = on_target
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)
        #: the last note that was written to each order
        self.notes: dict[int, str] = {}
        self.updates, self.seconds = 0, 0.0

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        chance = random.Random(5)
        late: deque[tuple[float, int, str]] = deque()
        began = time.monotonic()
        with (
            closing(psycopg2.connect(self._shop.old)) as old,
            closing(psycopg2.connect(self._shop.new)) as new,
        ):
            old.autocommit = new.autocommit = True
            source, target = old.cursor(), new.cursor()
            while not self._over.is_set():
                number, note = chance.randrange(1, self._rows + 1), f"w{chance.random()}"
                if self._on_target:
                    target.execute("UPDATE shop.orders SET note = %s WHERE id = %s", (note, number))
                else:
                    source.execute("UPDATE ordhdr SET note = %s WHERE ordno = %s", (note, number))
                self.notes[number] = note
                self.updates += 1
                now = time.monotonic()
                if self._lag is not None and not self._on_target:
                    late.append((now + self._lag, number, note))
                while late and late[0][0] <= now:
                    _, number, note = late.popleft()
                    target.execute("UPDATE shop.orders SET note = %s WHERE id = %s", (note, number))
                # late beats are made up for
                time.sleep(max(0.0, began + self.updates / self._a_second - time.monotonic()))
        self.seconds = time.monotonic() - began
