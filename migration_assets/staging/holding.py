"""Holding: a place for one run at a time; whoever dies holds nothing.

In a folder the system takes a dead process's lock away. In S3 a run says every few seconds that it is still
there, and one that says nothing for a minute is taken for dead, by the clock of the run that waits.
"""

import fcntl
import json
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from migration_assets.errors import MigrationError
from migration_assets.staging.objects import Objects
from migration_assets.staging.scratch import on_disk

NAME = "at_work"
#: seconds between two signs of life, and after which none is waited for
SIGN, DEAD = 10.0, 60.0


class Holding(Protocol):
    # the run that has the place; empty: it is ours from now on
    def taken(self) -> str: ...

    # whether it still is; only somebody who took this run for dead can have taken it
    def ours(self) -> bool: ...

    def release(self) -> None: ...


class FolderHolding:
    """A lock of the system on a file."""

    def __init__(self, folder: Path, run: str) -> None:
        self._file, self._run = folder / NAME, run
        self._handle: int | None = None

    def taken(self) -> str:
        with on_disk():
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                who = os.pread(handle, 1000, 0).decode("utf-8", "replace")
                os.close(handle)
                return who or "another run"
            os.truncate(handle, 0)
            os.pwrite(handle, self._run.encode(), 0)
        self._handle = handle
        return ""

    def ours(self) -> bool:
        return self._handle is not None

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class ObjectHolding:
    """An object that is written only by whoever has read it last."""

    def __init__(self, objects: Objects, run: str) -> None:
        self._objects, self._run = objects, run
        self._token = secrets.token_hex(8)
        self._signs = 0
        #: the tag of what was written last; None: it is not ours
        self._tag: str | None = None
        #: what others had written, and since when it is the same
        self._seen: tuple[str, float] = ("", 0.0)
        self._stop = threading.Event()
        self._alive = threading.Thread(target=self._sign, name="at-work", daemon=True)

    def taken(self) -> str:
        there = self._objects.text_and_tag(NAME)
        if there is not None and (who := _holder(there[0])) and not self._is_dead(there[1]):
            return who
        self._tag = self._objects.swap(NAME, self._text(), there[1] if there else None)
        if self._tag is None:
            return "another run"
        self._alive.start()
        return ""

    def ours(self) -> bool:
        return self._tag is not None

    def release(self) -> None:
        self._stop.set()
        if self._alive.is_alive():
            self._alive.join()
        tag, self._tag, self._run = self._tag, None, ""
        if tag is not None:
            with suppress(MigrationError):  # then it is waited for as for a dead one
                self._objects.swap(NAME, self._text(), tag)

    def _is_dead(self, tag: str) -> bool:
        now = time.monotonic()
        if self._seen[0] != tag:
            self._seen = (tag, now)
        return now - self._seen[1] > DEAD

    def _sign(self) -> None:
        """What cannot be said now is said the next time, before anybody gives this run up."""
        since = time.monotonic()
        while not self._stop.wait(SIGN) and self._tag is not None:
            try:
                self._tag = self._objects.swap(NAME, self._text(), self._tag)
                since = time.monotonic()
            except MigrationError:
                if time.monotonic() - since > DEAD - SIGN:
                    self._tag = None

    def _text(self) -> str:
        """Never the same twice, so that neither is its tag."""
        self._signs += 1
        return json.dumps({"run": self._run, "by": self._token, "sign": self._signs})


def _holder(text: str) -> str:
    """Empty where it was released, or is nothing that a run has written."""
    try:
        said = json.loads(text)
        return str(said["run"])
    except (ValueError, KeyError, TypeError):
        return ""
