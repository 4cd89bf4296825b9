"""`python -m faults.worker`: reads jobs, a line each, and forks a process of its own for every one.

The engine is imported once. Each worker is the leader of its own process group and session, so it can
be killed with all that it started, or alone. Told on standard output: `{"job", "pid"}` when a worker is
there, `{"pid", "status"}` when it has ended.
"""

import faulthandler
import gc
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from faults import clock, plants
from faults.buckets import working
from faults.job import Job, Stage, Told, read_told
from faults.moments import Moment
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.stages.way import StageResult
from migration_assets.stores import trying
from migration_assets.tables.engine import StageReport, TableMigration

__all__ = ["read_told"]

#: what the lanes, too, import only when rows are looked at
LATER = ("migration_assets.tables.batch", "migration_assets.tables.hook", "pymysql")

#: by folder and its files: one of them comes later
_contracts: dict[tuple[str, ...], dict[str, Contract]] = {}


class Watched(TableMigration):
    """The engine as it is; it only says when a stage begins, and has its moments."""

    def __init__(self, job: Job, contracts: dict[str, Contract], out: int) -> None:
        super().__init__(contracts[job.contract], contracts, job.environment)
        self._job = job
        self._out = out
        #: a moment comes once, not again when the stage is tried again
        self.come = False

    def tell(self, told: Told) -> None:
        tell(self._out, told)

    def extract(self, partition_key: str, run_id: str) -> StageReport:
        with _Watch(self, partition_key, "extracted", self._job):
            return super().extract(partition_key, run_id)

    def transform(self, partition_key: str, run_id: str) -> StageReport:
        with _Watch(self, partition_key, "transformed", self._job):
            return super().transform(partition_key, run_id)

    def load(self, partition_key: str, run_id: str) -> StageReport:
        with _Watch(self, partition_key, "loaded", self._job):
            report = super().load(partition_key, run_id)
        plants.after_load(self._job, self.contract, partition_key)
        return report


class _Watch:
    """A stage while it runs: told of, counted, and broken where the job says so."""

    def __init__(self, migration: Watched, partition: str, stage: Stage, job: Job) -> None:
        self._migration = migration
        self._partition = partition
        self._stage: Stage = stage
        when = job.when
        mine = when is not None and (when.partition, when.stage) == (partition, stage)
        self._moment: Moment | None = None
        if when is not None and mine and not migration.come:
            self._moment = Moment(when.at, when.act, after=when.after)
        elif job.counts:
            self._moment = Moment(0, "count", after=False)

    def __enter__(self) -> None:
        self._migration.tell(Told("begin", self._partition, self._stage))
        if self._moment is not None:
            self._moment.watch(self._come)

    def _come(self, name: str) -> None:
        self._migration.come = True
        self._migration.tell(Told("moment", self._partition, self._stage, name))

    def __exit__(self, *_: object) -> None:
        if self._moment is not None:
            self._moment.stop()
            touches = self._moment.count
            self._migration.tell(Told("counted", self._partition, self._stage, touches=touches))


def moved(job: Job, out: int) -> int:
    """The job's partitions through its stages, told of one by one; the exit code of the run."""
    contracts = _contracts_of(job.folder)
    if contracts[job.contract].kind == "buckets":
        results = working.results(job, contracts)
    else:
        results = Watched(job, contracts, out).move(list(job.partitions), list(job.stages), job.run_id)
    failed = False
    for result in results:
        failed |= bool(result.failure)
        report = result.report
        tell(
            out,
            Told(
                "result",
                result.partition,
                result.stage,
                result.failure,
                rows=report.rows if report else 0,
                generation=report.generation if report else 0,
                fingerprint=report.fingerprint if report else "",
                retries=_retries(result),
                facts=dict(report.facts) if report else {},
            ),
        )
        print(f"{result.partition} {result.stage}: {result.failure or 'done'}", flush=True)
    return plants.exit_code(job, 1 if failed else 0)


def tell(out: int, told: Told) -> None:
    os.write(out, f"{told.to_json()}\n".encode())


def _retries(result: StageResult) -> int:
    return len(getattr(result, "tried_after", ())) or int(getattr(result, "retries", 0))


def _contracts_of(folder: str) -> dict[str, Contract]:
    files = (folder, *sorted(os.listdir(folder)))
    if files not in _contracts:
        _contracts[files] = load(Path(folder))
    return _contracts[files]


def _work(job: Job) -> int:
    os.setsid()
    log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(log, number)
    out = os.open(job.told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # where it stands can be asked for, when it takes too long
    faulthandler.register(signal.SIGUSR1, file=log)
    os.environ.update(job.environment)
    tempfile.tempdir = job.environment.get("TMPDIR")
    # the same waits as ever, only shorter, so that a trial takes seconds
    trying.FIRST_WAIT *= job.hurry
    clock.set_off(job.clock)
    (working.made_ready if _contracts_of(job.folder)[job.contract].kind == "buckets" else plants.planted)(job)
    try:
        return moved(job, out)
    except Exception as error:
        print(trying.in_words(error), flush=True)
        return 1


def _fork(job: Job) -> int:
    _contracts_of(job.folder)
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        code = _work(job)
    finally:
        sys.stdout.flush()
        os._exit(code)


def _ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def serve() -> None:
    """Until there are no more jobs: whoever started this process has gone."""
    for name in LATER:
        import_module(name)
    gc.freeze()
    rest = b""
    while True:
        readable, _, _ = select.select([0], [], [], 0.004)
        if readable:
            piece = os.read(0, 1 << 16)
            if not piece:
                return
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                said = json.loads(line)
                _say({"job": said["job"], "pid": _fork(Job.from_json(said["what"]))})
        for pid, status in _ended():
            _say({"pid": pid, "status": status, "at": time.time()})


def _say(what: dict[str, object]) -> None:
    os.write(1, f"{json.dumps(what)}\n".encode())


if __name__ == "__main__":
    serve()
