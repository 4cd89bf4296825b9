"""Who makes the rounds of backfills and runs: this process, while no daemon and no other process does."""

import fcntl
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import dagster as dg

from migration_assets.control import dagster_daemon
from migration_assets.control.names import PROCESS_TAG
from migration_assets.control.rounds import Rounds
from migration_assets.errors import MigrationError

#: seconds between two rounds
PAUSE = 0.5
#: seconds in which a daemon that was there is waited for, as it may be moving to another machine
DAEMON_MAY_BE_GONE = 600.0
#: seconds in which rounds may fail before whoever waits for them is told
ROUNDS_MAY_FAIL = 120.0


class Host:
    """Makes the rounds in threads of its own while it may; starts a code server when it first does."""

    def __init__(self, instance: dg.DagsterInstance, module: str, folder: Path) -> None:
        self._instance = instance
        self._module = module
        self._folder = folder
        self._stack = ExitStack()
        self._lock: IO[str] | None = None
        self._rounds: Rounds | None = None
        self._log = logging.getLogger("dagster.migrate")
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._go_on, args=(a_round,), daemon=True)
            for a_round in (Rounds.ask, Rounds.serve)
        ]
        self._starting = threading.Lock()
        self._refusal: MigrationError | None = None
        self._daemon_seen: float | None = None
        self.hosting = False

    def __enter__(self) -> "Host":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._stack.enter_context(open(self._folder / "host.lock", "w"))
        try:
            self.hosting = self._may_host()
        except BaseException:
            self._stack.close()
            raise
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        self._stack.close()

    def soon(self) -> None:
        """Backfills are looked at in the next round."""
        if self._rounds:
            self._rounds.soon()

    def check(self) -> None:
        """Raises what keeps this process from hosting, where there is such a thing."""
        if self._refusal:
            raise self._refusal

    def _go_on(self, a_round: Callable[[Rounds, float], str | None]) -> None:
        failing_since: float | None = None
        while not self._end.is_set():
            trouble: str | None = None
            try:
                self.hosting = self._may_host()
                if self.hosting and self._rounds:
                    trouble = a_round(self._rounds, time.monotonic())
            except MigrationError as refusal:
                self._refusal = refusal
                return
            except Exception as error:
                self._log.exception("A round failed; the next one follows.")
                trouble = type(error).__name__
            now = time.monotonic()
            if trouble is not None:
                failing_since = (failing_since or now) if trouble else None
            if trouble and failing_since is not None and now - failing_since > ROUNDS_MAY_FAIL:
                self._refusal = self._no_rounds(trouble)
                return
            self._end.wait(PAUSE)

    def _no_rounds(self, trouble: str) -> MigrationError:
        return MigrationError(
            f"Dagster has not been able to go on for {ROUNDS_MAY_FAIL:.0f} s ({trouble}); its disk may be "
            "full.",
            advice=f"{self._folder / 'run.log'} says more. What is loaded stays loaded: correct the cause, "
            "then run the same command again.",
        )

    def _may_host(self) -> bool:
        """
        a daemon lives    storage is shared    another process hosts    then
        yes               -                    -                        leave it to the daemon
        no, not yet long  yes                  -                        wait for the daemon
        no                yes                  -                        MigrationError
        no                no                   yes                      leave it to that process
        no                no                   no                       host, with a code server from now on
        """
        now = time.time()
        if dagster_daemon.daemon_lives(self._instance, now):
            self._daemon_seen = now
            return False
        if dagster_daemon.is_shared(self._instance):
            # other machines cannot see this one's lock, and would make the same rounds beside it
            if self._daemon_seen is None or now - self._daemon_seen > DAEMON_MAY_BE_GONE:
                raise MigrationError(
                    "No Dagster daemon lives, and on an instance that machines share nobody else makes the "
                    "rounds of backfills and runs.",
                    advice="Start `dagster-daemon run` (docs/deploy.md), then run the same command again.",
                )
            return False
        with self._starting:
            if self._rounds is None:
                if not self._locked():
                    return False
                self._rounds = self._start()
        return True

    def _locked(self) -> bool:
        assert self._lock
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _start(self) -> Rounds:
        file = self._folder / "run.log"
        self._stack.enter_context(_logging_into(file))
        with _printing_into(file):
            context = self._stack.enter_context(dagster_daemon.code_server(self._instance, self._module))
        if error := dagster_daemon.load_error(context):
            raise MigrationError(
                f"Dagster cannot load the definitions: {error}",
                advice="Run `dg check defs` to see all of it.",
            )
        _cancel_abandoned(self._instance)
        return Rounds(context, self._log)


def _cancel_abandoned(instance: dg.DagsterInstance) -> None:
    """Ends the backfills of a `migrate run` that was killed: whoever wants them asks again."""
    for backfill_id, tags in dagster_daemon.open_backfills(instance):
        host, _, process = tags.get(PROCESS_TAG, "").rpartition(":")
        if host == socket.gethostname() and not _lives(int(process)):
            dagster_daemon.cancel(instance, backfill_id)


def this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _logging_into(file: Path) -> Generator[None]:
    """What Dagster says of its rounds goes to the file, not to the terminal."""
    log = logging.getLogger("dagster")
    handler = logging.FileHandler(file, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    propagated = log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagated
        handler.close()


@contextmanager
def _printing_into(file: Path) -> Generator[None]:
    """Processes started meanwhile print into the file: every run prints each of its events."""
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.dup(1), os.dup(2)
    with open(file, "a", encoding="utf-8") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    try:
        yield
    finally:
        for number, kept in enumerate(terminal, start=1):
            os.dup2(kept, number)
            os.close(kept)
