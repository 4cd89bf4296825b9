"""The world of the trials: both databases, contracts, staging, and the processes that move rows."""

import os
import shutil
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from psycopg2 import extensions, extras, sql

from faults import content, mounts
from faults.job import STAGES, Job, Stage, When
from faults.nursery import Nursery, Worker, nursery
from faults.servers import MariaDb, Postgres, maria, mariadb_missing, postgres
from faults.subjects import OLD_TABLES, STOCK_TABLE, SUBJECTS, Subject, write_contracts

#: in every password
SECRET = "CANARY-of-a-password"
#: seconds that any run may take
BOUND = 120.0
_DAGSTER = Path(__file__).parents[1] / "dagster.yaml"


@dataclass
class World:
    folder: Path
    source: Postgres
    target: Postgres
    nursery: Nursery
    stack: ExitStack
    subjects: list[Subject]
    #: how often a stage of a contract reaches out, as counted at its last whole run
    touches: dict[tuple[str, Stage], int] = field(default_factory=dict)
    #: seconds that a stage of a contract takes, likewise
    takes: dict[tuple[str, Stage], float] = field(default_factory=dict)
    _mariadb: MariaDb | None = None
    _runs: int = 0
    _dagster: bool = False

    @property
    def contracts(self) -> Path:
        return self.folder / "contracts"

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    @property
    def tablespace(self) -> Path:
        return self.folder / "tablespace"

    @property
    def home(self) -> Path:
        """Of Dagster; on a small disk where there may be one."""
        return self.folder / "home"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def scratch(self) -> Path:
        """Where workers keep files of the moment."""
        return self.folder / "scratch"

    @property
    def has_mariadb(self) -> bool:
        return self._mariadb is not None

    def mariadb(self) -> MariaDb:
        """Started when it is first asked for, with its table filled and moved once."""
        if self._mariadb is None:
            folder = self.folder / "mariadb"
            folder.mkdir()
            self._mariadb = self.stack.enter_context(maria(folder, f"{SECRET}/3"))
            with closing(self._mariadb.connect()) as connection, connection.cursor() as cursor:
                cursor.execute(STOCK_TABLE)
            subject = SUBJECTS["stock"]
            write_contracts(self.contracts, [*self.subjects, subject])
            self.subjects.append(subject)
            for partition in subject.partitions:
                self.fill(Random(partition), subject, partition)
            self.prime(subject)
        return self._mariadb

    def environment(self, **changes: str) -> dict[str, str]:
        there = {
            "LEGACY_URL": self.source.url,
            "CLOUD_URL": self.target.url,
            "MIGRATION_STAGING": str(self.staging),
            "MIGRATION_CONTRACTS": str(self.contracts),
            "MIGRATION_LANES": "2",
            "TMPDIR": str(self.scratch),
        }
        if self._mariadb is not None:
            there["STOCK_URL"] = self._mariadb.url
        return {**there, **changes}

    def with_dagster(self) -> Mapping[str, str]:
        """The environment of `migrate`, with an instance of its own; begun when it is first asked for."""
        if not self._dagster:
            self.stack.enter_context(mounts.small_disk(self.home, "96m"))
            self._dagster = True
        if not (self.home / "dagster.yaml").exists():
            said = _DAGSTER.read_text().replace(".migration/", f"{self.home}/")
            (self.home / "dagster.yaml").write_text(said)
        # its files stand where processes may leave some, so they are looked for elsewhere
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            **self.environment(DAGSTER_HOME=str(self.home), TMPDIR=str(self.folder / "tmp")),
        }

    def start(
        self,
        subject: Subject,
        partitions: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stages: Sequence[Stage] = STAGES,
        when: When | None = None,
        counts: bool = False,
        plant: str = "",
        clock: float = 0.0,
    ) -> Worker:
        self._runs += 1
        name = f"run-{self._runs}"
        job = Job(
            run_id=name,
            contract=subject.contract,
            partitions=list(partitions),
            folder=str(self.contracts),
            environment=environment or self.environment(),
            log=str(self.logs / f"{name}.log"),
            told=str(self.logs / f"{name}.told"),
            stages=list(stages),
            when=when,
            counts=counts,
            plant=plant,
            clock=clock,
        )
        return self.nursery.start(job)

    def fill(self, rng: Random, subject: Subject, partition: str) -> None:
        """New rows for a partition of the source, in one transaction."""
        rows = content.rows(rng, subject, partition)
        if subject.kind == "mariadb":
            _fill_mariadb(self.mariadb(), subject, partition, rows)
            return
        with closing(self.source.connect()) as connection:
            connection.autocommit = False
            with connection, connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {subject.old_table} WHERE {subject.partitions[partition][0]}")
                if subject.contract == "visits":
                    # some have moved to other places, and stay there
                    cursor.execute("SELECT vno FROM old.vis")
                    elsewhere = {row[0] for row in cursor.fetchall()}
                    rows = [row for row in rows if row[0] not in elsewhere]
                insert(cursor, subject, rows)

    def prime(self, subject: Subject) -> None:
        """Moves all of a contract, twice: the second time is counted."""
        # `rest` has no rows, but without it the contract is never complete
        partitions = [*subject.partitions, "rest"]
        for counts in (False, True):
            worker = self.start(subject, partitions, counts=counts)
            if not worker.wait(BOUND) or worker.status:
                raise RuntimeError(f"The world cannot begin: {subject.contract} {worker.failures()}")
        self.learn(subject, worker)

    def learn(self, subject: Subject, worker: Worker) -> None:
        for told in worker.told():
            if told.event == "counted" and told.touches and told.partition != "rest":
                self.touches[subject.contract, told.stage] = told.touches

    def begin(self) -> None:
        """Everything new: tables filled and moved, nothing of an earlier time left."""
        with closing(self.source.connect()) as old, old.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS old CASCADE")
            for statement in OLD_TABLES:
                cursor.execute(statement)
        with closing(self.target.connect()) as new, new.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS new CASCADE")
            cursor.execute("DROP SCHEMA IF EXISTS migration CASCADE")
            cursor.execute("CREATE SCHEMA new")
        for folder in (self.staging, self.scratch, self.home):
            for inside in folder.iterdir():
                shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
        for subject in self.subjects:
            for partition in subject.partitions:
                self.fill(Random(f"{subject.contract} {partition}"), subject, partition)
            self.prime(subject)
        if not mounts.missing():
            self._into_tablespace()

    def _into_tablespace(self) -> None:
        """One table of the target stands on a disk of its own, so that this one alone can be full."""
        with closing(self.target.connect()) as new, new.cursor() as cursor:
            cursor.execute("SELECT FROM pg_tablespace WHERE spcname = 'cramped'")
            if cursor.fetchone() is None:
                shutil.chown(self.tablespace, *_owner(self.target.data))
                os.chmod(self.tablespace, 0o700)
                cursor.execute(
                    sql.SQL("CREATE TABLESPACE cramped LOCATION {}").format(sql.Literal(str(self.tablespace)))
                )
            cursor.execute("ALTER TABLE new.readings SET TABLESPACE cramped")


def insert(cursor: extensions.cursor, subject: Subject, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        names = subject.columns.split(", ")
        # an empty array has no type of its own
        marks = ", ".join("%s::text[]" if name == "tags" else "%s" for name in names)
        into = f"INSERT INTO {subject.old_table} ({subject.columns}) VALUES %s"
        extras.execute_values(cursor, into, rows, f"({marks})", 1000)


def _fill_mariadb(
    server: MariaDb, subject: Subject, partition: str, rows: Sequence[Sequence[object]]
) -> None:
    connection = server.connect()
    with closing(connection), connection.cursor() as cursor:
        connection.begin()
        cursor.execute(f"DELETE FROM stock WHERE {subject.partitions[partition][0]}")
        if rows:
            cursor.executemany(f"INSERT INTO stock VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
        connection.commit()


def _owner(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_uid, found.st_gid


@contextmanager
def opened(folder: Path) -> Generator[World]:
    """A world in that folder; its servers and processes end with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for name in ("contracts", "logs", "scratch", "tmp", "home"):
            (folder / name).mkdir(exist_ok=True)
        stack.enter_context(mounts.small_disk(folder / "staging", "64m"))
        stack.enter_context(mounts.small_disk(folder / "tablespace", "64m"))
        source = stack.enter_context(postgres(folder / "source", "legacy", f"{SECRET}/1"))
        target = stack.enter_context(postgres(folder / "target", "cloud", f"{SECRET}/2"))
        ward = stack.enter_context(nursery(folder / "nursery.log"))
        subjects = [one for one in SUBJECTS.values() if one.kind == "postgres"]
        write_contracts(folder / "contracts", subjects)
        world = World(folder, source, target, ward, stack, subjects)
        world.begin()
        yield world


def skipped() -> dict[str, str]:
    """What this machine cannot provoke, and why."""
    return {"mariadb": mariadb_missing(), "disk": mounts.missing()}
