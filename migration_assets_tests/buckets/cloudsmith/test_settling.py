"""What a listing does not say yet is waited for; what a policy takes away is said to be so."""

import pytest

from migration_assets.buckets.cloudsmith import settling
from migration_assets.buckets.cloudsmith import target as cloudsmith_target
from migration_assets_tests.buckets.cloudsmith.conftest import Side, generic, sha256


def test_packages_that_the_listing_does_not_show_yet_are_not_given_up(side: Side) -> None:
    side.put({f"{number}": b"x" for number in range(4)})
    side.standin.world.lag = 0.6

    moved = side.move()

    assert [each.reason for each in moved] == [""] * 4
    # what was proven is listed, too
    assert len(side.there()) == 4


def test_checksums_that_are_not_told_yet_are_waited_for(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.world.late_sums = 0.3

    (moved,) = side.move()

    assert (moved.state, moved.tried_after) == ("moved", ())


def test_checksums_that_are_never_told_prove_nothing(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BEHIND", 0.1)
    side.put({"one": b"1"})
    side.standin.world.late_sums = 3600.0

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "digests" in moved.reason


def test_a_package_that_somebody_deleted_meanwhile_is_gone(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.put({"one": b"1"})
    side.standin.world.delay = 3600.0
    from migration_assets.buckets.cloudsmith import making

    made = making.make
    monkeypatch.setattr(settling, "MISSED", 0.1)

    def deleted(*said: object, **named: object):
        found = made(*said, **named)  # type: ignore[arg-type]
        side.standin.world.packages.clear()
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(making, "make", deleted)
        (moved,) = side.move()

    assert moved.state == "failed"
    assert "deleted it" in moved.reason


def test_a_package_that_a_policy_quarantines_has_failed_and_stays_where_it_is(side: Side) -> None:
    side.put({"one": b"1", "two": b"2"})
    side.standin.faults.add("quarantine", "one")

    moved = {each.decision.target: each for each in side.move()}

    assert {key: each.state for key, each in moved.items()} == {"one": "failed", "two": "moved"}
    assert "quarantine" in moved["one"].reason
    assert len(side.standin.world.packages) == 2


def test_a_second_run_says_of_a_quarantined_package_what_it_is(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("quarantine", "one")
    side.move()

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "quarantine" in moved.reason
    assert len(side.standin.world.packages) == 1


def test_nobody_waits_for_a_quarantined_package(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("quarantine", "one")
    side.move()
    before = len(side.standin.asked)
    monkeypatch.setattr(cloudsmith_target, "FIRST_LOOK", 30.0)

    assert side.there() == {}
    assert len(side.standin.asked) == before + 1


def test_the_same_package_that_came_meanwhile_is_said_to_be_the_same(side: Side) -> None:
    side.put({"one": b"1"})
    side.move()

    (moved,) = side.move()

    assert moved.state == "failed"
    assert "same package" in moved.reason


def test_what_never_synchronises_makes_room_for_what_it_took_the_place_of(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    monkeypatch.setattr(settling, "PATIENCE", 0.2)
    side.standin.faults.add("stuck", "one")

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert moved.state == "failed"
    assert side.there()["one"].digests["sha256"] == sha256(b"old")
    assert len(side.standin.world.packages) == 1
