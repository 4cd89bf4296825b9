"""Staged sets in a folder: `<contract>/<partition>/<generation>-<run>/<stage>/`.

Files are written aside, synced, then renamed; the manifest comes last. A set without a manifest is
what a dead run left, and nothing reads it.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from migration_assets.errors import Passing, StagingRefused
from migration_assets.staging.manifest import Manifest, StagedFile

ROWS = "rows.copy"
MANIFEST = "manifest.json"


class RowsFile:
    """A file of rows while it is written: counts bytes and hashes them."""

    def __init__(self, handle: BinaryIO, path: str) -> None:
        self._handle = handle
        self._path = path
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, lines: bytes) -> None:
        self._hash.update(lines)
        self.size += len(lines)
        try:
            self._handle.write(lines)
        except OSError as error:
            raise _full(error) from None

    def staged(self) -> StagedFile:
        """What was written, for the manifest."""
        return StagedFile(self._path, self.size, self._hash.hexdigest())


@dataclass(frozen=True)
class StagedSet:
    """What one run staged of one partition for one generation."""

    folder: Path
    generation: int
    run: str

    @property
    def name(self) -> str:
        return self.folder.name

    @contextmanager
    def rows(self, stage: str, name: str = ROWS) -> Generator[RowsFile]:
        """A file for the stage's rows, in place only once it is whole and on disk."""
        place = self.folder / stage / name
        aside = place.with_name(f"{name}.part")
        try:
            _make(place.parent)
            handle = os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        except OSError as error:
            raise _full(error) from None
        try:
            with handle:
                rows = RowsFile(handle, f"{self.name}/{stage}/{name}")
                yield rows
                handle.flush()
                os.fsync(handle.fileno())
            aside.rename(place)
        except OSError as error:
            raise _full(error) from None
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def seal(self, manifest: Manifest) -> None:
        """Writes the stage's manifest; from now on the stage exists."""
        place = self.folder / manifest.stage / MANIFEST
        aside = place.with_suffix(".part")
        try:
            _make(place.parent)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
                handle.write(manifest.to_json())
                handle.flush()
                os.fsync(handle.fileno())
            aside.rename(place)
            folder = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _full(error) from None

    def manifest(self, stage: str) -> Manifest | None:
        """The stage's manifest, None where the stage was never finished."""
        place = self.folder / stage / MANIFEST
        try:
            text = place.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        return Manifest.from_json(text, f"{self.name}/{stage}/{MANIFEST}")


@dataclass(frozen=True)
class PartitionFolder:
    """All staged sets of one partition."""

    folder: Path
    contract: str
    partition: str

    def begin(self, generation: int, run_id: str) -> StagedSet:
        """The set of this run for this generation, emptied of what an earlier attempt left."""
        staged = self._set(f"{generation:08d}-{_slug(run_id)}")
        shutil.rmtree(staged.folder, ignore_errors=True)
        return staged

    def sets(self) -> list[StagedSet]:
        """Newest generation first; of equal ones, the one begun last."""
        if not self.folder.is_dir():
            return []
        found = [self._set(p.name) for p in self.folder.iterdir() if p.is_dir() and "-" in p.name]
        return sorted(found, key=lambda s: (s.generation, s.folder.stat().st_mtime_ns), reverse=True)

    def of_run(self, run_id: str) -> StagedSet | None:
        return next((s for s in self.sets() if s.run == _slug(run_id)), None)

    def named(self, name: str) -> StagedSet:
        return self._set(name)

    def newest(self, stage: str, run_id: str) -> tuple[StagedSet, Manifest]:
        """This run's set, else the newest one, whose stage is finished; StagingRefused if none."""
        own = self.of_run(run_id)
        for staged in ([own] if own else []) + self.sets():
            manifest = staged.manifest(stage)
            if manifest is not None:
                self.check(manifest, staged, stage)
                return staged, manifest
        raise StagingRefused(
            f"Nothing is staged at `{stage}` for partition {self.partition} of {self.contract}.",
            advice=f"Materialize `{stage}` of this partition first.",
        )

    def check(self, manifest: Manifest, staged: StagedSet, stage: str) -> None:
        """Refuses a manifest that is another partition's, stage's or generation's."""
        said = (manifest.contract, manifest.partition, manifest.stage, manifest.generation)
        if said != (self.contract, self.partition, stage, staged.generation):
            raise StagingRefused(
                f"The files staged at {staged.name}/{stage} of {self.contract} are those of another "
                "partition; the target is unchanged.",
                advice="Materialize `extracted` of this partition again.",
            )

    def read(self, manifest: Manifest, piece: int = 1 << 20) -> Iterator[bytes]:
        """The manifest's rows in pieces of whole lines; StagingRefused at the end when the bytes
        are not those that were written, so nobody may keep what was read before the end is reached.
        """
        for file in manifest.files:
            yield from self.read_file(file, piece)

    def read_file(self, file: StagedFile, piece: int = 1 << 20) -> Iterator[bytes]:
        """One file, likewise."""
        digest, rest = hashlib.sha256(), b""
        try:
            with (self.folder / file.path).open("rb") as handle:
                while data := handle.read(piece):
                    digest.update(data)
                    cut = data.rfind(b"\n") + 1
                    if cut:
                        yield rest + data[:cut]
                        rest = data[cut:]
                    else:
                        rest += data
        except FileNotFoundError:
            raise self._damaged(file) from None
        if rest or digest.hexdigest() != file.sha256:
            raise self._damaged(file)

    def _damaged(self, file: StagedFile) -> StagingRefused:
        return StagingRefused(
            f"The staged file {file.path} of {self.contract} is missing or not what was written "
            "(its sha256 differs); the target is unchanged.",
            advice="Materialize `extracted` of this partition again.",
        )

    def prune(self, keep: Sequence[str], below: int) -> None:
        """Removes the sets of generations up to `below` that are not named in `keep`."""
        for staged in self.sets():
            if staged.generation <= below and staged.name not in keep:
                shutil.rmtree(staged.folder, ignore_errors=True)

    def _set(self, name: str) -> StagedSet:
        generation, _, run = name.partition("-")
        return StagedSet(self.folder / name, int(generation) if generation.isdigit() else 0, run)


@dataclass(frozen=True)
class Staging:
    """The root of all staged files."""

    root: Path

    def partition(self, contract: str, partition: str) -> PartitionFolder:
        return PartitionFolder(self.root / _slug(contract) / _slug(partition), contract, partition)


def _slug(text: str) -> str:
    """A name that is safe on any file system and one-to-one with the text."""
    if re.fullmatch(r"[a-z0-9_-]{1,60}", text):
        return text
    plain = re.sub(r"[^a-z0-9_]+", "_", text.lower())[:40]
    return f"{plain}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _full(error: OSError) -> Passing:
    return Passing(
        f"The staging folder cannot be written ({error.strerror}); the target is unchanged.",
        advice="Free some space or set MIGRATION_STAGING to another folder, then run again.",
    )
