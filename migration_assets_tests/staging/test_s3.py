"""Staging in S3 on bad days: what breaks is read on or sent again, what is not as written is refused."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from migration_assets.errors import ConnectionRefused, Passing, StagingRefused
from migration_assets.staging import reading, s3, upload
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition
from migration_assets.staging.root import staging_of
from migration_assets_tests.s3 import Bucket, Proxy, s3_proxy
from migration_assets_tests.staging.world import LINES, add, stage

LONG = [b"%07d\t" % number + b"x" * 1000 + b"\n" for number in range(6_000)]  # 6 MB: a part of 5 and one less
PART = 5 << 20


@pytest.fixture
def proxy(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(upload, "PART", PART)
    monkeypatch.setattr(reading, "FIRST_WAIT", 0.01)
    with s3_proxy(bucket.endpoint) as proxy:
        yield proxy


@pytest.fixture
def environment(bucket: Bucket, proxy: Proxy) -> dict[str, str]:
    return bucket.environment | {"MIGRATION_STAGING_ENDPOINT_URL": proxy.endpoint, "AWS_MAX_ATTEMPTS": "3"}


@pytest.fixture
def partition(environment: dict[str, str]) -> StagedPartition:
    return staging_of(environment).partition("customers", "all")


def read(partition: StagedPartition, found: Manifest) -> bytes:
    return b"".join(partition.read(found))


def test_many_rows_go_up_in_parts_each_with_its_checksum(
    partition: StagedPartition, proxy: Proxy, bucket: Bucket
) -> None:
    found = stage(partition, lines=LONG)

    parts = [each for each in proxy.asked if "partNumber=" in each]
    assert len(parts) == 2
    assert proxy.unproven == []
    assert read(partition, found) == b"".join(LONG)
    assert bucket.unfinished() == []


def test_few_rows_are_one_request(partition: StagedPartition, proxy: Proxy) -> None:
    stage(partition)

    assert len([each for each in proxy.asked if each.startswith(("PUT", "POST"))]) == 2  # rows and manifest


@pytest.mark.parametrize(
    ("action", "method", "match"),
    [
        ("503", "PUT", "partNumber=2"),
        ("500", "PUT", "partNumber=2"),
        ("reset", "PUT", "partNumber=2"),
        ("lost", "PUT", "partNumber=2"),
        ("lost", "POST", "uploads"),
        ("lost", "POST", "uploadId"),
        ("200 error", "POST", "uploadId"),
        ("lost", "PUT", "manifest.json"),
        ("reset", "PUT", "manifest.json"),
        ("503", "GET", "rows-"),
        ("reset", "GET", "rows-"),
    ],
)
def test_a_fault_of_the_moment_is_survived(
    partition: StagedPartition, proxy: Proxy, action: str, method: str, match: str
) -> None:
    fault = proxy.fault(action, method, match)

    stage(partition, lines=LONG)
    _, found = partition.newest("extracted", "run-1")

    assert read(partition, found) == b"".join(LONG)
    assert fault.done == 1


def test_a_reading_that_breaks_goes_on_where_it_broke(partition: StagedPartition, proxy: Proxy) -> None:
    found = stage(partition, lines=LONG)
    for at in (5_000_000, 1_000_000, 0):
        proxy.fault("truncate", "GET", "rows-", at=at)

    assert read(partition, found) == b"".join(LONG)
    assert len([each for each in proxy.asked if each.startswith("GET") and "rows-" in each]) == 4


def test_a_reading_that_breaks_for_ever_ends_as_a_fault_of_the_moment(
    partition: StagedPartition, proxy: Proxy
) -> None:
    found = stage(partition)
    proxy.fault("truncate", "GET", "rows-", times=1000)

    with pytest.raises(Passing):
        read(partition, found)


def test_rows_that_are_replaced_while_they_are_read_are_refused(
    partition: StagedPartition, proxy: Proxy, bucket: Bucket
) -> None:
    found = stage(partition, lines=LONG)
    proxy.fault("truncate", "GET", "rows-", at=3_000_000)
    pieces = partition.read(found)
    next(pieces)
    (key,) = [each for each in bucket.objects() if "rows-" in each]
    bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"".join(LONG).replace(b"x", b"y"))

    with pytest.raises(StagingRefused):
        list(pieces)


def test_a_byte_that_is_changed_on_the_way_here_is_tried_again(
    partition: StagedPartition, proxy: Proxy
) -> None:
    found = stage(partition)
    proxy.fault("flip", "GET", "rows-", at=3)

    with pytest.raises(Passing, match="changed on its way"):
        read(partition, found)
    assert read(partition, found) == b"".join(LINES)


def test_a_manifest_that_is_changed_on_the_way_here_is_read_again(
    partition: StagedPartition, proxy: Proxy
) -> None:
    stage(partition)
    proxy.fault("flip", "GET", "manifest.json", at=100)

    assert partition.newest("extracted", "run-1")[1].rows == 3


@pytest.mark.parametrize("match", ["partNumber=2", "manifest.json"])
def test_a_byte_that_is_changed_on_the_way_there_is_not_kept(
    partition: StagedPartition, proxy: Proxy, bucket: Bucket, match: str
) -> None:
    proxy.fault("flip sent", "PUT", match, at=77)

    with pytest.raises(Passing):
        stage(partition, lines=LONG)
    assert partition.named("00000001-run-1").manifest("extracted") is None
    assert bucket.unfinished() == []


@pytest.mark.parametrize("match", ["partNumber=1", "manifest.json"])
def test_a_right_that_is_taken_away_is_told_without_the_servers_words(
    partition: StagedPartition, proxy: Proxy, bucket: Bucket, match: str
) -> None:
    proxy.fault("403", "PUT", match, times=9)

    with pytest.raises(ConnectionRefused) as refused:
        stage(partition, lines=LONG)

    assert "AccessDenied" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert bucket.name in str(refused.value)
    assert bucket.unfinished() == []


def test_what_a_killed_run_left_is_ended_by_the_next_attempt(
    partition: StagedPartition, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "ABANDONED", timedelta(days=36_500))  # moto's uploads are of the year 2010
    partition.begin(1, "run-1")
    _left(bucket, "staged/customers/all/00000001-run-1/extracted/rows-1.copy")
    _left(bucket, "staged/customers/all/00000001-other/extracted/rows-1.copy")

    partition.begin(1, "run-1")

    assert bucket.unfinished() == ["staged/customers/all/00000001-other/extracted/rows-1.copy"]


def test_what_nobody_can_be_waiting_for_is_ended_whosever_it_was(
    partition: StagedPartition, bucket: Bucket
) -> None:
    _left(bucket, "staged/customers/all/00000001-other/extracted/rows-1.copy")
    _left(bucket, "staged/customers/all2/00000001-other/extracted/rows-1.copy")
    partition.begin(2, "run-1")

    assert bucket.unfinished() == ["staged/customers/all2/00000001-other/extracted/rows-1.copy"]


def test_pruning_ends_unfinished_uploads_of_old_generations(
    partition: StagedPartition, bucket: Bucket
) -> None:
    _left(bucket, "staged/customers/all/00000001-dead/extracted/rows-1.copy")
    _left(bucket, "staged/customers/all/00000002-alive/extracted/rows-1.copy")

    partition.prune([], below=1)

    assert bucket.unfinished() == ["staged/customers/all/00000002-alive/extracted/rows-1.copy"]


def test_what_cannot_be_removed_does_not_end_a_load(
    partition: StagedPartition, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    stage(partition)
    proxy.fault("403", "DELETE", times=99)

    with caplog.at_level(logging.WARNING):
        partition.prune([], below=1)

    assert "are still there" in caplog.text
    assert len(partition.sets()) == 1


def test_a_stage_that_somebody_else_seals_at_the_same_moment_is_tried_again(
    partition: StagedPartition, environment: dict[str, str]
) -> None:
    found = stage(partition)
    objects = staging_of(environment).partition("customers", "all").place.objects  # type: ignore[attr-defined]
    answers = iter([None, ("another", '"0"')])
    objects.text_and_tag = lambda key: next(answers)

    with pytest.raises(Passing, match="at the same moment"):
        objects.put_text("00000001-run-1/extracted/manifest.json", "mine")
    assert partition.named("00000001-run-1").manifest("extracted") == found


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("AES256", {"ServerSideEncryption": "AES256"}),
        ("aws:kms", {"ServerSideEncryption": "aws:kms"}),
        ("arn:aws:kms:x", {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:x"}),
    ],
)
def test_encryption_is_asked_for_every_object(bucket: Bucket, said: str, sent: dict[str, str]) -> None:
    environment = bucket.environment | {"MIGRATION_STAGING_ENCRYPTION": said}
    stage(staging_of(environment).partition("customers", "all"))

    for key in bucket.objects():
        head = bucket.client.head_object(Bucket=bucket.name, Key=key)
        assert {name: head[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MIGRATION_STAGING", "s3://"),
        ("MIGRATION_STAGING", "s3://key:secret@bucket/x"),
        ("MIGRATION_STAGING", "gs://bucket/secret"),
        ("MIGRATION_STAGING", "s3://bucket/../secret"),
        ("MIGRATION_STAGING_ENCRYPTION", "secret"),
        ("MIGRATION_STAGING_ENDPOINT_URL", "http://203.0.113.7:9000"),
        ("MIGRATION_STAGING_ENDPOINT_URL", "ftp://127.0.0.1"),
        ("MIGRATION_STAGING_ENDPOINT_URL", "https://user:secret@127.0.0.1"),
    ],
)
def test_a_place_that_is_none_is_refused(bucket: Bucket, name: str, said: str) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        staging_of(bucket.environment | {name: said}).root.try_out()
    assert "secret" not in str(refused.value)


def test_a_bucket_that_is_not_there_is_told_by_name(bucket: Bucket) -> None:
    environment = bucket.environment | {"MIGRATION_STAGING": "s3://no-such-bucket-here/x"}

    with pytest.raises(ConnectionRefused, match=r"s3://no-such-bucket-here/x.* no such bucket"):
        staging_of(environment).root.try_out()


def test_a_server_that_is_gone_is_a_fault_of_the_moment(bucket: Bucket) -> None:
    environment = bucket.environment | {
        "MIGRATION_STAGING_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    with pytest.raises(Passing, match="nothing listens there"):
        staging_of(environment).partition("customers", "all").begin(1, "run-1")


WRITER = """
import os, resource
from migration_assets.staging.root import staging_of
staged = staging_of(os.environ).partition("big", "all").begin(1, "run-1")
piece = (b"y" * 1023 + b"\\n") * 1024
def write(megabytes):
    with staged.rows("extracted") as rows:
        for _ in range(megabytes):
            rows.write(piece)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(write(30), write(90))
"""


def test_memory_does_not_grow_with_the_rows(bucket: Bucket) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER], env=bucket.environment, capture_output=True, text=True, check=True
    )
    few, many = map(int, done.stdout.split())

    assert many - few < 20, f"{few} MB for 30 MB of rows, {many} MB for 90 MB"


def test_another_person_reads_what_was_staged(bucket: Bucket) -> None:
    stage(staging_of(bucket.environment).partition("customers", "all"), 3, "run-1")
    other = staging_of(dict(bucket.environment)).partition("customers", "all")
    staged, found = other.newest("extracted", "restore")
    add(other, staged, stage="transformed")

    assert read(other, found) == b"".join(LINES)
    assert other.newest("transformed", "restore")[1].generation == 3


def _left(bucket: Bucket, key: str) -> None:
    """As a process leaves it that is killed in the middle of an upload."""
    begun = bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key)
    bucket.client.upload_part(
        Bucket=bucket.name, Key=key, UploadId=begun["UploadId"], PartNumber=1, Body=b"0"
    )
