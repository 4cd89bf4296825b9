"""The real thing: `migrate run` with a Dagster instance, its code server and its run processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from faults import home, mounts
from faults.judge import judge_run
from faults.kinds.base import told_end
from faults.nursery import group_lives
from faults.trial import Run, Trial, nap

MIGRATE = "from migration_assets.cli.main import main; main()"
#: seconds in which the processes of a dead command have to be gone
GONE = 45.0
#: seconds that one command may take, with a code server and two processes to start on a busy machine
BOUND = 300.0


class Command:
    """One `migrate run`, in a session of its own."""

    def __init__(self, trial: Trial, before: Collection[str] | None = None) -> None:
        """`before` are the runs that are there already, where they cannot be asked for now."""
        self._trial = trial
        self._log = trial.world.logs / f"migrate-{trial.number}-{len(trial.runs)}.log"
        self._out = self._log.with_suffix(".json")
        self._before = set(home.runs(trial.world) if before is None else before)
        words = ["run", trial.subject.contract, "--partitions", ",".join(trial.partitions), "--json"]
        with self._log.open("wb") as log, self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", MIGRATE, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=dict(trial.world.with_dagster()),
                start_new_session=True,
            )
        trial.logs += [str(self._log), str(self._out)]
        self._started = time.monotonic()

    def ended(self) -> Run:
        try:
            status: int | None = self.process.wait(self._trial.bound)
        except subprocess.TimeoutExpired:
            self._trial.violated("I9", f"`migrate run` was still going on after {self._trial.bound:.0f} s")
            self.kill()
            status = self.process.wait(10)
        seconds = time.monotonic() - self._started
        ours = tuple(set(home.runs(self._trial.world)) - self._before)
        return Run(ours, status, seconds, self._failures(), {})

    def _failures(self) -> list[str]:
        try:
            said = json.loads(self._out.read_text())
        except ValueError:
            return [self._log.read_text(errors="replace")[-300:]]
        failed = [
            failure for contract in said.get("contracts", ()) for failure in contract.get("failures", ())
        ]
        return [str(failure.get("reason", "")) for failure in failed] or (
            [] if said.get("verified") else [str(said)[:300]]
        )

    def kill(self, *, group: bool = True) -> None:
        with suppress(ProcessLookupError):
            if group:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()

    def runs_begun(self) -> bool:
        return bool(set(home.runs(self._trial.world)) - self._before)

    def await_gone(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not group_lives(self.process.pid):
                return True
            nap(0.1)
        return False


def _again(trial: Trial) -> None:
    def command() -> Run:
        started = Command(trial)
        run = started.ended()
        home.judge(trial, recovered=run.status == 0)
        trial.logs += [str(file) for file in trial.world.home.rglob("*") if file.is_file()]
        if not started.await_gone(10):
            trial.violated("I4", "left over: processes of `migrate run`")
            started.kill()
        return run

    trial.command = command
    trial.bound = BOUND
    trial.late_runs = lambda: home.runs(trial.world)


def run_kill_group(trial: Trial) -> str:
    return _killed(trial, group=True)


def run_kill_parent(trial: Trial) -> str:
    return _killed(trial, group=False)


def _killed(trial: Trial, *, group: bool) -> str:
    """`migrate run` alone: its code server and runs go on for a while, and may well come to their end."""
    _again(trial)
    trial.world.with_dagster()
    trial.hears = False
    late = trial.rng.uniform(0.0, 3.0)
    trial.moment = f"{late:.1f} s after its runs began"
    command = Command(trial)
    until = time.monotonic() + 30
    while time.monotonic() < until and command.process.poll() is None and not _begun(command):
        nap(0.05)
    nap(late)
    command.kill(group=group)
    left = ""
    if not group and not command.await_gone(0.2):
        left = ", the others go on"
    run = command.ended()
    judge_run(trial, run)
    home.judge(trial, recovered=False)
    # the same command at once: what the dead one has left may still be writing
    trial.late = lambda: _await_gone(trial, command)
    return f"{told_end(run.status)}{left}"


def _begun(command: Command) -> bool:
    try:
        return command.runs_begun()
    except Exception:
        # its storage is being made
        return False


def _await_gone(trial: Trial, command: Command) -> None:
    if not command.await_gone(GONE):
        trial.violated("I4", f"processes of the dead command still go on after {GONE:.0f} s")
    command.kill()


def run_disk_full(trial: Trial) -> str:
    """The disk with Dagster's own files is full: whatever it can still record must be true."""
    _again(trial)
    trial.world.with_dagster()
    trial.hears = False
    place: Path = trial.world.home
    left = trial.rng.choice((0, 4096, trial.rng.randrange(400_000)))
    trial.moment = f"{left} bytes left"
    # the instance is made while there is room, and read when there is again
    before = home.runs(trial.world)
    mounts.fill(place, left)
    command = Command(trial, before)
    try:
        command.process.wait(trial.bound)
    except subprocess.TimeoutExpired:
        trial.violated("I9", f"`migrate run` was still going on after {trial.bound:.0f} s of a full disk")
        command.kill()
    finally:
        mounts.empty(place)
    run = command.ended()
    if not command.await_gone(10):
        command.kill()
    judge_run(trial, run)
    home.judge(trial, recovered=False)
    return told_end(run.status)


def run_restart_target(trial: Trial) -> str:
    _again(trial)
    trial.world.with_dagster()
    trial.hears = False
    command = Command(trial)
    until = time.monotonic() + 30
    while time.monotonic() < until and command.process.poll() is None and not _begun(command):
        nap(0.05)
    late = trial.rng.uniform(0.0, 3.0)
    trial.moment = f"{late:.1f} s after its runs began"
    nap(late)
    trial.world.target.restart()
    run = command.ended()
    if not command.await_gone(10):
        command.kill()
    judge_run(trial, run)
    home.judge(trial, recovered=run.status == 0)
    return told_end(run.status)
