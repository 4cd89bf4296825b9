"""The allowance, shared by all threads and processes of a machine: a small file with a lock.

Processes on other machines are seen through the answers' headers only; the reserve is for them.
"""

import fcntl
import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from pathlib import Path

from migration_assets.buckets.cloudsmith import allowance
from migration_assets.buckets.cloudsmith.address import Address
from migration_assets.buckets.cloudsmith.allowance import Allowance
from migration_assets.errors import Passing

#: seconds of one nap, after which somebody else may know more
NAP = 1.0
#: seconds that are waited where an answer says to come later and not when
LATER = 30.0

_LOG = logging.getLogger(__name__)


class Stopped(Passing):
    """The work ended while a call waited."""


class Budget:
    """Calls that may go, one after another or many at once."""

    def __init__(
        self,
        file: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file = file
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self.stop = threading.Event()
        #: seconds that threads waited, all together
        self.waited = 0.0
        #: answers 429
        self.refused = 0
        self.calls = 0

    @property
    def limit(self) -> int:
        """Calls a window, as the last answer said; 0 before there was one."""
        with self._shared() as state:
            return state.value.limit

    def take(self) -> float:
        """Returns when a call may go, with its ticket; Stopped where the work ends meanwhile."""
        told = False
        while True:
            with self._shared() as state:
                now = self._clock()
                found, wait = allowance.asked(state.value, now)
                state.value = found
                if not wait:
                    self.calls += 1
                    return now
            if wait > NAP and not told:
                told = True
                _LOG.info("Cloudsmith takes no more calls for %.0f s: waiting.", wait)
            self._nap(wait)

    def rest(self) -> None:
        """Returns when nobody is held back any more: what is no call is not counted, and waits with all."""
        while True:
            with self._shared() as state:
                wait = state.value.blocked - self._clock()
            if wait <= 0 or wait > allowance.NEVER:
                return
            self._nap(wait)

    def _nap(self, seconds: float) -> None:
        if self.stop.is_set():
            raise Stopped("The work ended while it waited for Cloudsmith.", cause="busy")
        nap = min(NAP, seconds)
        self.waited += nap
        self._sleep(nap)

    def answered(self, status: int, headers: Mapping[str, str], ticket: float) -> None:
        """To be told of every answer."""
        if status == 429:
            self.refuse(headers, ticket)
            return
        with self._shared() as state:
            now = self._clock()
            state.value = allowance.answered(state.value, now, headers, ticket, _ahead(headers, now))

    def refuse(self, headers: Mapping[str, str], ticket: float = 0.0) -> None:
        """After a 429, of the API (with its ticket) or of a host of files."""
        seconds = _seconds(headers.get("Retry-After", ""))
        with self._shared() as state:
            self.refused += 1
            state.value = allowance.refused(state.value, self._clock(), seconds, ticket)
        _LOG.warning("Cloudsmith refused a call: nobody asks for %.0f s.", seconds)

    def unanswered(self, ticket: float) -> None:
        with self._shared() as state:
            state.value = allowance.unanswered(state.value, ticket)

    @contextmanager
    def _shared(self) -> Generator["_State"]:
        """What the file says, held against all others, and written back."""
        with self._lock, open(self._file, "a+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            opened.seek(0)
            state = _State(_read(opened.read()))
            before = state.value
            yield state
            if state.value != before:
                opened.truncate(0)
                opened.write(json.dumps(asdict(state.value)).encode())
                opened.flush()


class _State:
    def __init__(self, value: Allowance) -> None:
        self.value = value


def _read(text: bytes) -> Allowance:
    """What is damaged, as by a full disk, says nothing: the next answer does."""
    try:
        said = json.loads(text)
        left = said["left"]
        return Allowance(
            None if left is None else int(left),
            int(said["limit"]),
            float(said["until"]),
            float(said["blocked"]),
            tuple(map(float, said["flying"])),
            float(said["probe"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        return Allowance()


def _seconds(retry_after: str) -> float:
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        with suppress(ValueError, TypeError):
            return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
        return LATER


def _ahead(headers: Mapping[str, str], now: float) -> float:
    """How far the server's clock is ahead; up to a second and a half is the header's own grain."""
    with suppress(ValueError, TypeError, KeyError):
        offset = parsedate_to_datetime(headers["Date"]).timestamp() - now
        return offset if abs(offset) > 1.5 else 0.0
    return 0.0


def budget_of(address: Address, environment: Mapping[str, str]) -> Budget:
    """One file an account: that of its endpoint and key, under DAGSTER_HOME where there is one."""
    home = environment.get("DAGSTER_HOME")
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(home) if home else Path(tempfile.gettempdir()) / f"migration-assets-{user}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # the key itself must not be found by trying keys
    name = hashlib.sha256(f"{address.endpoint}\0{address.api_key}".encode()).hexdigest()[:16]
    return Budget(folder / f"cloudsmith-{name}.budget")
