"""The two places where rows can be staged, and how a test reaches behind their backs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.staging.partition import StagedPartition, StagedSet, Staging
from migration_assets.staging.root import staging_of
from migration_assets_tests.s3 import Bucket

LINES = [b"1\tone\n", b"2\ttwo\n", b"3\t\\N\n"]


class World(ABC):
    """A staging, and the raw files in it by their paths below it."""

    environment: Mapping[str, str]
    #: whether it knows no finer time
    tells_seconds = False

    @property
    def staging(self) -> Staging:
        """As another person's process would open it."""
        return staging_of(self.environment)

    def partition(self, contract: str = "customers", key: str = "all") -> StagedPartition:
        return self.staging.partition(contract, key)

    @abstractmethod
    def files(self) -> list[str]: ...

    @abstractmethod
    def bytes_of(self, path: str) -> bytes: ...

    @abstractmethod
    def replace(self, path: str, content: bytes | None) -> None: ...

    def file(self, ending: str) -> str:
        (path,) = [each for each in self.files() if each.endswith(ending)]
        return path


class InFolder(World):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"MIGRATION_STAGING": str(folder)}

    def files(self) -> list[str]:
        found = [each for each in self.folder.rglob("*") if each.is_file()]
        return sorted(each.relative_to(self.folder).as_posix() for each in found)

    def bytes_of(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def replace(self, path: str, content: bytes | None) -> None:
        if content is None:
            (self.folder / path).unlink()
        else:
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)


class InBucket(World):
    tells_seconds = True

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.environment = bucket.environment

    def files(self) -> list[str]:
        uploads = [f"{key} (unfinished)" for key in self.bucket.unfinished() if key.startswith("staged/")]
        keys = [key for key in self.bucket.objects() if key.startswith("staged/")]
        return sorted(key.removeprefix("staged/") for key in [*keys, *uploads])

    def bytes_of(self, path: str) -> bytes:
        return self.bucket.client.get_object(Bucket=self.bucket.name, Key=f"staged/{path}")["Body"].read()

    def replace(self, path: str, content: bytes | None) -> None:
        place = {"Bucket": self.bucket.name, "Key": f"staged/{path}"}
        if content is None:
            self.bucket.client.delete_object(**place)
        else:
            self.bucket.client.put_object(**place, Body=content)


def manifest(
    partition: StagedPartition, staged: StagedSet, stage: str, files: Sequence[StagedFile]
) -> Manifest:
    return Manifest(
        contract=partition.contract,
        contract_version="1.0.0",
        digest="0" * 64,
        partition=partition.partition,
        generation=staged.generation,
        run_id=staged.run,
        stage=stage,
        rows=3,
        fingerprint="3:0",
        files=tuple(files),
        columns=("id", "name"),
        written_at="2026-01-01T00:00:00+00:00",
    )


def stage(
    partition: StagedPartition,
    generation: int = 1,
    run: str = "run-1",
    lines: Sequence[bytes] = LINES,
    stage: str = "extracted",
) -> Manifest:
    """A whole set with these rows."""
    staged = partition.begin(generation, run)
    return add(partition, staged, lines, stage)


def add(
    partition: StagedPartition, staged: StagedSet, lines: Sequence[bytes] = LINES, stage: str = "extracted"
) -> Manifest:
    """Another stage of a set."""
    with staged.rows(stage) as rows:
        for line in lines:
            rows.write(line)
    written = manifest(partition, staged, stage, [rows.staged()])
    staged.seal(written)
    return written
