"""What is there, what is taken back, what is cleared away, and what is told before anything moves."""

from dataclasses import replace
from pathlib import Path

import pytest

from migration_assets.buckets.cloudsmith import clearing, target_of
from migration_assets.buckets.cloudsmith import target as cloudsmith_target
from migration_assets.buckets.cloudsmith.probing import short_of
from migration_assets.buckets.places import Pace
from migration_assets.errors import ConnectionRefused
from migration_assets_tests.buckets.cloudsmith.conftest import URL, Side, generic, sha256


def test_packages_are_listed_by_path_in_order_and_by_range(side: Side) -> None:
    side.put({"b/2": b"2", "a/1": b"1", "c/3": b"3"})
    side.move()

    assert [each.key for each in side.target.there()] == ["a/1", "b/2", "c/3"]
    assert [each.key for each in side.target.there("a/2", "c")] == ["b/2"]


def test_packages_that_a_dead_run_left_on_their_way_are_waited_for(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudsmith_target, "FIRST_LOOK", 0.1)
    side.put({"one": b"1"})
    side.standin.world.delay = 0.4
    (decision,) = [generic(each) for each in side.listed()]
    from migration_assets.buckets.cloudsmith.sending import Sender

    target = side.target
    Sender(target._client, target._uploads, side.source).send((decision,))  # pyright: ignore[reportPrivateUsage]

    assert side.there()["one"].digests["sha256"] == sha256(b"1")


def test_rollback_deletes_exactly_what_was_moved_many_a_call(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "MOST", 10)
    side.put({f"{number:03d}": b"x" for number in range(12)})
    foreign = generic(side.listed()[0])
    side.move([replace(foreign, target="foreign")])
    moved = side.move(workers=8)
    before = len(side.standin.asked)

    undone = list(side.target.undo(moved))

    assert {each.state for each in undone} == {"removed"}
    assert list(side.there()) == ["foreign"]
    assert len([call for call in side.standin.asked[before:] if "bulk-action" in call]) == 2


def test_rollback_leaves_what_is_no_more_what_was_written(side: Side) -> None:
    side.put({"changed": b"1", "gone": b"2", "ours": b"3"})
    moved = {each.decision.target: each for each in side.move()}
    world = side.standin.world
    changed, gone = (world.packages[moved[name].there.version] for name in ("changed", "gone"))  # type: ignore[union-attr]
    changed.digests["sha256"] = "0" * 64
    world.delete(gone)

    undone = {each.moved.decision.target: each for each in side.target.undo(moved.values())}

    assert {name: each.state for name, each in undone.items()} == {
        "changed": "left",
        "gone": "removed",
        "ours": "removed",
    }
    assert "no more what was written" in undone["changed"].reason


def test_overwriting_keeps_what_was_there_and_rollback_brings_it_back(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert (moved.state, moved.kept) == ("moved", before.version)
    assert side.there()["one"].digests["sha256"] == sha256(b"new")

    (undone,) = side.target.undo([moved])

    assert undone.state == "restored"
    assert side.there()["one"] == before


def test_what_was_to_be_overwritten_comes_back_when_nothing_came_of_it(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = side.there()["one"]
    side.put({"one": b"new"})
    side.standin.faults.add("fail", "one", times=99)

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert moved.state == "failed"
    assert side.there()["one"] == before


def test_a_package_that_somebody_changed_is_not_overwritten(side: Side) -> None:
    side.put({"one": b"old"})
    side.move()
    before = replace(side.there()["one"], digests={"sha256": "0" * 64})

    (moved,) = side.move([generic(each, before) for each in side.listed()])

    assert moved.state == "failed"
    assert "not what it was" in moved.reason


def test_what_dead_runs_left_failed_is_cleared_away_and_nothing_of_anybody_else(side: Side) -> None:
    side.put({"one": b"1", "two": b"2", "other": b"3"})
    side.move()
    world = side.standin.world
    for stored in world.packages.values():
        stored.state = "failed"
        stored.uploader = "somebody" if stored.filename == "two" else "tester"
    target = side.target

    target.tidy()
    moved = list(
        target.move(
            [generic(each) for each in side.listed() if each.key != "other"], side.source, Pace("small", 2)
        )
    )

    assert {each.state for each in moved} == {"moved"}
    assert sorted((each.filename, each.state) for each in world.packages.values()) == [
        ("one", "completed"), ("other", "failed"), ("two", "completed"), ("two", "failed"),
    ]  # fmt: skip


def test_what_a_repository_takes_and_what_it_drops_is_told_first(side: Side) -> None:
    side.standin.world.storage = 10**6
    found = side.target.capabilities()

    assert {"generic", "python", "deb"} <= set(str(found.facts["formats"]).split(", "))
    assert found.facts["storage_left"] == 10**6
    assert found.facts["calls_per_window"] == 10_800
    assert found.facts["largest_file"] == 5 * 2**30
    assert any("tags" in each for each in found.drops)
    assert short_of(found.facts, 10**6) == ""
    assert "room for" in short_of(found.facts, 10**6 + 1)


def test_what_a_package_cannot_hold_is_named_with_each_object(side: Side) -> None:
    side.put(
        {"one": b"1"},
        ContentType="text/csv",
        CacheControl="no-cache",
        Metadata={"owner": "me"},
        Tagging="a=b",
    )

    (moved,) = side.move()

    assert set(moved.dropped) == {"content-type", "cache-control", "x-amz-meta-owner", "tag a"}


@pytest.mark.parametrize(
    ("url", "environment", "words"),
    [
        ("s3://bucket", {"NEW_API_KEY": "k"}, "names no repository"),
        ("cloudsmith://owner", {"NEW_API_KEY": "k"}, "names no repository"),
        (URL, {}, "NEW_API_KEY is not set"),
        (URL, {"NEW_API_KEY": "a b"}, "is no key"),
        (URL, {"NEW_API_KEY": "k", "NEW_ENDPOINT_URL": "http://example.org"}, "without TLS"),
        (URL, {"NEW_API_KEY": "k", "NEW_ENDPOINT_URL": "https://u:p@example.org"}, "not a URL"),
    ],
)
def test_what_leads_to_no_repository_is_refused_before_anything_is_asked(
    url: str, environment: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionRefused, match=words):
        target_of(url, {"DAGSTER_HOME": str(tmp_path), **environment}, "NEW")


def test_a_key_that_may_not_write_is_found_out_before_anything_moves(side: Side) -> None:
    side.standin.faults.add("403", "POST /files/shop/releases/validate")

    with pytest.raises(ConnectionRefused, match="right to write"):
        side.target.capabilities()

    assert not side.standin.world.uploads


def test_a_repository_that_is_not_there_is_said_so(side: Side) -> None:
    target = target_of("cloudsmith://shop/other", side.environment, "NEW")

    with pytest.raises(ConnectionRefused, match="no such repository"):
        target.capabilities()
