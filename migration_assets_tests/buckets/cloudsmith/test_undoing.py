"""A rollback deletes what the records name and nothing else, and completes what was interrupted."""

from dataclasses import replace

import pytest

from migration_assets.buckets.cloudsmith import undoing
from migration_assets.buckets.model import Moved, There
from migration_assets_tests.buckets.cloudsmith.conftest import Side, generic, sha256


@pytest.fixture(params=[0, 99], ids=["listed", "one by one"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "FEW", request.param)


@pytest.mark.usefixtures("ways")
def test_a_package_of_the_same_name_that_somebody_made_anew_is_not_deleted(side: Side) -> None:
    side.put({"one": b"1", "two": b"2"})
    moved = side.move()
    world = side.standin.world
    (ours,) = (each for each in world.packages.values() if each.filename == "one")
    world.delete(ours)
    side.move([each.decision for each in moved if each.decision.target == "one"])

    undone = {each.moved.decision.target: each.state for each in side.target.undo(moved)}

    assert undone == {"one": "left", "two": "removed"}
    assert list(side.there()) == ["one"]


def written_over_and_deleted(side: Side) -> tuple[There, list[Moved]]:
    """What was there before one package was written over it, and that one, which is deleted already."""
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    moved = side.move([generic(each, before) for each in side.listed()])
    world = side.standin.world
    world.delete(world.packages[moved[0].there.version])  # type: ignore[union-attr]
    return before, moved


@pytest.mark.usefixtures("ways")
def test_a_deletion_whose_answer_is_lost_has_been_done(side: Side) -> None:
    side.put({"one": b"old", "two": b"2"})
    side.move()
    before = side.there()
    side.put({"one": b"new"})
    moved = side.move([generic(each, before[each.key]) for each in side.listed() if each.key == "one"])
    side.standin.faults.add("cut after", "POST /bulk-action/")

    assert [each.state for each in side.target.undo(moved)] == ["restored"]
    assert side.there() == before


@pytest.mark.usefixtures("ways")
def test_a_rollback_that_died_between_deleting_and_restoring_is_completed(side: Side) -> None:
    before, moved = written_over_and_deleted(side)

    assert [each.state for each in side.target.undo(moved)] == ["restored"]
    assert side.there()["one"] == before


@pytest.mark.usefixtures("ways")
def test_nothing_is_restored_beside_what_somebody_made_anew(side: Side) -> None:
    _, moved = written_over_and_deleted(side)
    side.put({"one": b"theirs"})
    side.move()

    assert [each.state for each in side.target.undo(moved)] == ["left"]
    assert side.there()["one"].digests["sha256"] == sha256(b"theirs")


def test_what_a_dead_run_left_damaged_and_was_overwritten_does_not_come_back(side: Side) -> None:
    side.put({"one": b"damaged"})
    side.move()
    damaged = side.there()["one"]
    side.put({"one": b"right"})
    (moved,) = side.move([generic(each, damaged) for each in side.listed()])
    # as the engine records it: nothing was there when the dead run began
    meant = replace(moved, decision=replace(moved.decision, before=None))

    assert meant.kept == damaged.version
    assert [each.state for each in side.target.undo([meant])] == ["removed"]
    assert side.there() == {}


@pytest.mark.usefixtures("ways")
def test_a_rollback_that_died_before_it_wrote_anything_down_is_completed(side: Side) -> None:
    side.put({"over": b"old"})
    side.move()
    before = side.there()
    side.put({"over": b"new", "new": b"2"})
    moved = side.move([generic(each, before.get(each.key)) for each in side.listed()])
    list(side.target.undo(moved))

    undone = {each.moved.decision.target: each.state for each in side.target.undo(moved)}

    assert undone == {"over": "restored", "new": "removed"}
    assert side.there() == before


@pytest.mark.usefixtures("ways")
def test_generations_go_back_one_after_another_though_the_listing_is_behind(side: Side) -> None:
    side.put({"one": b"1"})
    first = side.move()
    before = side.there()["one"]
    side.put({"one": b"2"})
    second = side.move([generic(each, before) for each in side.listed()])
    side.standin.world.lag = 0.5

    assert [each.state for each in side.target.undo(second)] == ["restored"]
    assert [each.state for each in side.target.undo(first)] == ["removed"]
    side.standin.world.lag = 0.0
    assert side.there() == {}


def test_what_was_overwritten_and_is_nowhere_any_more_is_said_to_be_lost(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    moved = side.move([generic(each, before) for each in side.listed()])
    side.standin.world.bin.clear()

    (undone,) = side.target.undo(moved)

    assert undone.state == "failed"
    assert "recycle bin" in undone.reason


def test_many_that_the_listing_does_not_show_yet_are_not_taken_for_gone(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "FEW", 1)
    monkeypatch.setattr(undoing, "MISSED", 1)
    side.put({f"{number}": b"x" for number in range(6)})
    moved = side.move()
    world = side.standin.world
    for each in moved[:3]:
        world.delete(world.packages[each.there.version])  # type: ignore[union-attr]
    world.lag = 3600.0
    before = len(side.standin.asked)

    assert [each.state for each in side.target.undo(moved)] == ["removed"] * 6
    assert not world.packages
    # the listing, the bin, three by name, and one that deletes
    assert len(side.standin.asked) - before == 6
