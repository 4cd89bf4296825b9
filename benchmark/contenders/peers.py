"""What peers have in common: programs of their own environment, and a file that tells what to do."""

import json
import os
from pathlib import Path

from benchmark.task import Task

#: pip's requirements of the peers' environment
REQUIREMENTS = Path(__file__).parent.parent / "peers.txt"


def script(name: str) -> str:
    return str(Path(__file__).parent.parent / "programs" / f"{name}.py")


def python(peers: Path) -> Path:
    return peers / "bin" / "python"


def installed(peers: Path, package: str) -> str:
    """Why a package's peer is absent, empty where it is there."""
    found = list(peers.glob(f"lib/python*/site-packages/{package}"))
    return "" if found else "not installed; `make bench-peers` installs it"


def told(task: Task, what: dict[str, str]) -> str:
    """The file that says what to do, readable by its owner alone: URLs may hold a password."""
    file = task.folder / "task.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(what, out)
    return str(file)
