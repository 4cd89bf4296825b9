"""A file on this machine that no name leads to: whatever ends its process, nothing of it is left."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from migration_assets.errors import Passing


class Scratch:
    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle

    def write(self, data: bytes) -> None:
        with on_disk():
            self._handle.write(data)

    def written(self) -> BinaryIO:
        """The file with all that was written in it."""
        with on_disk():
            self._handle.flush()
        return self._handle


@contextmanager
def scratch(folder: Path | None = None) -> Generator[Scratch]:
    """In that folder, else where this machine keeps its temporary files."""
    with on_disk():
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    try:
        yield Scratch(handle)
    finally:
        with suppress(OSError):
            handle.close()


@contextmanager
def on_disk() -> Generator[None]:
    """An error of this machine's disk becomes ours."""
    try:
        yield
    except OSError as error:
        raise Passing(
            f"The staging folder cannot be written ({error.strerror}); the target is unchanged.",
            advice="Free some space or set MIGRATION_STAGING to another folder, then run again.",
        ) from None
