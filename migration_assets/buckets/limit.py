"""Limit: requests and bytes a second of one server, shared by all processes of a machine.

A small file with a lock, under DAGSTER_HOME, has what is owed and what `migrate limits` says. Whoever asks
takes the next free moment and waits for it, so that the order is that of asking and nobody starves; a lock
goes with its process. Where there is no such file to be had, each process keeps to the limits by itself.
"""

import fcntl
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any

#: seconds after which is looked whether other limits are said, and of one nap
REFRESH = 2.0
#: bytes of the file; blanks follow what is said
LENGTH = 512
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Rates:
    """A second; None where nothing is said, 0 where there shall be no limit."""

    requests_per_second: int | None = None
    bytes_per_second: int | None = None

    def over(self, others: "Rates") -> "Rates":
        """What is said here, and where nothing is, what is said there."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(others, **said)

    @property
    def limits(self) -> bool:
        return bool(self.requests_per_second or self.bytes_per_second)


@dataclass(frozen=True)
class State:
    """What the file says."""

    said: Rates = Rates()
    #: moments of the machine's own clock until which requests and bytes are taken
    requests: float = 0.0
    bytes: float = 0.0
    #: which start of the machine that clock counts from
    boot: str = ""
    #: rises whenever something else is said: what was owed until then is forgiven
    number: int = 0


def taken(state: State, rates: Rates, now: float, requests: int, size: int) -> tuple[State, float]:
    """What is owed then, and the seconds to wait before these may go."""
    wait, found = 0.0, state
    for name, rate, amount in (
        ("requests", rates.requests_per_second, requests),
        ("bytes", rates.bytes_per_second, size),
    ):
        if rate and amount:
            start = max(now, getattr(state, name))
            found = replace(found, **{name: start + amount / rate})
            wait = max(wait, start - now)
    return found, wait


class Limit:
    """What is asked before each request with 1 and its bytes; returns when it may go."""

    def __init__(
        self,
        file: Path,
        own: Rates,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file, self._own = file, own
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._state = State()
        self._looked = -REFRESH

    def __call__(self, requests: int, size: int) -> None:
        with self._lock:
            if self._clock() - self._looked >= REFRESH:
                self._look()
            if not self._rates.limits:
                return
            wait, number = self._take(requests, size), self._state.number
        while wait > 0:
            nap = min(wait, REFRESH)
            self._sleep(nap)
            wait -= nap
            with self._lock:
                if wait > 0 and self._clock() - self._looked >= REFRESH:
                    self._look()
                if self._state.number != number:
                    return

    @property
    def _rates(self) -> Rates:
        return self._state.said.over(self._own)

    def _look(self) -> None:
        """A server without limits costs no more than to ask for a file that is not there."""
        self._looked = self._clock()
        with suppress(OSError):
            self._state = read(self._file) or (self._state if self._own.limits else State())

    def _take(self, requests: int, size: int) -> float:
        now = self._clock()
        try:
            with held(self._file) as (state, write):
                self._state, wait = taken(state, state.said.over(self._own), now, requests, size)
                write(self._state)
        except OSError:
            self._state, wait = taken(self._state, self._rates, now, requests, size)
        return wait


def say(file: Path, said: Rates) -> None:
    """From now on; OSError where the file cannot be written."""
    with held(file) as (state, write):
        write(State(said, boot=state.boot, number=state.number + 1))


def read(file: Path) -> State | None:
    """None where there is no file yet."""
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH)
            return _read(opened.read())
    except FileNotFoundError:
        return None


def file_of(server: str, environment: Mapping[str, str]) -> Path:
    """That of a server, by the name of its variables (`OLD_FILES`)."""
    home = environment.get("DAGSTER_HOME")
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(home) if home else Path(tempfile.gettempdir()) / f"migration-assets-{user}"
    return folder / f"limits-{server.lower()}.json"


@contextmanager
def held(file: Path) -> Generator[tuple[State, Callable[[State], None]]]:
    """What the file says, against all others, and what writes it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield _read(opened.read()), lambda state: _write(opened, state)


def _read(text: bytes) -> State:
    """Damaged, as by a full disk: nothing is owed, and nothing said. After a start of the machine, nothing
    is owed."""
    try:
        found: dict[str, Any] = json.loads(text)
        found["said"] = Rates(**found["said"])
        state = State(**found)
    except (ValueError, TypeError, KeyError):
        state = State()
    boot = _boot()
    return state if state.boot == boot else State(state.said, boot=boot, number=state.number)


def _write(opened: FileIO, state: State) -> None:
    """In one piece that is always as long: who is killed here leaves what was there, or this."""
    os.pwrite(opened.fileno(), json.dumps(asdict(state)).encode().ljust(LENGTH), 0)


@cache
def _boot() -> str:
    with suppress(OSError):
        return _BOOT.read_text().strip()
    return ""
