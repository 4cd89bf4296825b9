"""Nineteen real objects with published hashes: S3 to S3, and S3 to the stand-in of Cloudsmith."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration_assets.buckets.engine import BucketMigration
from migration_assets.contracts.bucket_model import Bucket, End, OnePartition
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets.stores import s3
from migration_assets_tests.buckets.cloudsmith.standin import StandIn, serving
from migration_assets_tests.real import data
from migration_assets_tests.s3 import KEYS

_numbers = itertools.count(1)


@pytest.fixture
def published() -> dict[str, dict[str, Any]]:
    """By key, what the publisher says of each object."""
    said = json.loads((data.folder("vega_bucket_a") / "manifest.json").read_text("utf-8"))
    return {each["key"]: each for each in said}


@pytest.fixture
def environment(s3_server: str, tmp_path: Path, published: dict[str, dict[str, Any]]) -> dict[str, str]:
    """A bucket with the objects, and an empty one beside it."""
    number = next(_numbers)
    made = {
        **KEYS,
        "MIGRATION_STAGING": str(tmp_path),
        "OLD_URL": f"s3://vega-{number}",
        "OLD_ENDPOINT_URL": s3_server,
        "NEW_URL": f"s3://vega-{number}-new",
        "NEW_ENDPOINT_URL": s3_server,
    }
    client = s3.client("s3", made, "OLD")
    for name in (f"vega-{number}", f"vega-{number}-new"):
        client.create_bucket(Bucket=name)
    for key, said in published.items():
        body = (data.folder("vega_bucket_a") / "objects" / key).read_bytes()
        client.put_object(
            Bucket=f"vega-{number}",
            Key=key,
            Body=body,
            ContentType=said["mediatype"],
            Metadata={"blob": said["upstream_git_blob_sha1"]},
            Tagging="set=vega",
        )
    return made


@pytest.fixture(scope="module")
def cloudsmith() -> Iterator[StandIn]:
    with serving(delay=0.05) as standin:
        yield standin


def migration(environment: dict[str, str], **said: Any) -> BucketMigration:
    old, new = Server("old", "s3"), Server("new", "s3")
    bucket = replace(Bucket(End(old, "s3"), End(new, "s3"), ranges=OnePartition()), **said)
    contract = Contract(
        "vega", "1.0.0", "0" * 64, "vega.odcs.yaml", old, new, TableName(None, "old"), TableName(None, "new"),
        columns=(), bucket=bucket,
    )  # fmt: skip
    return BucketMigration(contract, {}, environment)


def run(made: BucketMigration, name: str) -> StageResult:
    *_, result = made.move(["all"], STAGES, name)
    assert result.stage == "loaded"
    assert result.failure == "", result.failure
    assert result.report
    assert [each.name for each in result.report.outcomes if not each.passed] == []
    return result


def facts(result: StageResult) -> dict[str, object]:
    assert result.report
    return dict(result.report.facts)


def back(made: BucketMigration) -> StageResult:
    made.ask_to_restore(["all"], None, "back")
    (result,) = made.restore(["all"], "back", "run-back")
    return result


def blob(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def test_every_published_hash_holds_in_another_bucket_and_goes_back(
    environment: dict[str, str], published: dict[str, dict[str, Any]]
) -> None:
    bucket, client = environment["NEW_URL"].removeprefix("s3://"), s3.client("s3", environment, "NEW")

    first = run(migration(environment), "run-1")

    assert facts(first)["moved"] == 19
    for key, said in published.items():
        answer = client.get_object(Bucket=bucket, Key=key)
        body = answer["Body"].read()
        assert blob(body) == said["upstream_git_blob_sha1"], key
        assert hashlib.sha256(body).hexdigest() == said["sha256"]
        assert (answer["ContentType"], answer["Metadata"]) == (said["mediatype"], {"blob": blob(body)})
        assert client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] == [
            {"Key": "set", "Value": "vega"}
        ]
    second = run(migration(environment), "run-2")
    assert (facts(second)["bytes_sent"], facts(second)["skipped"]) == (0, 19)
    assert back(migration(environment)).failure == ""
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_every_published_hash_holds_in_cloudsmith_and_goes_back(
    environment: dict[str, str], published: dict[str, dict[str, Any]], cloudsmith: StandIn
) -> None:
    cloudsmith.world.make("acme", "vega")
    environment |= {**cloudsmith.environment("REGISTRY"), "REGISTRY_URL": "cloudsmith://acme/vega"}
    registry = Server("registry", "custom")

    def made() -> BucketMigration:
        return migration(environment, target=End(registry, "cloudsmith"))

    first = run(made(), "run-1")

    assert facts(first)["moved"] == 19
    there = {each.key: each for each in made().part("all").there()}
    assert {key: each.digests["sha256"] for key, each in there.items()} == {
        key: said["sha256"] for key, said in published.items()
    }
    assert {key: each.digests["md5"] for key, each in there.items()} == {
        key: said["md5"] for key, said in published.items()
    }
    moved = len(cloudsmith.moved)
    second = run(made(), "run-2")
    assert (facts(second)["bytes_sent"], facts(second)["skipped"]) == (0, 19)
    assert len(cloudsmith.moved) == moved
    assert back(made()).failure == ""
    assert list(made().part("all").there()) == []
