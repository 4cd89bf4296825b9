"""Where the files of an S3 Inventory report are: in the bucket that S3 wrote it to, or in a folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration_assets.buckets.report import Files
from migration_assets.errors import PlanRefused
from migration_assets.stores import s3

_MANIFEST = "Name its `manifest.json` in `from.inventory`."


@dataclass(frozen=True)
class InBucket:
    """`key` is a key of the bucket."""

    client: Any
    bucket: str
    shown: str

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        with s3.told(self.shown):
            body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            yield from body.iter_chunks(size)


@dataclass(frozen=True)
class InFolder:
    """Beside the manifest, or in `data` beside it; of a key its name alone counts."""

    folder: Path

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        name = Path(key).name
        there = [path for path in (self.folder / name, self.folder / "data" / name) if path.is_file()]
        if not there:
            raise PlanRefused(
                f"The inventory report's file {name} is not in {self.folder}.", advice=_MANIFEST
            )
        with there[0].open("rb") as file:
            while piece := file.read(size):
                yield piece


def report_of(inventory: str, folder: Path, environment: Mapping[str, str], name: str) -> tuple[bytes, Files]:
    """The manifest and its files: `s3://bucket/…/manifest.json`, or a path from `folder` on.

    `name` leads to endpoint and account in the environment."""
    if not inventory.startswith("s3://"):
        manifest = folder / inventory
        if not manifest.is_file():
            raise PlanRefused(f"There is no inventory report {inventory}.", advice=_MANIFEST)
        return manifest.read_bytes(), InFolder(manifest.parent)
    bucket, _, key = inventory.removeprefix("s3://").partition("/")
    files = InBucket(s3.client("s3", environment, name), bucket, inventory)
    return b"".join(files.pieces(key, 1 << 20)), files
