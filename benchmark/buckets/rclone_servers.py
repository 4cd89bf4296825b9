"""Two servers of `rclone serve s3`, where Ceph's gateway is not installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmark.buckets.servers import KEY, SECRET, Pair, Store

SECONDS = 20


def program(peers: Path) -> str | None:
    """rclone among the peers, else on the PATH."""
    beside = peers / "bin" / "rclone"
    return str(beside) if beside.exists() else shutil.which("rclone")


@contextmanager
def running(folder: Path, rclone: str) -> Generator[Pair]:
    """Source and target, each with a folder of its own; empty, and gone at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as processes:
        one, two = (_served(processes, folder / name, rclone) for name in ("source", "target"))
        yield Pair("rclone serve s3", one, two)
    shutil.rmtree(folder, ignore_errors=True)


def _served(processes: ExitStack, folder: Path, rclone: str) -> Store:
    folder.mkdir(parents=True)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [
        rclone,
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{KEY},{SECRET}",
    ]
    out = processes.enter_context(folder.with_suffix(".out").open("wb"))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    processes.callback(process.wait)
    processes.callback(process.kill)
    until = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return Store(f"http://127.0.0.1:{port}")
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
