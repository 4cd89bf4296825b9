"""An S3 Inventory report (CSV or Parquet) in, the objects that it lists out, in the order of their keys.

Its files are fetched and proven by their MD5; their order is not promised by anybody, so DuckDB sorts
them, on disk where memory does not do. Keys in CSV are percent-encoded, in Parquet they are as they are.
"""

import hashlib
import json
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from migration_assets.buckets.model import Found
from migration_assets.errors import PlanRefused

#: bytes
MEMORY = "150MB"
PIECE = 1 << 20
AT_ONCE = 2_000
_ADVICE = "Have S3 write another report, or take `inventory` out: the bucket is listed then."
_CSV = {
    "Key": "key",
    "Size": "size",
    "ETag": "e_tag",
    "LastModifiedDate": "last_modified_date",
    "StorageClass": "storage_class",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
    "VersionId": "version_id",
}


#: before its columns, and behind them
_CSV_READ = (
    "read_csv($paths, columns = ",
    ", header = false, auto_detect = false, compression = 'gzip', delim = ',', quote = '\"', escape = '\"')",
)


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
    if not said.files:
        return
    with tempfile.TemporaryDirectory(prefix="inventory-") as folder:
        paths = [
            _fetched(Path(folder), at, key, md5, files, shown) for at, (key, md5) in enumerate(said.files)
        ]
        with _database(folder) as database:
            yield from _sorted(database, said, paths, shown)


def _fetched(folder: Path, at: int, key: str, md5: str, files: Files, shown: str) -> str:
    path, hashed = folder / f"{at}", hashlib.md5(usedforsecurity=False)
    with path.open("wb") as out:
        for piece in files.pieces(key, PIECE):
            hashed.update(piece)
            out.write(piece)
    if hashed.hexdigest() != md5:
        raise PlanRefused(f"A file of the inventory report {shown} is damaged.", advice=_ADVICE)
    return str(path)


@contextmanager
def _database(folder: str) -> Generator[Any]:
    import duckdb

    config: dict[str, Any] = {"threads": 1, "memory_limit": MEMORY, "temp_directory": f"{folder}/sorting"}
    database = duckdb.connect(config=config)
    try:
        yield database
    finally:
        database.close()


def _sorted(database: Any, said: Manifest, paths: list[str], shown: str) -> Iterator[Found]:
    import duckdb

    typed = ", ".join(f"{name}: 'VARCHAR'" for name in said.columns)
    reading = f"{_CSV_READ[0]}{{{typed}}}{_CSV_READ[1]}" if said.format == "CSV" else "read_parquet($paths)"
    given = {"paths": paths}
    try:
        described = database.execute(f"DESCRIBE FROM {reading}", given).fetchall()
        asked = _question(said.format, reading, [str(row[0]).lower() for row in described])
        rows = database.execute(asked, given)
        while some := rows.fetchmany(AT_ONCE):
            for key, size, etag, modified, storage_class in cast(list[tuple[Any, ...]], some):
                yield Found(key, int(size or 0), (etag or "").strip('"'), modified or "", storage_class or "")
    except duckdb.Error:
        raise PlanRefused(f"The inventory report {shown} cannot be read.", advice=_ADVICE) from None


def _question(form: str, reading: str, columns: list[str]) -> str:
    def text(name: str) -> str:
        return f"CAST({name} AS VARCHAR)" if name in columns else "''"

    key = "url_decode(replace(key, '+', ' '))" if form == "CSV" else "CAST(key AS VARCHAR)"
    current = [f"coalesce(lower({text(name)}), '') <> '{no}'" for name, no in _NOT_CURRENT if name in columns]
    return (
        f"SELECT {key} AS key, size, {text('e_tag')}, {text('last_modified_date')}, {text('storage_class')} "  # noqa: S608
        f"FROM {reading} WHERE {' AND '.join(['key IS NOT NULL', *current])} ORDER BY 1"
    )


_NOT_CURRENT = (("is_latest", "false"), ("is_delete_marker", "true"))
