import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from migration_assets.buckets.model import Found
from migration_assets.buckets.plan import Inventory, plan_bucket
from migration_assets.buckets.report import manifest, reported
from migration_assets.contracts.places import place
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets_tests.buckets.listing import Listing
from migration_assets_tests.planning.buckets import ODD, contract

KEYS = sorted({*ODD, 'a"b', "a+b", "a,b", "50%20x"}, key=lambda key: key.encode())
SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"


class Files:
    """A report's files, in memory."""

    def __init__(self, **files: bytes) -> None:
        self.files = files

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        data = self.files[key]
        for at in range(0, len(data), size):
            yield data[at : at + size]

    def manifest(self, form: str = "CSV", bucket: str = "old-bucket") -> bytes:
        listed = [
            {"key": name, "size": len(data), "MD5checksum": hashlib.md5(data).hexdigest()}
            for name, data in self.files.items()
        ]
        schema = SCHEMA if form == "CSV" else "message s3.inventory { … }"
        return json.dumps(
            {"sourceBucket": bucket, "fileFormat": form, "fileSchema": schema, "files": listed}
        ).encode()


def in_csv(encoded: list[str]) -> bytes:
    lines = [
        f'"old-bucket","{key}","","true","false","{at}","2026-01-01T00:00:00.000Z","abc","STANDARD"\n'
        for at, key in enumerate(encoded)
    ]
    lines += ['"old-bucket","gone","v1","true","true","","2026-01-01T00:00:00.000Z","",""\n']
    lines += ['"old-bucket","older","v1","false","false","7","2026-01-01T00:00:00.000Z","abc","STANDARD"\n']
    random.Random(1).shuffle(lines)
    return gzip.compress("".join(lines).encode())


def in_parquet(folder: Path, keys: list[str]) -> bytes:
    columns = {"bucket": ["old-bucket"] * len(keys), "key": keys, "size": list(range(len(keys)))}
    columns |= {"e_tag": ["abc"] * len(keys), "storage_class": ["STANDARD"] * len(keys)}
    pq.write_table(pa.table(columns), folder / "report.parquet")
    return (folder / "report.parquet").read_bytes()


def read(files: Files, form: str = "CSV") -> list[Found]:
    return list(reported(manifest(files.manifest(form), "report"), files, "report"))


@pytest.mark.parametrize("encode", [quote_plus, quote, lambda key: quote(key, safe="")])
def test_a_report_in_csv_lists_current_objects_in_the_order_of_their_keys(encode: object) -> None:
    half = len(KEYS) // 2
    encoded = [encode(key) for key in KEYS]  # type: ignore[operator]

    found = read(Files(one=in_csv(encoded[half:]), two=in_csv(encoded[:half])))

    assert [each.key for each in found] == KEYS
    assert (found[0].size, found[-1].size, found[0].storage_class) == (
        0,
        half - 1 + len(KEYS) % 2,
        "STANDARD",
    )


def test_a_report_in_parquet_has_its_keys_as_they_are(tmp_path: Path) -> None:
    found = read(Files(one=in_parquet(tmp_path, KEYS[::-1])), "PARQUET")

    assert [each.key for each in found] == KEYS


def test_a_damaged_report_is_refused() -> None:
    files = Files(one=in_csv(["a"]))
    said = manifest(files.manifest(), "report")
    files.files["one"] = files.files["one"][:-1] + b"x"

    with pytest.raises(PlanRefused, match="damaged"):
        list(reported(said, files, "report"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"no json", "no manifest"),
        (b"[]", "no manifest"),
        (Files().manifest().replace(b"CSV", b"ORC"), "in ORC"),
        (Files().manifest().replace(b" Size,", b""), "no sizes"),
    ],
)
def test_what_is_no_report_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(PlanRefused, match=why):
        manifest(text, "report")


def test_a_bucket_is_planned_from_its_report_without_being_listed(tmp_path: Path) -> None:
    one = contract(
        tmp_path, "from: {inventory: report/manifest.json}, partitions: {by: objects, objects: 10}"
    )
    assert one.bucket
    files, source = Files(one=in_csv([quote_plus(key) for key in KEYS])), Listing([])
    side = place(one.bucket.source, {})
    plan_bucket(one, one.bucket, Inventory(source, side, (files.manifest(), files)))

    plan = frozen.read(one)
    assert (source.asked, plan.bounds) == (0, tuple(KEYS[::10]))
    assert sum(objects for objects, _ in plan.sizes) == len(KEYS)


def test_another_buckets_report_is_refused(tmp_path: Path) -> None:
    one = contract(tmp_path, "from: {inventory: report/manifest.json}")
    assert one.bucket
    files = Files(one=in_csv([]))
    inventory = Inventory(
        Listing([]), place(one.bucket.source, {}), (files.manifest(bucket="another"), files)
    )

    with pytest.raises(PlanRefused, match="another bucket"):
        plan_bucket(one, one.bucket, inventory)
