"""A large object goes in parts, and is not sent twice for one answer that was lost."""

import os

import pytest

from migration_assets.buckets.cloudsmith import in_parts, uploading
from migration_assets_tests.buckets.cloudsmith.conftest import Side, sha256

BODY = os.urandom(5 * 2**16 + 17)


@pytest.fixture
def large(side: Side, monkeypatch: pytest.MonkeyPatch) -> Side:
    monkeypatch.setattr(uploading, "ONE_FORM", 2**16)
    monkeypatch.setattr(in_parts, "PART", 2**16)
    side.standin.world.smallest_part = 2**16
    side.put({"large": BODY})
    return side


def test_it_costs_three_calls(large: Side) -> None:
    (moved,) = large.move()

    assert (moved.state, moved.sha256, moved.sent) == ("moved", sha256(BODY), len(BODY))
    assert len([call for call in large.standin.asked if call.startswith("POST")]) == 3


def test_a_lost_answer_to_the_last_call_sends_no_byte_again(large: Side) -> None:
    large.standin.faults.add("cut after", "complete")

    (moved,) = large.move()

    assert (moved.state, moved.reason, moved.sent) == ("moved", "", len(BODY))
    assert large.there()["large"].digests["sha256"] == sha256(BODY)


def test_a_last_call_that_did_not_arrive_is_made_again(large: Side) -> None:
    large.standin.faults.add("cut before", "complete", times=2)

    (moved,) = large.move()

    assert (moved.state, moved.reason, moved.sent) == ("moved", "", len(BODY))
    assert not large.standin.world.unfinished()


def test_an_upload_that_is_not_known_any_more_is_begun_anew(large: Side) -> None:
    world = large.standin.world
    complete, done = world.complete, list[str]()

    def forgotten(upload: object) -> str:
        if not done:
            done.append("once")
            return "Parts of the upload are missing."
        return complete(upload)  # type: ignore[arg-type]

    world.complete = forgotten  # type: ignore[method-assign]
    (moved,) = large.move()

    assert (moved.state, moved.sent) == ("moved", 2 * len(BODY))


def test_parts_that_only_seemed_to_arrive_are_not_left_there(large: Side) -> None:
    large.standin.faults.add("html", "part_number=3")
    large.standin.faults.add("500", "complete")

    (moved,) = large.move()

    assert moved.state == "failed"
    assert not large.standin.world.unfinished()


def test_what_is_not_completed_is_aborted_though_an_answer_is_lost(large: Side) -> None:
    large.standin.faults.add("500", "part_number=3", times=99)
    large.standin.faults.add("cut before", "abort")

    (moved,) = large.move()

    assert moved.state == "failed"
    assert not large.standin.world.unfinished()
