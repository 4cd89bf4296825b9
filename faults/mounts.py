"""Small disks: file systems in memory, which only root may mount, and which can be filled to the brim."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

FILLER = "filler"


@cache
def missing() -> str:
    """Why there can be none; empty where there can."""
    if os.geteuid() != 0:
        return "only root may mount a small disk"
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
        )
        if done.returncode:
            return "no file system can be mounted here"
        subprocess.run(["umount", folder], check=True)
    return ""


@contextmanager
def small_disk(folder: Path, size: str) -> Generator[Path]:
    """A disk of that size at that folder, where there can be one; else the folder as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if missing():
        yield folder
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill(folder: Path, left: int) -> None:
    """Leaves so many bytes free."""
    free = shutil.disk_usage(folder).free
    with (folder / FILLER).open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - left))


def empty(folder: Path) -> None:
    (folder / FILLER).unlink(missing_ok=True)
