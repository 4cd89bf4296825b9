"""Plants: faults put into the engine on purpose, so that it can be seen that the suite finds them.

Only workers that are asked for one have it; the tests of the suite ask.
"""

import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions, sql

from faults.job import Job
from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.throttle_flow import Flowing

#: by name: which invariant it breaks
BREAKS = {
    "commits before verification": "I6",
    "commits between delete and copy": "I2",
    "deletes a row after the load": "I1",
    "doubles a row": "I1",
    "changes a value": "I1",
    "writes the ledger in another transaction": "I6",
    "has no fence": "I6",
    "says it is done when it is not": "I3",
    "says it is not done when it is": "I3",
    "leaves a table behind": "I4",
    "leaves a file behind": "I4",
    "leaves a process behind": "I4",
    "writes another partition": "I5",
    "writes the source": "I7",
    "loses a bad row": "I8",
    "sleeps": "I9",
    "prints a row": "I10",
    "prints a password": "I10",
}
Change = Callable[[extensions.cursor, sql.Composable], None]


def planted(job: Job) -> None:
    """Puts the job's plant into this process."""
    if job.plant and job.plant not in BREAKS:
        raise KeyError(job.plant)
    if (plant := _BEFORE.get(job.plant)) is not None:
        plant(job)


def after_load(job: Job, contract: Contract, partition: str) -> None:
    if (change := _AFTER.get(job.plant)) is not None:
        table = contract.target_table
        name = sql.Identifier(table.schema or "public", table.name)
        with _connected(job.environment["CLOUD_URL"]) as cursor:
            change(cursor, name)
    if job.plant == "prints a row":
        print(f"{contract.name} {partition}: CANARY-of-a-row-0123", flush=True)
    if job.plant == "prints a password":
        print(job.environment["CLOUD_URL"], flush=True)
    if job.plant == "sleeps":
        time.sleep(3)


def exit_code(job: Job, code: int) -> int:
    if job.plant == "says it is done when it is not":
        return 0
    return 1 if job.plant == "says it is not done when it is" else code


@contextmanager
def _connected(url: str) -> Generator[extensions.cursor]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        yield cursor


def _committing_early(_: Job) -> None:
    put_in = Arriving.put_in

    def early(self: Arriving, cursor: extensions.cursor, flow: Flowing) -> sql.Composable:
        meant = put_in(self, cursor, flow)
        cursor.connection.commit()
        return meant

    Arriving.put_in = early


def _committing_between(_: Job) -> None:
    from migration_assets.tables import replace

    put_in = replace.put_in

    def late(cursor: extensions.cursor, *arguments: Any) -> None:
        cursor.connection.commit()
        time.sleep(0.1)
        put_in(cursor, *arguments)

    replace.put_in = late


def _ledger_apart(job: Job) -> None:
    record = ledger.record

    def apart(_: extensions.cursor, entry: ledger.Entry) -> None:
        with _connected(job.environment["CLOUD_URL"]) as other:
            record(other, entry)

    ledger.record = apart


def _no_fence(_: Job) -> None:
    fence = Arriving.generation

    def none(self: Arriving, cursor: extensions.cursor) -> int:
        newest = ledger.latest(cursor, self.contract.name, self.key)
        if newest is None:
            return fence(self, cursor)
        return max(newest.generation + 1, self.manifest.generation)

    Arriving.generation = none


def _nothing_loaded(_: Job) -> None:
    def none(self: TableMigration, partition_key: str, run_id: str) -> Any:
        del self, partition_key, run_id
        raise RuntimeError

    TableMigration.load = none


def _bad_row_lost(_: Job) -> None:
    quarantine = ledger.quarantine

    def fewer(cursor: extensions.cursor, entry: ledger.Entry, rows: Iterator[tuple[str, str, str]]) -> None:
        quarantine(cursor, entry, list(rows)[1:])

    ledger.quarantine = fewer


def _file_left(job: Job) -> None:
    with open(os.path.join(job.environment["TMPDIR"], "left"), "w") as file:
        file.write("left")


def _process_left(_: Job) -> None:
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)


def _source_written(job: Job) -> None:
    with _connected(job.environment["LEGACY_URL"]) as cursor:
        cursor.execute("UPDATE old.lots SET label = label WHERE id = (SELECT min(id) FROM old.lots)")


def _newest(table: sql.Composable) -> sql.Composable:
    """A row that was written last: one of the partition that was just loaded."""
    return sql.SQL("SELECT ctid FROM {} ORDER BY age(xmin) LIMIT 1").format(table)


def _deleted(cursor: extensions.cursor, table: sql.Composable) -> None:
    cursor.execute(sql.SQL("DELETE FROM {0} WHERE ctid = ({1})").format(table, _newest(table)))


def _doubled(cursor: extensions.cursor, table: sql.Composable) -> None:
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
        [table.as_string(cursor)],
    )
    for (name,) in cursor.fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE")
        cursor.execute(drop.format(table, sql.Identifier(name)))
    again = sql.SQL("INSERT INTO {0} SELECT * FROM {0} WHERE ctid = ({1})")
    cursor.execute(again.format(table, _newest(table)))


def _changed(cursor: extensions.cursor, table: sql.Composable) -> None:
    change = sql.SQL("UPDATE {0} SET secret = secret || ' ' WHERE ctid = ({1})")
    cursor.execute(change.format(table, _newest(table)))


def _table_left(cursor: extensions.cursor, _: sql.Composable) -> None:
    cursor.execute("CREATE TABLE IF NOT EXISTS new.left_behind (id int)")


def _neighbour_written(cursor: extensions.cursor, _: sql.Composable) -> None:
    cursor.execute("UPDATE new.visits SET note = note WHERE id = (SELECT min(id) FROM new.visits)")


_BEFORE: dict[str, Callable[[Job], None]] = {
    "commits before verification": _committing_early,
    "commits between delete and copy": _committing_between,
    "writes the ledger in another transaction": _ledger_apart,
    "has no fence": _no_fence,
    "says it is done when it is not": _nothing_loaded,
    "loses a bad row": _bad_row_lost,
    "leaves a file behind": _file_left,
    "leaves a process behind": _process_left,
    "writes the source": _source_written,
}
_AFTER: dict[str, Change] = {
    "deletes a row after the load": _deleted,
    "doubles a row": _doubled,
    "changes a value": _changed,
    "leaves a table behind": _table_left,
    "writes another partition": _neighbour_written,
}
