"""The Dagster UI on the demo's world, in the foreground until it is interrupted."""

import signal
import subprocess
import sys
from pathlib import Path

HOST, PORT = "127.0.0.1", 3000
ADDRESS = f"http://{HOST}:{PORT}"


def serve(root: Path) -> int:
    """Runs `dagster dev` until Ctrl-C; its exit code, 0 when it was asked to end."""
    command = [sys.executable, "-m", "dagster", "dev", "--host", HOST, "--port", str(PORT)]
    process = subprocess.Popen(command, cwd=root)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Waits for the end that Ctrl-C on a terminal has asked for too, so that no server stays behind."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        except KeyboardInterrupt:
            continue
