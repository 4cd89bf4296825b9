"""CPU seconds of a command and of every process that it starts, by the operating system's account (Linux).

`wait4` leaves out what nobody waits for, as Dagster's code server; so all processes of the command's own
session are looked at, many times a second.
"""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: seconds between two looks; what a process does after the last one is lost
BETWEEN = 0.05
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    command: str
    cpu_s: float


@dataclass(frozen=True)
class Cost:
    """What a command cost, and what each of its processes did."""

    wall_s: float
    cpu_s: float
    exit_code: int
    processes: tuple[Process, ...]

    @property
    def runs(self) -> tuple[Process, ...]:
        """The processes of Dagster's runs."""
        return tuple(process for process in self.processes if "spawn_main" in process.command)


class Watched:
    """A command that is started in a session of its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], out: IO[str] | int) -> None:
        self._started = time.monotonic()
        self._seen: dict[int, Process] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self.process = subprocess.Popen(
            command, env=dict(environment), stdout=out, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._thread.start()

    def cost(self) -> Cost:
        """Waits for the end of the command."""
        code = self.process.wait()
        wall = time.monotonic() - self._started
        self._end.set()
        self._thread.join()
        return Cost(round(wall, 2), self.cpu_s, code, self.processes)

    @property
    def processes(self) -> tuple[Process, ...]:
        return tuple(self._seen.values())

    @property
    def cpu_s(self) -> float:
        """Up to now."""
        return round(sum(process.cpu_s for process in self.processes), 2)

    def _go_on(self) -> None:
        while not self._end.is_set():
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit():
                    self._look(folder)
            self._end.wait(BETWEEN)

    def _look(self, folder: Path) -> None:
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != self.process.pid:
                return
            command = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return
        known = self._seen.get(int(folder.name))
        cpu = (int(fields[11]) + int(fields[12])) / _TICK
        self._seen[int(folder.name)] = Process(command or (known.command if known else ""), cpu)
