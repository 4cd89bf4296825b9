"""Where workers come from: one process that has imported the engine, and forks a worker for each job."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from faults.job import Job, Told, read_told

#: seconds in which a worker has to be there; the first one waits for all imports
BIRTH = 120.0


@dataclass
class Worker:
    """A process of its own, the leader of its group."""

    job: Job
    pid: int = 0
    started: float = field(default_factory=time.monotonic)
    #: negative: ended by that signal
    status: int | None = None
    ended: float = 0.0
    _born: threading.Event = field(default_factory=threading.Event)
    _dead: threading.Event = field(default_factory=threading.Event)

    def told(self) -> list[Told]:
        try:
            return read_told(Path(self.job.told).read_text())
        except FileNotFoundError:
            return []

    def failures(self) -> list[str]:
        return [told.text for told in self.told() if told.event == "result" and told.text]

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within that time."""
        return self._dead.wait(max(0.0, seconds))

    def await_told(self, seconds: float, partition: str, stage: str, event: str = "begin") -> bool:
        """Whether it says so within that time, before it ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            dead = self._dead.is_set()
            if any((t.partition, t.stage, t.event) == (partition, stage, event) for t in self.told()):
                return True
            if dead:
                return False
            time.sleep(0.002)
        return False

    def await_stopped(self, seconds: float) -> bool:
        """Whether it stands still within that time; False, too, where it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._dead.is_set():
            if stopped(self.pid):
                return True
            time.sleep(0.002)
        return False

    def signal(self, number: signal.Signals, *, group: bool = True) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number) if group else os.kill(self.pid, number)

    def kill(self, *, group: bool = True) -> None:
        self.signal(signal.SIGKILL, group=group)

    def place(self) -> str:
        """The innermost functions that it is in, as it says itself."""
        self.signal(signal.SIGUSR1, group=False)
        time.sleep(0.5)
        lines = re.findall(r'File "[^"]*?([^/"]+)", line (\d+) in (\w+)', Path(self.job.log).read_text())
        return (
            ", ".join(f"{name} of {file}:{line}" for file, line, name in lines[:6]) or "nothing of Python's"
        )

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.started


def stopped(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state in "Tt"


def group_lives(pid: int) -> bool:
    """Whether a process of that group is still there; one that has ended and is not yet buried is not."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                state, _, group = (place / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == pid and state not in "ZX":
                    return True
    return False


class Nursery:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._lock = threading.Lock()
        self._jobs: dict[int, Worker] = {}
        self._number = 0
        self._workers: dict[int, Worker] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def start(self, job: Job) -> Worker:
        worker = Worker(job)
        with self._lock:
            self._number += 1
            self._jobs[self._number] = worker
            line = json.dumps({"job": self._number, "what": job.to_json()})
            assert self._process.stdin is not None
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        if not worker._born.wait(BIRTH):  # pyright: ignore[reportPrivateUsage]
            raise RuntimeError(f"No worker came; the nursery ended with {self._process.poll()}.")
        return worker

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "job" in said:
                worker = self._jobs.pop(said["job"])
                worker.pid = said["pid"]
                self._workers[worker.pid] = worker
                worker._born.set()  # pyright: ignore[reportPrivateUsage]
                continue
            worker = self._workers.pop(said["pid"], None)
            if worker is not None:
                worker.status, worker.ended = said["status"], time.monotonic()
                worker._dead.set()  # pyright: ignore[reportPrivateUsage]


@contextmanager
def nursery(log: Path) -> Generator[Nursery]:
    """Open until the end; its workers that are still there are killed with it."""
    # the working folder is not the project's: a worker finds what it needs by what it is told
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "faults.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
    opened = Nursery(process)
    try:
        yield opened
    finally:
        for worker in list(opened._workers.values()):  # pyright: ignore[reportPrivateUsage]
            worker.kill()
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
