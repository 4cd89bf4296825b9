"""Recorder: what comes of objects is written down while it comes, at the latest a second after."""

import threading

from migration_assets.buckets.model import Moved
from migration_assets.buckets.records import Records, Segment

#: how many objects, and seconds, what came of them waits to be written down
MOST, LONGEST = 500, 1.0


class Recorder:
    """Into one file after another, from `first` on."""

    def __init__(self, records: Records, first: Segment) -> None:
        self._records = records
        self._next = first
        self._waiting: list[Moved] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failed: Exception | None = None
        self._clock = threading.Thread(target=self._tick, name="records", daemon=True)

    def __enter__(self) -> "Recorder":
        self._clock.start()
        return self

    def add(self, moved: Moved) -> None:
        """Whatever error a second's writing ended by is raised here."""
        if self._failed:
            raise self._failed
        with self._lock:
            self._waiting.append(moved)
            if len(self._waiting) >= MOST:
                self._write()

    def __exit__(self, *_: object) -> None:
        """Also when an error ends the work: what was done stays done."""
        self._stop.set()
        self._clock.join()
        with self._lock:
            self._write()
        if self._failed:
            raise self._failed

    def _tick(self) -> None:
        while not self._stop.wait(LONGEST):
            with self._lock:
                try:
                    self._write()
                except Exception as error:
                    self._failed = error
                    return

    def _write(self) -> None:
        if not self._waiting:
            return
        self._records.write(self._next, self._waiting)
        self._waiting = []
        self._next = self._next.after


def recorder(records: Records, generation: int, run_id: str) -> Recorder:
    return Recorder(records, records.next(generation, run_id, "moved"))
