"""What a contract asks to be kept besides headers, metadata and tags, through the engine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from migration_assets.buckets.s3.grants import grants_of
from migration_assets.buckets.s3.store import Refused, Store
from migration_assets.stores.s3 import Access
from migration_assets_tests.buckets.s3.answering import answering
from migration_assets_tests.buckets.s3.between import Between

UNTIL = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)


def test_retention_and_legal_hold_arrive_where_they_are_asked_for(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path, ("lock",)).make(lock=True)
    between.put("held", b"x", ObjectLockLegalHoldStatus="ON")
    between.put("until", b"y" * 1000, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=UNTIL)
    between.put("free", b"z")
    between.loaded()
    assert _lock(between, "held") == ("", None, "ON")
    assert _lock(between, "until") == ("GOVERNANCE", UNTIL, "")
    assert _lock(between, "free") == ("", None, "")
    assert between.loaded()["moved"] == 0
    back = between.back()
    assert "2 objects of files all were not taken back" in back.failure
    assert sorted(between.versions(between.new)) == ["held", "until"]


def test_without_being_asked_for_a_lock_stays_in_the_source(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path).make(lock=True)
    between.put("held", b"x", ObjectLockLegalHoldStatus="ON")
    between.loaded()
    assert _lock(between, "held") == ("", None, "")
    assert not between.back().failure
    assert between.versions(between.new) == {}


def test_a_bucket_without_lock_is_told_before_anything_moves(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path, ("lock",))
    between.client.create_bucket(Bucket=between.old, ObjectLockEnabledForBucket=True)
    between.client.create_bucket(Bucket=between.new)
    between.put("held", b"x", ObjectLockLegalHoldStatus="ON")
    assert (
        "Retention and legal hold are not kept: the bucket has no object lock."
        in between.migration.capabilities()[1].drops
    )
    assert between.loaded()["dropped"] == "lock (1)"


def test_acls_arrive_where_they_are_asked_for(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path, ("acl",)).make()
    other = 'id="8a6925ce4adf588a4532142d3f74dd8c71fa124b1ddee97f21c32aa379004fef"'
    between.put("private", b"x")
    between.put("public", b"y", ACL="public-read")
    between.put("known", b"y", ACL="authenticated-read")
    between.put("large", b"l" * (1 << 20), ACL="public-read")
    between.put("granted", b"z", GrantRead=other, GrantWriteACP=other)
    between.loaded()
    for key in ("private", "public", "known", "large", "granted"):
        there, here = (_grants(between, bucket, key) for bucket in (between.new, between.old))
        assert there - _OWN == here - _OWN, key
        assert there & _OWN, key
    assert between.loaded()["moved"] == 0


def test_acls_that_were_lost_do_not_pass_the_check(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path, ("acl",)).make()
    between.put("public", b"y", ACL="public-read")
    between.loaded()
    between.client.put_object_acl(Bucket=between.new, Key="public", ACL="private")
    (check,) = (each for each in between.migration.verify("all").outcomes if each.name == "metadata")
    assert (check.passed, [each.reason for each in check.rows]) == (False, ["acl"])


def test_equal_bytes_that_no_listing_tells_of_are_read_and_skipped(s3_server: str, tmp_path: Path) -> None:
    between = Between(s3_server, tmp_path).make()
    for key, body in (("same", b"x" * 1000), ("other", b"y" * 1000)):
        between.put(key, body)
        at = {"Bucket": between.new, "Key": key}
        upload = between.client.create_multipart_upload(**at)["UploadId"]
        part = between.client.upload_part(**at, UploadId=upload, PartNumber=1, Body=b"x" * 1000)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        between.client.complete_multipart_upload(**at, UploadId=upload, MultipartUpload=parts)
    failure = between.run()["loaded"].failure
    assert "1 of 2 objects" in failure
    assert "other: the target has another object of this key" in failure


@pytest.mark.parametrize("headers", ['ETag: "0"\r\n', ""])
def test_an_object_is_never_taken_for_its_own_acl(headers: str) -> None:
    """Some stores do not know the question and answer with the object."""
    grant = f"<Grant><Grantee><URI>{ALL}</URI></Grantee><Permission>WRITE</Permission></Grant>"
    root = "AccessControlPolicy" if headers else "Document"
    body = f"<{root}><Owner><ID>o</ID></Owner><AccessControlList>{grant}</AccessControlList></{root}>"
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode()
    with answering(answer) as wire:
        access = Access(f"http://127.0.0.1:{wire.server.port}", "/b", "r", Credentials("k", "s"), None)
        with pytest.raises(Refused, match="does not tell who may read"):
            grants_of(Store(access, "b", "s3://b"), "k")


ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
_OWN = {("FULL_CONTROL", "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a")}


def _grants(between: Between, bucket: str, key: str) -> set[tuple[str, str]]:
    said = between.client.get_object_acl(Bucket=bucket, Key=key)["Grants"]
    return {
        (each["Permission"], each["Grantee"].get("URI", "") or each["Grantee"].get("ID", "")) for each in said
    }


def _lock(between: Between, key: str) -> tuple[str, Any, str]:
    said = between.client.head_object(Bucket=between.new, Key=key)
    return (
        said.get("ObjectLockMode", ""),
        said.get("ObjectLockRetainUntilDate"),
        said.get("ObjectLockLegalHoldStatus", ""),
    )


def test_a_bucket_that_holds_everything_for_a_while_is_probed_and_loaded(
    s3_server: str, tmp_path: Path
) -> None:
    between = Between(s3_server, tmp_path).make(lock=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    between.client.put_object_lock_configuration(
        Bucket=between.new, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    between.put("k", b"body")
    upload = between.client.create_multipart_upload(Bucket=between.old, Key="parts")["UploadId"]
    at = {"Bucket": between.old, "Key": "parts", "UploadId": upload}
    etag = between.client.upload_part(**at, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    between.client.complete_multipart_upload(**at, MultipartUpload=parts)
    facts = between.loaded()
    assert (facts["moved"], facts["proven_by"]) == (2, "parts_etag (1), read_back (1)")
    assert between.migration.capabilities()[1].facts["parts_etag"] == "composite"
