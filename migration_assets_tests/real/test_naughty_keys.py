"""Every naughty string that a server takes as a key, each with metadata and tags of its own, on both sides."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from benchmark.buckets import radosgw
from benchmark.buckets.servers import KEY, REGION, SECRET
from faults.buckets import things
from migration_assets.stores import s3
from migration_assets_tests.real import data
from migration_assets_tests.real.test_bucket import migration, run
from migration_assets_tests.s3 import KEYS

OLD, NEW = "naughty-old", "naughty-new"


def strings() -> list[str]:
    """Those that can be a key at all: 1 to 1,024 bytes."""
    packed = data.folder("naughty_strings") / "blns.json.gz"
    said = json.loads(gzip.decompress(packed.read_bytes()))
    return [each for each in dict.fromkeys(said) if 0 < len(each.encode()) <= 1024]


def environment(one: str, two: str, staging: Path, keys: dict[str, str]) -> dict[str, str]:
    return {
        **keys,
        "MIGRATION_STAGING": str(staging),
        "OLD_URL": f"s3://{OLD}",
        "OLD_ENDPOINT_URL": one,
        "NEW_URL": f"s3://{NEW}",
        "NEW_ENDPOINT_URL": two,
    }


def moved(said: dict[str, str], wanted: list[str]) -> int:
    """Fills the old bucket, moves it, reads both; how many keys the server took."""
    old, new = s3.client("s3", said, "OLD"), s3.client("s3", said, "NEW")
    for client, bucket in ((old, OLD), (new, NEW)):
        client.create_bucket(Bucket=bucket)
    refused = [key for number, key in enumerate(wanted) if not _taken(old, key, number)]
    there = things.read(old, OLD)

    run(migration(said), "naughty")

    assert things.read(new, NEW) == there
    assert len({now.metadata for (now,) in there.values()}) == len(there)
    print(f"{len(there)} of {len(wanted)} strings are keys there; {len(refused)} were refused by the server.")
    return len(there)


def _taken(client: Any, key: str, number: int) -> bool:
    try:
        client.put_object(
            Bucket=OLD,
            Key=key,
            Body=key.encode(),
            Metadata={"number": str(number)},
            Tagging=f"number={number}&kind=naughty",
        )
    except (ClientError, BotoCoreError):
        return False
    return True


@contextmanager
def _emptied(said: dict[str, str]) -> Iterator[None]:
    try:
        yield
    finally:
        for name, bucket in (("OLD", OLD), ("NEW", NEW)):
            client = s3.client("s3", said, name)
            things.emptied(client, bucket)
            client.delete_bucket(Bucket=bucket)


def test_one_naughty_string_in_eight_arrives_as_a_key(s3_server: str, tmp_path: Path) -> None:
    said = environment(s3_server, s3_server, tmp_path, KEYS)
    with _emptied(said):
        assert moved(said, strings()[::8]) > 50


@pytest.mark.slow
def test_every_naughty_string_arrives_as_a_key(s3_server: str, tmp_path: Path) -> None:
    said = environment(s3_server, s3_server, tmp_path, KEYS)
    with _emptied(said):
        assert moved(said, strings()) > 450


@pytest.mark.slow
@pytest.mark.skipif(bool(radosgw.missing()), reason=f"Ceph's gateway is not here: {radosgw.missing()}")
def test_every_naughty_string_arrives_between_two_gateways_of_ceph(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
    with radosgw.running(tmp_path / "ceph") as pair:
        said = environment(pair.source.endpoint, pair.target.endpoint, tmp_path / "staging", keys)
        assert moved(said, strings()) > 450
