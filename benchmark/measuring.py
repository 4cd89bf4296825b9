"""One process with all that it starts: wall seconds, CPU seconds, and its most memory at one time."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: seconds between two looks at the memory; fewer at first
PAUSE, FIRST = 0.05, 0.005
#: the exit code of what was ended because it took too long
TOO_LONG = -9999


@dataclass(frozen=True)
class Command:
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    seconds: float
    #: user and system time of the process and of its descendants that were waited for
    cpu: float
    #: MB (10^6 bytes) of all its processes together, memory that they share counted once; None where
    #: the system does not tell
    peak_mb: float | None
    exit_code: int


def measured(command: Command, log: Path, limit: float) -> Measured:
    """Runs it in a group of its own, its output in `log`; ended after `limit` seconds."""
    with log.open("wb") as out:
        started = time.monotonic()
        process = subprocess.Popen(
            command.arguments,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ended = threading.Event()
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process.pid, ended, started + limit, peak))
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
        finally:
            _end(process.pid)
            ended.set()
            watch.join()
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    late = seconds > limit and code < 0
    return Measured(seconds, usage.ru_utime + usage.ru_stime, peak[0] or None, TOO_LONG if late else code)


def _watch(pid: int, ended: threading.Event, until: float, peak: list[float]) -> None:
    """Keeps the most memory that was seen; ends the group when its time is over."""
    pause = FIRST
    while not ended.wait(pause):
        peak[0] = max(peak[0], memory(pid) / 1e6)
        if time.monotonic() > until:
            _end(pid)
        pause = min(2 * pause, PAUSE)


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def memory(pid: int) -> float:
    """Bytes of a process and its descendants now; 0 without /proc.

    What they share is counted once: pages of their own by each one's part in them, pages of files once
    for each program.
    """
    own, files = 0.0, dict[str, float]()
    for each in _tree(pid):
        looked = _of_one(each)
        if looked is not None:
            program, anonymous, mapped = looked
            own += anonymous
            files[program] = max(files.get(program, 0.0), mapped)
    return own + sum(files.values())


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _tree(child)


def _of_one(pid: int) -> tuple[str, float, float] | None:
    """Its program, its part in anonymous pages, and its pages of files, in bytes."""
    try:
        program = os.readlink(f"/proc/{pid}/exe")
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    kb = {name: float(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    mapped = kb.get("Rss", 0.0) - kb.get("Anonymous", 0.0)
    return program, kb.get("Pss_Anon", kb.get("Anonymous", 0.0)) * 1024, mapped * 1024
