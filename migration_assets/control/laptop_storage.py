"""The storage of a laptop's Dagster instance: Dagster's own SQLite files, without opening one for each event.

Dagster opens a database for every event, reads its schema, waits for the disk and closes it again, which
is most of what a small partition costs. Here the few that are in use stay open, and a commit no longer
waits for the disk: it is there for every process at once and stays when a process is killed; a power cut
may take the last moments, and the target's ledger, which is the proof of a load, is not kept here.
What is overridden is not public; `migration_assets_tests/control/test_laptop_storage.py` fails when it
changes.
"""

import os
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy import event as events
from sqlalchemy.pool import NullPool, StaticPool
from typing_extensions import override

#: databases that stay open: the index of all events, and the runs that were asked for last
OPEN = 8


class LaptopStorage(DagsterSqliteStorage):
    """`storage: {custom: {module: migration_assets.control.laptop_storage, class: LaptopStorage}}`"""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = OpenEventLog(os.path.join(base_dir, "history", "runs", ""))
        self._run_storage = OpenRuns(create_db_conn_string(os.path.join(base_dir, "history", ""), "runs"))

    @classmethod
    @override
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> "LaptopStorage":
        return cls.from_local(inst_data=inst_data, **config_value)


class OpenEventLog(SqliteEventLogStorage):
    """One connection a database; the lock of the storage lets one thread have it at a time."""

    def __init__(self, base_dir: str) -> None:
        self._open: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        url = self.conn_string_for_shard(shard)
        if shard not in self._initialized_dbs:
            self._initdb(create_engine(url, poolclass=NullPool, connect_args=_PATIENT))
            self._initialized_dbs.add(shard)
        if shard not in self._open:
            self._open[shard] = _unhurried(create_engine(url, poolclass=StaticPool, connect_args=_ANY_THREAD))
        self._open.move_to_end(shard)
        if len(self._open) > OPEN:
            self._open.popitem(last=False)[1].dispose()
        return self._open[shard]

    @override
    def has_table(self, table_name: str) -> bool:
        """Asked for every result of a check; a table that is there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @override
    def store_event(self, event: EventLogEntry) -> None:
        """Whoever watches a run watches its file, which else would only change now and then."""
        super().store_event(event)
        os.utime(self.path_for_shard(event.run_id))

    @override
    def wipe(self) -> None:
        self._close()
        super().wipe()
        self._initialized_dbs.clear()

    @override
    def dispose(self) -> None:
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            while self._open:
                self._open.popitem()[1].dispose()


class OpenRuns(SqliteRunStorage):
    """A few connections to the one database of runs."""

    def __init__(self, url: str) -> None:
        self._engine = _unhurried(create_engine(url, connect_args=_PATIENT))
        super().__init__(url)

    @contextmanager
    @override
    def connect(self) -> Generator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @override
    def dispose(self) -> None:
        self._engine.dispose()
        super().dispose()


_PATIENT = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
_ANY_THREAD = {**_PATIENT, "check_same_thread": False}


def _unhurried(engine: Engine) -> Engine:
    @events.listens_for(engine, "connect")
    def commit_without_waiting(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
