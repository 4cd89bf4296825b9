"""Staged sets in a folder: `<contract>/<partition>/<generation>-<run>/<stage>/`.

Files are written aside, synced, then renamed.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from migration_assets.errors import StagingRefused
from migration_assets.staging.holding import FolderHolding
from migration_assets.staging.manifest import StagedFile
from migration_assets.staging.partition import damaged
from migration_assets.staging.place import slug
from migration_assets.staging.scratch import Scratch, on_disk, scratch


class RowsFile:
    """A file of rows while it is written: counts bytes and hashes them."""

    def __init__(self, handle: BinaryIO, path: str) -> None:
        self._handle = handle
        self._path = path
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, lines: bytes) -> None:
        self._hash.update(lines)
        self._size += len(lines)
        with on_disk():
            self._handle.write(lines)

    def staged(self) -> StagedFile:
        return StagedFile(self._path, self._size, self._hash.hexdigest())


@dataclass(frozen=True)
class PartitionFolder:
    """The place of one partition."""

    folder: Path
    contract: str

    def names(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        begun: dict[str, int] = {}
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another run may be removing it
                if path.is_dir():
                    begun[path.name] = path.stat().st_mtime_ns
        return sorted(begun, key=lambda name: begun[name], reverse=True)

    def unfinished(self) -> list[str]:
        return []

    def files(self, name: str) -> list[str]:
        whole = (
            path for path in (self.folder / name).rglob("*") if path.suffix != ".part" and path.is_file()
        )
        return sorted(path.relative_to(self.folder).as_posix() for path in whole)

    def begin(self, name: str) -> None:
        self.remove(name)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.folder / name, ignore_errors=True)

    @contextmanager
    def writing(self, path: str) -> Generator[RowsFile]:
        with self._aside(path) as handle:
            yield RowsFile(handle, path)

    def put(self, path: str, text: str) -> None:
        with self._aside(path) as handle, on_disk():
            handle.write(text.encode())
        with on_disk():
            folder = os.open((self.folder / path).parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @contextmanager
    def _aside(self, path: str) -> Generator[BinaryIO]:
        """A file beside the one meant, which takes its name when it is on disk."""
        place = self.folder / path
        aside = place.with_name(f"{place.name}.part")
        with on_disk():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        try:
            yield handle
            with on_disk():
                handle.flush()
                os.fsync(handle.fileno())
                handle.close()
                aside.rename(place)
        finally:
            with suppress(OSError):
                handle.close()
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def text(self, path: str) -> str | None:
        try:
            return (self.folder / path).read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def pieces(self, file: StagedFile, size: int) -> Iterator[bytes]:
        try:
            with (self.folder / file.path).open("rb") as handle:
                while data := handle.read(size):
                    yield data
        except FileNotFoundError:
            raise damaged(file, self.contract) from None

    def changed_on_its_way(self, file: StagedFile) -> bool:  # noqa: ARG002
        return False

    def holding(self, run: str) -> FolderHolding:
        return FolderHolding(self.folder, run)

    def scratch(self) -> AbstractContextManager[Scratch]:
        return scratch(self.folder)


@dataclass(frozen=True)
class Folder:
    """A folder as the root of all staged sets."""

    folder: Path

    @property
    def shown(self) -> str:
        return str(self.folder)

    def place(self, contract: str, partition: str) -> PartitionFolder:
        return PartitionFolder(self.folder / slug(contract) / slug(partition), contract)

    def forget(self, contract: str) -> None:
        shutil.rmtree(self.folder / slug(contract), ignore_errors=True)

    @contextmanager
    def aside(self) -> Generator["Folder"]:
        with on_disk():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = Path(tempfile.mkdtemp(prefix="probe-", dir=self.folder))
        try:
            yield Folder(aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def try_out(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix="probe-") as file:
                file.write(b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else type(error).__name__
            raise StagingRefused(
                f"{self.folder} cannot be written to: {reason}",
                advice="Set MIGRATION_STAGING to a folder of this user's.",
            ) from None

    def free(self) -> int | None:
        """Bytes that are free there, or where it would be made."""
        there = next((each for each in (self.folder, *self.folder.absolute().parents) if each.is_dir()), None)
        try:
            return shutil.disk_usage(there).free if there else None
        except OSError:
            return None
