"""A package is made once, whatever answer is lost; deleted and restored are what the repository says, not the answer."""

import pytest

from migration_assets_tests.buckets.cloudsmith.conftest import Side, generic, sha256


def test_a_repository_that_replaces_by_itself_does_not_replace_what_nobody_foresaw(side: Side) -> None:
    side.standin.world.replacing.add(("shop", "releases"))
    side.put({"one": b"somebody's"})
    side.move()
    side.put({"one": b"ours"})

    (moved,) = side.move()

    assert moved.state == "failed"
    assert side.there()["one"].digests["sha256"] == sha256(b"somebody's")


def test_a_deletion_whose_answer_is_lost_before_overwriting_loses_nothing(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    side.standin.faults.add("cut after", "POST /bulk-action/")

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert (moved.state, moved.reason, moved.kept) == ("moved", "", before.version)
    assert side.there()["one"].digests["sha256"] == sha256(b"new")


def test_what_a_dead_run_had_deleted_to_overwrite_it_is_still_overwritten(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    side.standin.world.delete(side.standin.world.packages[before.version])

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert (moved.state, moved.kept) == ("moved", before.version)
    assert [each.state for each in side.target.undo([moved])] == ["restored"]
    assert side.there()["one"] == before


def test_a_restoring_whose_answer_is_lost_has_been_done(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    side.standin.faults.add("fail", "one", times=99)
    side.standin.faults.add("cut after", "POST /recycle-bin/")

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert moved.state == "failed"
    assert "recycle bin" not in moved.reason
    assert side.there()["one"] == before


def test_a_package_whose_answer_was_lost_is_found_though_the_listing_is_behind(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.world.lag = 0.5
    side.standin.faults.add("cut after", "POST /packages/")

    (moved,) = side.move()

    assert (moved.state, moved.reason) == ("moved", "")
    assert len(side.standin.world.packages) == 1


@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_a_package_whose_answer_was_lost_and_that_failed_is_made_anew(side: Side, delay: float) -> None:
    side.standin.world.delay = delay
    side.put({"one": b"1"})
    side.standin.faults.add("cut after", "POST /packages/")
    side.standin.faults.add("fail", "one")

    (moved,) = side.move()

    assert (moved.state, moved.tried_after) == ("moved", ("failed",))
    assert len(side.standin.world.packages) == 1


def test_what_another_account_made_is_never_taken_for_ours(side: Side) -> None:
    side.put({"one": b"1"})
    side.move()
    (theirs,) = side.standin.world.packages.values()
    theirs.uploader = "somebody"
    side.standin.faults.add("cut before", "POST /packages/")

    (moved,) = side.move()

    assert moved.state == "failed"
    assert moved.there is None
    assert list(side.there()) == ["one"]


def test_a_package_of_another_format_is_not_deleted_for_its_path(side: Side) -> None:
    side.put({"raw/shop/1/one": b"old"})
    side.move()
    before = side.there()["raw/shop/1/one"]
    found = side.listed()[0]
    from dataclasses import replace

    wanted = replace(generic(found, before), format="raw", package={"name": "shop", "version": "1"})
    (moved,) = side.move([wanted])

    assert moved.state == "failed"
    assert list(side.there()) == ["raw/shop/1/one"]


def test_a_format_that_the_plan_has_not_fails_alone(side: Side) -> None:
    side.standin.world.plan = "core"
    side.put({"one": b"1", "two": b"2"})
    from dataclasses import replace

    one, two = (generic(each) for each in side.listed())
    moved = side.move([replace(one, format="raw", target="raw/one//one", package={"name": "one"}), two])

    assert {each.decision.found.key: each.state for each in moved} == {"one": "failed", "two": "moved"}
    assert any("plan" in each.reason for each in moved)


@pytest.mark.parametrize("match", ["POST /files/", "POST /packages/", "GET /packages/", "POST /bulk-action/"])
def test_an_answer_that_is_a_page_for_people_is_none(side: Side, match: str) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    side.standin.faults.add("html", match)

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert (moved.state, moved.reason) == ("moved", "")
    assert len(side.standin.world.packages) == 1
