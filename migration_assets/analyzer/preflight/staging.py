"""The staging: whether it can be written to, and how much room it has."""

import os
import shutil
import tempfile
from pathlib import Path

from migration_assets.analyzer.preflight.finding import Finding


def written(folder: Path) -> Finding:
    """Writes a file there and removes it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="probe-") as file:
            file.write(b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return Finding(
            "writable",
            "staging",
            False,
            True,
            f"{folder} cannot be written to: {reason}",
            "Set MIGRATION_STAGING to a folder of this user's.",
        )
    return Finding("writable", "staging", True, True, f"{folder}")


def free(folder: Path) -> int | None:
    """Bytes that are free there, or where it would be made."""
    there = next((each for each in (folder, *folder.absolute().parents) if each.is_dir()), None)
    try:
        return shutil.disk_usage(there).free if there else None
    except OSError:
        return None
