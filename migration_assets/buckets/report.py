"""An S3 Inventory report (CSV or Parquet) in, the objects that it lists out, in the order of their keys.

Its files are fetched and proven by their MD5; their order is not promised by anybody, so they are sorted,
on disk. Keys in CSV are percent-encoded, in Parquet they are as they are.
"""

import csv
import gzip
import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote_plus

from migration_assets.buckets.model import Found
from migration_assets.buckets.sorting import Row, in_order
from migration_assets.errors import PlanRefused

#: bytes of a file that are fetched at once
PIECE = 1 << 20
#: rows of a Parquet file that are read at once
AT_ONCE = 10_000
_ADVICE = "Have S3 write another report, or take `inventory` out: the bucket is listed then."
_CSV = {
    "Key": "key",
    "Size": "size",
    "StorageClass": "storage_class",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
}


class Files(Protocol):
    """Where a report's files are."""

    # the bytes of a file, in pieces; `key` is as the manifest says it
    def pieces(self, key: str, size: int) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Manifest:
    """What a report says of itself."""

    bucket: str
    format: str
    #: of a CSV its columns, in the words that Parquet has
    columns: tuple[str, ...]
    #: key and MD5 of each file
    files: tuple[tuple[str, str], ...]


def manifest(text: bytes, shown: str) -> Manifest:
    """PlanRefused for what is no manifest, or of a format that is not read."""
    try:
        said: Mapping[str, Any] = json.loads(text)
        form = str(said["fileFormat"]).upper()
        names = [name.strip() for name in str(said["fileSchema"]).split(",")] if form == "CSV" else []
        found = Manifest(
            str(said["sourceBucket"]),
            form,
            tuple(_CSV.get(name, f"other_{at}") for at, name in enumerate(names)),
            tuple((str(each["key"]), str(each["MD5checksum"])) for each in said["files"]),
        )
    except (ValueError, KeyError, TypeError):
        raise PlanRefused(f"{shown} is no manifest of an S3 Inventory report.", advice=_ADVICE) from None
    if form not in ("CSV", "PARQUET"):
        raise PlanRefused(
            f"The inventory report {shown} is in {form}.", advice="Have S3 write it in CSV or in Parquet."
        )
    if form == "CSV" and not {"key", "size"} <= set(found.columns):
        raise PlanRefused(f"The inventory report {shown} has no keys, or no sizes.", advice=_ADVICE)
    return found


def reported(said: Manifest, files: Files, shown: str) -> Iterator[Found]:
    """Current objects alone, rising by the bytes of their keys; memory does not grow with the report."""
    with tempfile.TemporaryDirectory(prefix="inventory-") as folder:
        rows = _rows(said, files, Path(folder), shown)
        for key, size, storage_class in in_order(rows, Path(folder)):
            yield Found(key, size, "", "", storage_class)


def _rows(said: Manifest, files: Files, folder: Path, shown: str) -> Iterator[Row]:
    read = _of_csv if said.format == "CSV" else _of_parquet
    for key, md5 in said.files:
        path = folder / "report"
        _fetch(path, key, md5, files, shown)
        try:
            yield from read(path, said.columns)
        # what is raised for a file that is none differs by format and by what is wrong with it
        except (ValueError, KeyError, OSError, EOFError, zlib.error, csv.Error):
            raise PlanRefused(f"The inventory report {shown} cannot be read.", advice=_ADVICE) from None


def _fetch(path: Path, key: str, md5: str, files: Files, shown: str) -> None:
    hashed = hashlib.md5(usedforsecurity=False)
    with path.open("wb") as out:
        for piece in files.pieces(key, PIECE):
            hashed.update(piece)
            out.write(piece)
    if hashed.hexdigest() != md5:
        raise PlanRefused(f"A file of the inventory report {shown} is damaged.", advice=_ADVICE)


def _of_csv(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    key, size = columns.index("key"), columns.index("size")
    storage = columns.index("storage_class") if "storage_class" in columns else None
    current = [(columns.index(name), no) for name, no in _NOT_CURRENT if name in columns]
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.reader(text):
            if len(row) != len(columns):
                raise ValueError("a line has not the manifest's columns")
            if not any(row[at] == no for at, no in current):
                yield unquote_plus(row[key]), int(row[size] or 0), row[storage] if storage is not None else ""


def _of_parquet(path: Path, _columns: tuple[str, ...]) -> Iterator[Row]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        there = set(file.schema_arrow.names)
        wanted = [
            name
            for name in ("key", "size", "storage_class", "is_latest", "is_delete_marker")
            if name in there
        ]
        for batch in file.iter_batches(AT_ONCE, columns=wanted):
            columns = {name: batch.column(name).to_pylist() for name in wanted}
            nothing = [None] * batch.num_rows
            for key, size, storage, latest, marker in zip(
                columns["key"],
                columns["size"],
                columns.get("storage_class", nothing),
                columns.get("is_latest", nothing),
                columns.get("is_delete_marker", nothing),
                strict=True,
            ):
                if latest is not False and not marker:
                    yield key, size or 0, storage or ""


_NOT_CURRENT = (("is_latest", "false"), ("is_delete_marker", "true"))
