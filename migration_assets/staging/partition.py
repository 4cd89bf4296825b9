"""The staged sets of one partition: which of them is taken, and how its rows are proven while they are read.

Nothing is read that has no manifest, and a manifest comes last, so that a set without one is what a dead
run left.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from migration_assets.errors import Passing, StagingRefused
from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.staging.place import Place, Root, Rows, slug
from migration_assets.staging.scratch import Scratch

ROWS = "rows.copy"
MANIFEST = "manifest.json"

_AGAIN = "Materialize `extracted` of this partition again."


@dataclass(frozen=True)
class StagedSet:
    """What one run staged of one partition for one generation."""

    place: Place
    name: str

    @property
    def generation(self) -> int:
        number = self.name.partition("-")[0]
        return int(number) if number.isdigit() else 0

    @property
    def run(self) -> str:
        return self.name.partition("-")[2]

    def rows(self, stage: str, name: str = ROWS) -> AbstractContextManager[Rows]:
        """A file for the stage's rows, in place only once it is whole."""
        return self.place.writing(f"{self.name}/{stage}/{name}")

    def scratch(self) -> AbstractContextManager[Scratch]:
        """A file for this process alone."""
        return self.place.scratch()

    def seal(self, manifest: Manifest) -> None:
        """Writes the stage's manifest; from now on the stage exists."""
        self.place.put(f"{self.name}/{manifest.stage}/{MANIFEST}", manifest.to_json())

    def manifest(self, stage: str) -> Manifest | None:
        """The stage's manifest, None where the stage was never finished."""
        path = f"{self.name}/{stage}/{MANIFEST}"
        text = self.place.text(path)
        if text is None:
            return None
        try:
            return Manifest.from_json(text, path)
        except StagingRefused:
            again = self.place.text(path)
            if again is None or again == text:
                raise
            return Manifest.from_json(again, path)  # it was changed on its way here, or just replaced


@dataclass(frozen=True)
class StagedPartition:
    """All staged sets of one partition."""

    place: Place
    contract: str
    partition: str

    def begin(self, generation: int, run_id: str) -> StagedSet:
        """The set of this run for this generation, emptied of what an earlier attempt left."""
        name = f"{generation:08d}-{slug(run_id)}"
        self.place.begin(name)
        return StagedSet(self.place, name)

    def sets(self) -> list[StagedSet]:
        """Newest generation first; of equal ones, the one begun last."""
        found = [StagedSet(self.place, name) for name in self.place.names() if "-" in name]
        return sorted(found, key=lambda staged: staged.generation, reverse=True)

    def of_run(self, run_id: str) -> StagedSet | None:
        return next((each for each in self.sets() if each.run == slug(run_id)), None)

    def named(self, name: str) -> StagedSet:
        return StagedSet(self.place, name)

    def newest(self, stage: str, run_id: str) -> tuple[StagedSet, Manifest]:
        """This run's set, else the newest one, whose stage is finished; StagingRefused if none."""
        sets = self.sets()
        for staged in sorted(sets, key=lambda each: each.run != slug(run_id)):
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
                advice=_AGAIN,
            )

    def read(self, manifest: Manifest, piece: int = 1 << 20) -> Iterator[bytes]:
        """The manifest's rows in pieces of whole lines; StagingRefused at the end when the bytes
        are not those that were written, so nobody may keep what was read before the end is reached.
        """
        for file in manifest.files:
            yield from self.read_file(file, piece)

    def read_file(self, file: StagedFile, piece: int = 1 << 20) -> Iterator[bytes]:
        """One file, likewise; Passing when only what came of this reading is not what was written."""
        digest, size, rest = hashlib.sha256(), 0, b""
        for data in self.place.pieces(file, piece):
            digest.update(data)
            size += len(data)
            cut = data.rfind(b"\n") + 1
            if cut:
                yield rest + data[:cut]
                rest = data[cut:]
            else:
                rest += data
        if rest or size != file.size or digest.hexdigest() != file.sha256:
            raise self._refused(file)

    def _refused(self, file: StagedFile) -> Passing | StagingRefused:
        if self.place.changed_on_its_way(file):
            return Passing(
                f"The staged file {file.path} of {self.contract} was changed on its way here; the target is "
                "unchanged.",
                advice="Run the same command again.",
            )
        return damaged(file, self.contract)

    def prune(self, keep: Sequence[str], below: int) -> None:
        """Removes the sets of generations up to `below` that are not named in `keep`."""
        names = dict.fromkeys([*self.place.names(), *self.place.unfinished()])
        for staged in (StagedSet(self.place, name) for name in names if "-" in name):
            if staged.generation <= below and staged.name not in keep:
                self.place.remove(staged.name)


def damaged(file: StagedFile, contract: str) -> StagingRefused:
    return StagingRefused(
        f"The staged file {file.path} of {contract} is missing or not what was written "
        "(its sha256 differs); the target is unchanged.",
        advice=_AGAIN,
    )


@dataclass(frozen=True)
class Staging:
    """Everything that is staged, below one root."""

    root: Root

    def partition(self, contract: str, partition: str) -> StagedPartition:
        return StagedPartition(self.root.place(contract, partition), contract, partition)
