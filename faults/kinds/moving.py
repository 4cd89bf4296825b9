"""Rows change, and move from one partition to another, while they are being read."""

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from random import Random

from psycopg2 import extensions

from faults import photograph, reading
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.subjects import Subject
from faults.trial import Trial, nap

#: rows that one transaction of the writer changes
AT_ONCE = 12
#: by contract: one transaction
CHANGES = {
    "people": "UPDATE old.pers SET cents = cents + 1, region = %s WHERE no = ANY (%s)",
    "readings": "UPDATE old.readings SET exact = 1, label = %s WHERE id = ANY (%s)",
}
_MOVED = "UPDATE old.vis SET note = %s, place = {} WHERE vno = ANY (%s)"
#: ways on which rows move from place to place
ONWARD = _MOVED.format("CASE place WHEN 'north' THEN 'south' ELSE 'west' END")
BACK = _MOVED.format("CASE place WHEN 'west' THEN 'south' ELSE 'north' END")
ROUND = _MOVED.format("(ARRAY['north', 'south', 'west'])[1 + (vno + random() * 3)::int %% 3]")
KEYS = {"people": "no", "visits": "vno", "readings": "id"}


def moving_rows(trial: Trial) -> str:
    """Rows of `visits` change their place, and so their partition, all of them in one direction."""
    return _moved(trial, trial.rng.choice((ONWARD, BACK)))


def swapped_rows(trial: Trial) -> str:
    """Rows change places in all directions, so that two partitions come to have rows of each other."""
    return _moved(trial, ROUND)


def _moved(trial: Trial, way: str) -> str:
    trial.moment = "a writer beside it"
    trial.look_at_source()
    trial.source = {}
    with _writing(trial, CHANGES.get(trial.subject.contract, way)) as writer:
        run = trial.ended(trial.start())
    judge_run(trial, run)
    trial.source = photograph.source(trial.world)
    return f"{writer.transactions} transactions meanwhile, {told_end(run.status)}"


class _Writer:
    """Changes rows and takes down, in the same transaction, what each partition has become."""

    def __init__(self, trial: Trial, change: str) -> None:
        self._trial = trial
        self._change = change
        self._rng = Random(trial.rng.random())
        self.transactions = 0
        self._failed: Exception | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._people = reading.parents(trial.world) if trial.subject.refers is not None else None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(30)
        if self._failed is not None:
            raise self._failed

    def _go_on(self) -> None:
        try:
            self._write_on()
        except Exception as error:
            # told by whoever stops it: a trial without its writer is none
            self._failed = error

    def _write_on(self) -> None:
        subject = self._trial.subject
        with closing(self._trial.world.source.connect()) as connection:
            connection.autocommit = False
            query = f"SELECT {KEYS[subject.contract]} FROM {subject.old_table} WHERE {self._meant(subject)}"
            keys = [row[0] for row in reading.answered(connection, query)]
            connection.rollback()
            while keys and not self._end.is_set():
                self._write(connection, subject, keys)
                nap(0.003)

    def _meant(self, subject: Subject) -> str:
        return " OR ".join(subject.partitions[each][0] for each in self._trial.partitions)

    def _write(self, connection: extensions.connection, subject: Subject, keys: list[int]) -> None:
        some = self._rng.sample(keys, min(AT_ONCE, len(keys)))
        with connection.cursor() as cursor:
            cursor.execute(self._change, [f"change {self.transactions}", some])
        for partition in self._trial.partitions:
            rows = reading.answered(connection, reading.wanted_query(subject, partition))
            self._trial.states[partition].append(reading.sorted_out(subject, rows, self._people))
        connection.commit()
        self.transactions += 1


@contextmanager
def _writing(trial: Trial, change: str) -> Generator[_Writer]:
    writer = _Writer(trial, change)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()
