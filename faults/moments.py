"""Moments inside the engine: the n-th time that a stage reaches out, to a database or to a file.

Counted by Python's own profiling hook, so that a seed leads to the same line again, whatever the
machine is doing meanwhile. The engine knows nothing of it.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Literal

Act = Literal["kill", "stop", "count"]

#: functions of the operating system that leave something behind, or take it away
_SYSTEM = frozenset(
    {"open", "rename", "replace", "fsync", "unlink", "mkdir", "rmdir", "close", "chmod", "link"}
)
_FILE = frozenset({"write", "flush", "close", "read"})
_DATABASE = frozenset(
    {"execute", "copy_expert", "commit", "rollback", "close", "cursor", "fetchone", "fetchall", "set_session"}
)
_SOCKET = frozenset({"sendall", "recv_into", "connect", "shutdown"})


def reaches_out(function: Any) -> bool:
    """Whether a call of this built-in function is seen outside of the process."""
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None) or type(owner).__module__
    if module == "posix":
        return name in _SYSTEM
    if module == "_io":
        return name in _FILE or name == "open"
    if module == "_socket":
        return name in _SOCKET
    if "psycopg2" in module or "duckdb" in module:
        return name in _DATABASE
    return False


class Moment:
    """Counts; does its act at the n-th time, before the call or after it."""

    def __init__(self, at: int, act: Act, *, after: bool) -> None:
        self.count = 0
        self.name = ""
        self._at = at
        self._act = act
        self._event = "c_return" if after else "c_call"
        self._waiting: Callable[[str], None] = lambda _: None

    def watch(self, tell: Callable[[str], None]) -> None:
        self._waiting = tell
        sys.setprofile(self._called)

    def stop(self) -> None:
        sys.setprofile(None)

    def _called(self, _frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and reaches_out(function):
            self.count += 1
            if self.count == self._at and self._event == "c_call":
                self._come(function)
        elif event != "c_call" and self._ends(event) and reaches_out(function):
            self._event = ""
            self._come(function)

    def _ends(self, event: str) -> bool:
        """Whether the call that is waited for may have come to its end."""
        ended = event in ("c_return", "c_exception")
        return ended and self._event == "c_return" and self.count == self._at

    def _come(self, function: Any) -> None:
        if self._act == "count":
            return
        sys.setprofile(None)
        self._waiting(function.__name__)
        if self._act == "kill":
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGSTOP)
