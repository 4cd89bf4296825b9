"""A folder of wave files."""

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from migration_assets.errors import MigrationError, Passing
from migration_assets.waves.places.base import Document

ENDINGS = (".yaml", ".yml")
_LOCK = ".lock"


class Folder:
    """Hidden files and folders within it are not looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def documents(self) -> Iterator[Document]:
        for name in self._names():
            path = self.path / name
            try:
                text = path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as fault:
                raise MigrationError(
                    f"The wave file {path} cannot be read ({fault.strerror}).",
                    advice="Correct its rights, then run `migrate contracts check`.",
                ) from None
            yield Document(name, text, str(path), _token(text))

    def put(self, name: str, text: bytes, expected: str | None) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / name
        with self._alone():
            found = _token(path.read_bytes()) if path.exists() else None
            if found != expected:
                raise Passing(
                    f"The wave file {path} is another one than it was.", advice="Read it again, then retry."
                )
            with tempfile.NamedTemporaryFile(dir=self.path, prefix=".", delete=False) as aside:
                aside.write(text)
                aside.flush()
                os.fsync(aside.fileno())
            os.chmod(aside.name, 0o644)
            os.replace(aside.name, path)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.path) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if entry.name.endswith(ENDINGS) and not entry.name.startswith(".") and entry.is_file()
                )
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise MigrationError(
                f"The folder of waves {self.path} cannot be read ({fault.strerror}).",
                advice="Correct its rights, or name another one in `MIGRATION_WAVES`.",
            ) from None

    @contextmanager
    def _alone(self) -> Generator[None]:
        """No other process writes here meanwhile."""
        with open(self.path / _LOCK, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _token(text: bytes) -> str:
    return sha256(text).hexdigest()
