"""A reader that looks at the target's partitions all the time, on a connection of its own."""

import threading
import time
from collections import Counter
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress

import psycopg2
from psycopg2 import extensions

from faults.reading import Rows, answered, digest, there_query
from faults.subjects import Subject
from faults.world import World

#: seconds between two looks
PAUSE = 0.015


class Poller:
    """What was seen of each partition, one after another, without repetitions."""

    def __init__(self, world: World, subject: Subject, partitions: Collection[str]) -> None:
        self._world = world
        self._subject = subject
        self.seen: dict[str, list[str]] = {partition: [] for partition in partitions}
        self.looks = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(30)

    def _look_on(self) -> None:
        connection: extensions.connection | None = None
        while not self._end.is_set():
            try:
                if connection is None or connection.closed:
                    connection = self._world.target.connect()
                for partition, seen in self.seen.items():
                    self._look(connection, partition, seen)
            except psycopg2.Error:
                # the server is being restarted; what it shows afterwards counts
                with suppress(psycopg2.Error):
                    if connection is not None:
                        connection.close()
                connection = None
            self._end.wait(PAUSE)
        if connection is not None:
            connection.close()

    def _look(self, connection: extensions.connection, partition: str, seen: list[str]) -> None:
        rows: Rows = Counter(answered(connection, there_query(self._subject, [partition])))
        self.looks += 1
        found = digest(rows)
        if not seen or seen[-1] != found:
            seen.append(found)


@contextmanager
def polling(world: World, subject: Subject, partitions: Collection[str]) -> Generator[Poller]:
    poller = Poller(world, subject, partitions)
    poller.start()
    try:
        yield poller
    finally:
        time.sleep(2 * PAUSE)
        poller.stop()


def strange(seen: Sequence[str], states: Sequence[str]) -> str:
    """Whether one after another only states were seen, none before one that was seen already.

    seen        states     strange
    a, b        a, b       no
    b           a, b       no
    a, x        a, b       yes: neither old nor new
    a, b, a     a, b       yes: old again
    """
    at = 0
    places: Mapping[str, Sequence[int]] = {
        each: [place for place, state in enumerate(states) if state == each] for each in set(seen)
    }
    for number, each in enumerate(seen, start=1):
        if not places[each]:
            return f"look {number} saw rows that are neither the old nor the new ones"
        later = [place for place in places[each] if place >= at]
        if not later:
            return f"look {number} saw the old rows again after the new ones"
        at = later[0]
    return ""
