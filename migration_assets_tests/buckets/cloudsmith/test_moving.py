"""Objects become packages, each proven by what Cloudsmith computed of it."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from migration_assets.buckets.cloudsmith import client, in_parts, one_form, settling, uploading
from migration_assets.buckets.model import Found
from migration_assets.buckets.places import Pace
from migration_assets.buckets.s3.flow import Slow
from migration_assets.buckets.s3.source import S3Source
from migration_assets.errors import ConnectionRefused
from migration_assets_tests.buckets.cloudsmith.conftest import Side, generic, sha256
from migration_assets_tests.s3 import s3_proxy


def test_every_object_becomes_a_package_with_its_digests_and_costs_two_calls(side: Side) -> None:
    objects = {f"team/{number:03d}/größe x.bin": os.urandom(number * 7) for number in range(40)}
    side.put(objects)

    moved = side.move()

    assert {each.state for each in moved} == {"moved"}
    assert {each.proof for each in moved} == {"digest"}
    assert {key: there.digests["sha256"] for key, there in side.there().items()} == {
        key: sha256(body) for key, body in objects.items()
    }
    calls = len([call for call in side.standin.asked if "page=" not in call or "POST" in call])
    assert calls == 80
    assert len(side.standin.asked) <= 2.1 * 40


def test_an_object_of_no_bytes_and_awkward_keys_keep_their_path(side: Side) -> None:
    keys = ["a//b", "up/../x", "dot/./x", "e\u0301/nfd", "\u00e9/nfc", "quote\"'&<>", "plus+ %25 =?", "空/白"]
    side.put({key: key.encode() for key in keys} | {"nothing": b""})

    moved = side.move()

    assert {each.reason for each in moved} == {""}
    assert sorted(side.there()) == sorted([*keys, "nothing"])


def test_a_middle_sized_object_is_streamed_and_a_large_one_goes_in_parts(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_form, "SMALL", 1000)
    monkeypatch.setattr(uploading, "ONE_FORM", 2**20)
    monkeypatch.setattr(in_parts, "PART", 2**20)
    side.standin.world.smallest_part = 2**20
    objects = {"middle": os.urandom(2**20), "large": os.urandom(5 * 2**20 + 17)}
    side.put(objects)
    side.standin.faults.add("500", "PUT /upload/.*part_number=3")
    side.standin.faults.add("cut before", "PUT /upload/.*part_number=2")

    moved = side.move()

    assert {each.decision.target: each.sha256 for each in moved} == {
        key: sha256(body) for key, body in objects.items()
    }
    assert {each.state for each in moved} == {"moved"}
    assert {each.decision.target: each.sent for each in moved} == {
        "middle": 2**20,
        "large": 5 * 2**20 + 17 + 2 * 2**20,
    }
    assert len([call for call in side.standin.moved if "part_number=1&" in call or call.endswith("=1")]) == 1
    assert not side.standin.world.unfinished()


class Opaque(S3Source):
    """A store whose ETags look like MD5s and are none."""

    def listed(self, *said: Any, **named: Any) -> Iterator[Found]:
        for found in super().listed(*said, **named):
            yield replace(found, etag="0" * 32)

    def open(self, found: Found, first: int = 0, last: int | None = None):
        return super().open(replace(found, etag=""), first, last)


@pytest.mark.parametrize("small", [2**20, 10])
def test_etags_that_are_no_md5_are_seen_to_be_none(
    side: Side, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(one_form, "SMALL", small)
    side.put({f"{number}": b"twelve bytes" if number % 2 else b"few" for number in range(4)})
    source = Opaque(side.source.store, "")

    moved = list(side.target.move(map(generic, source.listed()), source, Pace("small", 1)))

    assert {each.reason for each in moved} == {""}
    assert {each.there.digests["sha256"] for each in moved if each.there} == {
        sha256(b"twelve bytes"),
        sha256(b"few"),
    }


def test_one_object_that_contradicts_its_etag_is_damaged(side: Side) -> None:
    side.put({f"{number}": b"fine" for number in range(4)})

    class Damaged(S3Source):
        def open(self, found: Found, first: int = 0, last: int | None = None):
            other = replace(found, key="1", etag="") if found.key == "0" else found
            return super().open(other, first, last)

    side.put({"0": b"good", "1": b"evil"})
    source = Damaged(side.source.store, "")
    moved = {
        each.decision.target: each
        for each in side.target.move(map(generic, source.listed()), source, Pace("small", 2))
    }

    assert {key: each.state for key, each in moved.items()} == {
        "0": "failed", "1": "moved", "2": "moved", "3": "moved",
    }  # fmt: skip
    assert "damaged" in moved["0"].reason
    assert sorted(side.there()) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("action", "match"),
    [
        ("cut before", "POST /files/"),
        ("500", "POST /files/"),
        ("cut after", "POST /upload/"),
        ("503", "POST /upload/"),
        ("cut before", "POST /packages/"),
        ("cut after", "POST /packages/"),
        ("500", "POST /packages/"),
        ("cut after", "GET /packages/"),
        ("429", "POST /packages/"),
        ("429", "GET /packages/"),
    ],
)
def test_a_fault_of_the_moment_is_passed_and_nothing_is_there_twice(
    side: Side, action: str, match: str
) -> None:
    side.put({"one": b"1", "two": b"22", "three": b"333"})
    side.standin.faults.add(action, match, seconds=0)

    moved = side.move(workers=2)

    assert [each.reason for each in moved] == ["", "", ""]
    assert len(side.standin.world.packages) == 3


def test_a_package_that_is_not_what_was_sent_is_deleted_and_made_anew(side: Side) -> None:
    side.put({"one": b"right"})
    side.standin.faults.add("flip", "one")

    (moved,) = side.move()

    assert (moved.state, moved.tried_after, moved.sent) == ("moved", ("differs",), 10)
    assert len(side.standin.world.packages) == 1


def test_a_package_that_always_differs_fails_and_is_not_left_there(side: Side) -> None:
    side.put({"one": b"right", "other": b"fine"})
    side.standin.faults.add("flip", "one", times=99)

    moved = {each.decision.target: each for each in side.move()}

    assert (moved["one"].state, moved["other"].state) == ("failed", "moved")
    assert "not what was sent" in moved["one"].reason
    assert list(side.there()) == ["other"]


def test_a_failed_synchronisation_is_tried_again_and_its_leftover_deleted(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("fail", "one")

    (moved,) = side.move()

    assert (moved.state, moved.tried_after) == ("moved", ("failed",))
    assert len(side.standin.world.packages) == 1


def test_a_package_that_never_synchronises_is_given_up_in_words(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PATIENCE", 0.2)
    side.put({"one": b"1"})
    side.standin.faults.add("stuck", "one")

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "not synchronised" in moved.reason


def test_a_duplicate_that_nobody_foresaw_fails_and_leaves_the_first_one(side: Side) -> None:
    side.put({"one": b"first"})
    side.move()
    side.put({"one": b"second"})

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "another package" in moved.reason
    assert side.there()["one"].digests["sha256"] == sha256(b"first")
    assert len(side.standin.world.packages) == 1


def test_an_object_that_was_uploaded_in_parts_is_held_to_their_etag(side: Side) -> None:
    """A byte that is another one on its way here is seen, though the ETag is no MD5 of the whole."""
    body = os.urandom(5 * 2**20 + 7)
    client_of, at = side.bucket.client, {"Bucket": side.bucket.name, "Key": "large"}
    upload = client_of.create_multipart_upload(**at)["UploadId"]
    parts: list[dict[str, object]] = []
    for number, part in enumerate((body[: 5 * 2**20], body[5 * 2**20 :]), start=1):
        sent = client_of.upload_part(**at, UploadId=upload, PartNumber=number, Body=part)
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    client_of.complete_multipart_upload(**at, UploadId=upload, MultipartUpload={"Parts": parts})

    with s3_proxy(side.bucket.endpoint) as proxy:
        proxy.fault("flip", "GET", "/large", times=1, at=3)
        through = replace(side, bucket=replace(side.bucket, endpoint=proxy.endpoint))
        [moved] = through.move()

    assert (moved.state, moved.sha256) == ("moved", sha256(body))


def test_a_source_that_asks_for_a_pause_is_given_it(side: Side) -> None:
    asked = iter((Slow("It asks for less.", 0.4),))

    def once() -> float:
        if error := next(asked, None):
            raise error
        return time.monotonic()

    asking = side.target._client  # pyright: ignore[reportPrivateUsage]
    started = time.monotonic()
    ended, after = client.attempts(once, asking)

    assert ended - started >= 0.4
    assert after == ("busy",)


def test_a_wrong_key_ends_the_move_with_what_to_correct(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.api_key = "another"
    target, source = side.target, side.source
    side.standin.api_key = "right"

    with pytest.raises(ConnectionRefused, match="NEW_API_KEY"):
        list(target.move([generic(next(iter(source.listed())))], source, Pace("small", 1)))


def test_no_word_of_the_server_reaches_a_reason(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("500", "POST /packages/", times=99)

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "secret" not in moved.reason
    assert "500" in moved.reason
