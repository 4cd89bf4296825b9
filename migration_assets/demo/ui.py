"""The Dagster UI on the demo's world, in the foreground until it is interrupted."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

HOST, PORT = "127.0.0.1", 3000
ADDRESS = f"http://{HOST}:{PORT}"


def serve(root: Path, environment: Mapping[str, str]) -> int:
    """Runs `dagster dev` until Ctrl-C or a signal to end; its exit code, 0 when it was asked to end."""
    command = [sys.executable, "-m", "dagster", "dev", "--host", HOST, "--port", str(PORT)]
    before = signal.signal(signal.SIGTERM, _interrupt)
    process = subprocess.Popen(command, cwd=root, env=dict(environment))
    try:
        return process.wait()
    except KeyboardInterrupt:
        return _ended(process)
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Waits for the end that Ctrl-C on a terminal has already asked for, or asks for it."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
