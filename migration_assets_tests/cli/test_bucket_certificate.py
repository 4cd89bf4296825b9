"""`migrate certificate` of buckets: every byte of what was signed, and every object of the target."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migration_assets.certificate.canonical import canonical
from migration_assets.certificate.reading import read_file
from migration_assets.contracts.loader import load
from migration_assets.control.kinds import of_bucket
from migration_assets.stages.report import STAGES
from migration_assets.stores import s3
from migration_assets_tests.cli.calling import migrate
from migration_assets_tests.cli.test_journey import INSTANCE
from migration_assets_tests.s3 import KEYS

BUCKET = """\
apiVersion: v3.2.0
kind: DataContract
id: exports
name: exports
version: 1.0.0
status: active
servers:
  - {server: old_files, type: s3, location: "s3://certified-old/team/"}
  - {server: new_files, type: s3, location: "s3://certified-new"}
customProperties:
  - property: migration
    value: {kind: bucket, source: old_files, target: new_files, partitions: {by: one}}
"""


@dataclass
class Bench:
    """A bucket of ten objects, moved by the engine alone."""

    environment: dict[str, str]

    @property
    def client(self) -> Any:
        return s3.client("s3", self.environment, "OLD_FILES")

    def certificate(self, *words: str) -> tuple[int, dict[str, Any]]:
        called = migrate(self.environment, "certificate", *words, "--json")
        assert called.stdout, called.stderr
        return called.returncode, json.loads(called.stdout)

    def against(self, file: Path, sides: str) -> list[tuple[str, str, list[str]]]:
        code, found = self.certificate("--check", str(file), "--against", sides)
        assert code == (1 if found["differences"] else 0)
        return [
            (each["partition"], each["what"], [f"{row['key']}: {row['reason']}" for row in each["rows"]])
            for each in found["differences"]
        ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[Bench]:
    tmp_path = tmp_path_factory.mktemp("certified")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text(INSTANCE)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "exports.odcs.yaml").write_text(BUCKET)
    made = Bench(
        {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            **KEYS,
            "DAGSTER_HOME": str(tmp_path / "home"),
            "MIGRATION_CONTRACTS": str(tmp_path / "contracts"),
            "MIGRATION_STAGING": str(tmp_path / "staging"),
            "OLD_FILES_ENDPOINT_URL": s3_server,
            "NEW_FILES_ENDPOINT_URL": s3_server,
        }
    )
    client = made.client
    for name in ("certified-old", "certified-new"):
        client.create_bucket(Bucket=name)
    for number in range(10):
        client.put_object(Bucket="certified-old", Key=f"team/{number} ü.txt", Body=b"x" * number)
    contract = load(tmp_path / "contracts")["exports"]
    for each in of_bucket(contract, made.environment).move(["all"], STAGES, "run-1"):
        assert not each.failure
    yield made
    for name in ("certified-old", "certified-new"):
        for each in client.list_objects_v2(Bucket=name).get("Contents", ()):
            client.delete_object(Bucket=name, Key=each["Key"])
        client.delete_bucket(Bucket=name)


@pytest.fixture
def bench(world: Bench, tmp_path: Path) -> Bench:
    """The same world, with a folder of certificates of its own."""
    return Bench({**world.environment, "MIGRATION_CERTIFICATES": str(tmp_path)})


def test_every_changed_byte_of_what_is_said_of_objects_is_found(bench: Bench) -> None:
    file = Path(bench.certificate("exports")[1]["file"])
    (folder,) = file.parent.glob("*.objects")
    (objects,) = folder.iterdir()
    raw, seed = objects.read_bytes(), random.randrange(1 << 31)
    print(f"seed {seed}")
    chance, lines = random.Random(seed), raw.splitlines(keepends=True)

    def damages() -> list[str]:
        found = read_file(file, {})
        assert found.certificate is None or not found.damages
        return [str(each) for each in found.damages]

    assert damages() == []
    for _ in range(60):
        at = chance.randrange(len(raw))
        changed = bytes([raw[at] ^ (1 << chance.randrange(8))])
        objects.write_bytes(raw[:at] + changed + raw[at + 1 :])
        (first, *_) = damages()
        number = raw[:at].count(b"\n") + 1
        assert f"line {number} of {objects.name}" in first or f"line {number + 1} of" in first, (at, first)
    objects.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    assert "line 4 of" in damages()[0]
    objects.write_bytes(b"".join(lines[:-1]))
    assert damages()[0].endswith("is not the file that was signed: 1 lines are missing at its end")
    objects.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert "line 1 of" in damages()[0]
    shutil.rmtree(folder)
    code, found = bench.certificate("--check", str(file))
    assert (code, found["sound"]) == (1, False)
    assert "its objects are not there" in found["damages"][0]["what"]


def test_a_bucket_is_certified_and_each_object_that_is_not_as_certified_is_named(bench: Bench) -> None:
    code, made = bench.certificate("exports")
    assert (code, made["partitions"], made["rows"]) == (0, 1, 10), made
    file = Path(made["file"])
    (entry,) = [json.loads(line) for line in file.read_text().splitlines()[1:-1]]
    assert entry["counts"] == {"read": 10, "quarantined": 0, "expected": 10, "found": 10, "tolerated": 0}
    assert entry["target"]["table"] == "s3://certified-new"
    (objects,) = (file.parent / f"{entry['certificate']}.objects").iterdir()
    first, *_, last = map(json.loads, objects.read_text().splitlines())
    assert (first["key"], first["target"], first["decision"]) == ("team/0 ü.txt", "0 ü.txt", "moved")
    assert (last["size"], len(last["sha256"]), last["proof"]) == (9, 64, "read_back")
    lines = objects.read_bytes().splitlines()
    assert [canonical(json.loads(line)) for line in lines] == lines
    assert bench.certificate("--check", str(file))[0] == 0
    assert bench.against(file, "both") == []

    bench.client.put_object(Bucket="certified-new", Key="3 ü.txt", Body=b"yyy")
    bench.client.delete_object(Bucket="certified-new", Key="4 ü.txt")
    bench.client.put_object(Bucket="certified-new", Key="other", Body=b"")
    # the same bytes, uploaded in another way
    upload = bench.client.create_multipart_upload(Bucket="certified-new", Key="5 ü.txt")["UploadId"]
    place = {"Bucket": "certified-new", "Key": "5 ü.txt", "UploadId": upload}
    part = bench.client.upload_part(**place, PartNumber=1, Body=b"x" * 5)["ETag"]
    bench.client.complete_multipart_upload(
        **place, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}
    )
    (found,) = bench.against(file, "target")
    assert sorted(found[2]) == ["3 ü.txt: changed", "4 ü.txt: missing", "other: extra"]
    assert "1 missing, 1 changed, 1 that were not there" in found[1]
    bench.client.put_object(Bucket="certified-old", Key="team/new", Body=b"")
    ((_, what, _),) = bench.against(file, "both")
    assert what.startswith("Target and source do not have the objects that were certified")

    code, refused = bench.certificate("exports")
    (reason,) = refused["reasons"]
    assert (code, refused["file"], reason["partition"]) == (1, None, "all")
    assert len(list(file.parent.glob("*.objects"))) == 1, "what was written of no certificate is gone"
    assert not list(file.parent.glob(".*.objects"))
