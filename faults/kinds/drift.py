"""The source's table changes its columns between two partitions of a run, or while it is being read."""

import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg2

from faults import photograph, reading
from faults.job import When
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.nursery import Worker
from faults.trial import Run, Trial


@dataclass(frozen=True)
class Drift:
    """Statements there and back; the column that a refusal has to name, where the rows cannot be read."""

    name: str
    there: Sequence[str]
    back: Sequence[str]
    column: str = ""


def _of(table: str, column: str, key: str, kind: str) -> list[Drift]:
    return [
        Drift("a column is dropped", (
            f"CREATE TABLE old.kept AS SELECT {key} AS k, {column} AS v FROM {table}",
            f"ALTER TABLE {table} DROP COLUMN {column}",
        ), (
            f"ALTER TABLE {table} ADD COLUMN {column} {kind}",
            f"UPDATE {table} SET {column} = kept.v FROM old.kept WHERE kept.k = {key}",
            "DROP TABLE old.kept",
        ), column),
        Drift("a column is renamed", (f"ALTER TABLE {table} RENAME COLUMN {column} TO other",),
              (f"ALTER TABLE {table} RENAME COLUMN other TO {column}",), column),
        Drift("a column is added", (f"ALTER TABLE {table} ADD COLUMN more int NOT NULL DEFAULT 3",),
              (f"ALTER TABLE {table} DROP COLUMN more",)),
        Drift("the table is renamed", (f"ALTER TABLE {table} RENAME TO elsewhere",),
              (f"ALTER TABLE old.elsewhere RENAME TO {table.partition('.')[2]}",), table.partition(".")[2]),
    ]  # fmt: skip


#: of each contract, a column that it cannot do without
DRIFTS = {
    "people": _of("old.pers", "cents", "no", "bigint"),
    "visits": _of("old.vis", "amount", "vno", "numeric"),
    "readings": [
        *_of("old.readings", "exact", "id", "numeric"),
        Drift("a type is changed", ("ALTER TABLE old.readings ALTER exact TYPE text",),
              ("ALTER TABLE old.readings ALTER exact TYPE numeric USING exact::numeric",)),
    ],
}  # fmt: skip


def drift(trial: Trial) -> str:
    drifted = trial.rng.choice(DRIFTS[trial.subject.contract])
    second = trial.partitions[-1]
    during = trial.rng.random() < 0.3
    at = trial.rng.randint(1, 10) if during else 1
    trial.moment = f"{drifted.name} {'during' if during else 'before'} {second}"
    worker = trial.start(when=When(second, "extracted", at, "stop"))
    came = worker.await_stopped(20) and _altered(trial, drifted.there)
    worker.signal(signal.SIGCONT)
    run = trial.ended(worker)
    _judge(trial, drifted, run, worker, during=during, came=came)
    if came and not _altered(trial, drifted.back):
        raise RuntimeError(f"The source cannot be put back after: {drifted.name}.")
    trial.source = photograph.source(trial.world)
    return f"{'' if came else 'the source was locked, '}{told_end(run.status)}"


def _altered(trial: Trial, statements: Sequence[str]) -> bool:
    """Whether the statements came through; a reader's lock keeps them out, as it should."""

    def write() -> None:
        with closing(trial.world.source.connect()) as connection:
            connection.autocommit = False
            with connection, connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 300")
                for statement in statements:
                    cursor.execute(statement)

    return _tried(write, trial)


def _tried(write: Callable[[], None], trial: Trial) -> bool:
    trial.look_at_source()
    try:
        write()
    except psycopg2.errors.LockNotAvailable:
        return False
    finally:
        trial.source = {}
    return True


def _judge(trial: Trial, drifted: Drift, run: Run, worker: Worker, *, during: bool, came: bool) -> None:
    judge_run(trial, run)
    first, second = trial.partitions[0], trial.partitions[-1]
    if first != second and "loaded" not in run.done[first]:
        trial.violated("I5", f"{first} was not loaded, and only {second} met the drift")
    if not came or not drifted.column:
        return
    if during:
        return
    if run.status == 0:
        trial.violated("I3", f"{drifted.name}, and the run says that it is done")
    told = [one.text for one in worker.told() if one.event == "result" and one.text]
    if not any(drifted.column in text for text in told):
        trial.violated("I3", f"{drifted.name}, and no refusal names {drifted.column}")
    found = reading.digest(reading.there(trial.world, trial.subject, second))
    if found != trial.states[second][0].digest:
        trial.violated("I2", f"{second} was changed although its source could not be read")
