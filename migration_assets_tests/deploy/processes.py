"""Webserver, daemon and runs on this machine as processes of their own, with the instance of deploy/machine."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
MODULE = "migration_assets.definitions"
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Deployment:
    """What is running, and the environment that leads to it."""

    home: Path
    environment: Mapping[str, str]
    #: process ids by name
    servers: Mapping[str, int]
    address: str

    def migrate(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """A command as a user types it, from a process of its own: its exit code and its --json."""
        done = subprocess.run(
            [str(PROGRAMS / "migrate"), *arguments, "--json"],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"migrate {arguments}: {done.stdout}{done.stderr}") from None

    def asked(self, query: str) -> dict[str, object]:
        """What the webserver answers to a question of GraphQL."""
        request = urllib.request.Request(
            f"{self.address}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def configured(home: Path, runs: int) -> None:
    """A home of Dagster with the instance of deploy/machine."""
    home.mkdir(parents=True)
    said = (ROOT / "deploy" / "machine" / "dagster.yaml").read_text(encoding="utf-8")
    said = said.replace("max_concurrent_runs: 8", f"max_concurrent_runs: {runs}")
    (home / "dagster.yaml").write_text(said, encoding="utf-8")


@contextmanager
def deployed(home: Path, variables: Mapping[str, str]) -> Generator[Deployment]:
    """Starts webserver and daemon as docs/deploy.md says, and ends them with all that they started."""
    environment = {
        **os.environ,
        **variables,
        "DAGSTER_HOME": str(home),
        "DAGSTER_GRPC_TIMEOUT_SECONDS": "300",
    }
    port = _free_port()
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(_process(home, name, command, environment))
            for name, command in (
                ("daemon", [str(PROGRAMS / "dagster-daemon"), "run", "-m", MODULE]),
                (
                    "webserver",
                    [str(PROGRAMS / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), "-m", MODULE],
                ),
            )
        }
        servers = {name: process.pid for name, process in started.items()}
        deployment = Deployment(home, environment, servers, f"http://127.0.0.1:{port}")
        _until_they_serve(deployment, started)
        yield deployment


@contextmanager
def daemon(home: Path, environment: Mapping[str, str]) -> Generator["subprocess.Popen[bytes]"]:
    """Dagster's daemon alone; what it says is in `daemon.log`."""
    command = [str(PROGRAMS / "dagster-daemon"), "run", "-m", MODULE]
    with _process(home, "daemon", command, environment) as process:
        yield process


@contextmanager
def s3_process(folder: Path) -> Generator[tuple[str, int]]:
    """An S3 in a process of its own: its endpoint and its process id."""
    port = _free_port()
    command = [str(PROGRAMS / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    with _process(folder, "s3", command, os.environ) as process:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid


@contextmanager
def _process(
    home: Path, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> Generator["subprocess.Popen[bytes]"]:
    with (home / f"{name}.log").open("wb") as log:
        process = _started(command, environment, log)
        try:
            yield process
        finally:
            _end(process)


def _started(
    command: Sequence[str], environment: Mapping[str, str], log: IO[bytes]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Asks it to end, then ends the whole group: a code server would wait for nobody."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _until_they_serve(deployment: Deployment, processes: Mapping[str, "subprocess.Popen[bytes]"]) -> None:
    deadline = time.monotonic() + 120
    while True:
        for name, process in processes.items():
            assert process.poll() is None, f"{name} has ended: {deployment.log(name)}"
        try:
            found = deployment.asked(
                "{ instance { daemonHealth { allDaemonStatuses { daemonType healthy } } } }"
            )
            statuses = found["instance"]["daemonHealth"]["allDaemonStatuses"]  # type: ignore[index]
            healthy = {each["daemonType"] for each in statuses if each["healthy"]}
            if {"BACKFILL", "QUEUED_RUN_COORDINATOR"} <= healthy:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "they did not serve within two minutes"
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def seconds_of(process: int) -> float:
    """CPU seconds of a process and of all that it and its like have started."""
    ticks: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            ticks[int(stat.parent.name)] = sum(map(int, fields[11:15]))
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, ahead = 0, [process]
    while ahead:
        one = ahead.pop()
        found += ticks.get(one, 0)
        ahead += children.get(one, [])
    return found / os.sysconf("SC_CLK_TCK")


def peak_of(process: int) -> int:
    """The most memory that a process has had, in MB."""
    said = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(said[1]) // 1024 if said else 0


def contracts_copied(to: Path) -> Path:
    """The shop's contracts where their plans belong to nobody else."""
    to.mkdir(parents=True)
    for file in (ROOT / "data_contracts" / "shop").glob("*.odcs.yaml"):
        shutil.copy(file, to)
    return to
