from pathlib import Path

import pytest

from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.plan import Surveyed
from migration_assets.buckets.plan_words import (
    Chosen,
    amount,
    extracted,
    findings,
    hours,
    loaded,
    transformed,
)
from migration_assets.buckets.survey import Counts
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets_tests.contracts.bucket_example import ARTIFACTS, PACKAGES, SMALLEST

GIB = 2**30


def read(folder: Path, text: str) -> tuple[Contract, Bucket]:
    (folder / "bucket.odcs.yaml").write_text(text)
    (found,) = load(folder).values()
    assert found.bucket
    return found, found.bucket


def test_the_stages_of_a_bucket_are_said(tmp_path: Path) -> None:
    contract, bucket = read(tmp_path, ARTIFACTS)
    surveyed = Surveyed(Counts(objects=3000, bytes=3 * GIB), "2026-05-01T00:00:00Z")
    chosen = Chosen(2, 3, 2000, 2 * GIB)

    assert extracted(contract, bucket, chosen, surveyed) == (
        "List the objects, versions and delete markers of 2 of 3 partitions (ranges of keys, at most 1,000 "
        "objects and 2 GiB each when planned) of s3://old-bucket/team/a/ in old_store, where keys match "
        "builds/**/*.whl or *.txt, leaving out **/tmp/**, and stage the inventory: 2,000 objects, 2 GiB when "
        "it was planned (2026-05-01)."
    )
    assert transformed(bucket) == (
        "Decide for each object: copy it, skip it where the target has the same, replace another; "
        "headers.content-type, key, metadata.first, metadata.team, storage_class and tags.year by expression; "
        "keep headers, metadata, tags and versions."
    )
    assert loaded(contract, bucket, chosen, surveyed) == (
        "Move the objects to s3://new-bucket/archive/ in new_store, encrypted by SSE-KMS, each proven on the "
        "target; read a sample of them back (medium: up to 16 side by side)."
    )


@pytest.mark.parametrize(
    ("objects", "size", "way"),
    [
        (100, 10 * 2**20, "(small: one by one)"),
        (101, 1, "(medium: up to 16 side by side)"),
        (10_000, 10 * GIB, "(medium: up to 16 side by side)"),
        (10_000, 1000 * GIB, "(large: up to 32 side by side in a run, 20 partitions, spread over runs, "
         "a checkpoint after each)"),
    ],
)  # fmt: skip
def test_the_way_is_chosen_from_the_inventory(tmp_path: Path, objects: int, size: int, way: str) -> None:
    contract, bucket = read(tmp_path, SMALLEST)

    assert way in loaded(contract, bucket, Chosen(20, 20, objects, size), None)


def test_nothing_is_made_up_of_a_bucket_that_nobody_has_looked_at(tmp_path: Path) -> None:
    contract, bucket = read(tmp_path, SMALLEST)

    said = extracted(contract, bucket, Chosen(1, 1), None) + loaded(contract, bucket, Chosen(1, 1), None)
    assert "side by side" not in said
    assert "inventory." in said


def test_what_the_target_drops_and_refuses_is_named_before_anything_moves(tmp_path: Path) -> None:
    _, bucket = read(tmp_path, PACKAGES)
    surveyed = Surveyed(Counts(objects=100_000, archived=1, above_5_gib=2))
    capabilities = Capabilities({"calls_per_window": 21_600}, ("Tags are not kept.",))

    assert list(findings(bucket, surveyed, capabilities)) == [
        "Tags are not kept.",
        "1 object is archived and would be refused: restore them first.",
        "2 objects are above 5 GiB, which Cloudsmith does not take, and would be refused.",
        "At 21,600 calls an hour, 100,000 packages take 9.3 hours whatever the bandwidth: ask Cloudsmith for "
        "a higher limit.",
    ]


def test_without_an_answer_the_usual_limit_is_taken_and_named(tmp_path: Path) -> None:
    _, bucket = read(tmp_path, PACKAGES)

    (sentence,) = findings(bucket, Surveyed(Counts(objects=100_000)), None)
    assert sentence.startswith(
        "At 10,800 calls an hour (of Cloudsmith's Pro plan), 100,000 packages take 18.6"
    )
    assert list(findings(bucket, Surveyed(Counts(objects=5_000)), None)) == []
    assert round(hours(5_373, 10_800), 3) == 1.0


def test_objects_of_any_size_go_to_a_bucket(tmp_path: Path) -> None:
    _, bucket = read(tmp_path, SMALLEST)

    assert list(findings(bucket, Surveyed(Counts(objects=10**6, above_5_gib=5)), Capabilities({}))) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (100 << 20, "100 MiB"),
        (5 * GIB, "5 GiB"),
        (3 << 60, "3,145,728 TiB"),
    ],
)
def test_amounts_of_bytes(size: int, said: str) -> None:
    assert amount(size) == said
