"""Faults on the way: nothing is lost, nothing wrong stays, no upload is left behind."""

import hashlib
import random

import pytest

from migration_assets.buckets.model import Decision
from migration_assets.buckets.places import Capabilities, Pace
from migration_assets.buckets.s3 import flow
from migration_assets.errors import ConnectionRefused
from migration_assets_tests.buckets.s3.pair import Pair, pair_of

MIB = 1 << 20


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "LONGEST_WAIT", 0.1)


#: what is done, to which request of which side
FAULTS = (
    ("source", "503", "GET", r"/k"),
    ("source", "500", "GET", r"/k"),
    ("source", "reset", "GET", r"/k"),
    ("source", "hang", "GET", r"/k1"),
    ("source", "truncate", "GET", r"/k"),
    ("source", "flip", "GET", r"/k"),
    ("source", "503", "GET", r"list-type"),
    ("source", "200 error", "GET", r"list-type"),
    ("target", "503", "PUT", r"/k"),
    ("target", "500", "PUT", r"/k"),
    ("target", "reset", "PUT", r"/k"),
    ("target", "lost", "PUT", r"/k"),
    ("target", "flip sent", "PUT", r"/k"),
    ("target", "503", "POST", r"/parts\?uploads"),
    ("target", "lost", "PUT", r"/parts\?partNumber"),
    ("target", "flip sent", "PUT", r"/parts\?partNumber"),
    ("target", "200 error", "POST", r"/parts\?uploadId"),
    ("target", "lost", "POST", r"/parts\?uploadId"),
    ("source", "flip", "GET", r"/parts"),
    ("source", "truncate", "GET", r"/parts"),
)


def test_faults_of_every_kind_leave_nothing_wrong_nothing_missing_and_no_upload(pair: Pair) -> None:
    _bad_day(pair, random.randrange(10**9), len(FAULTS))


@pytest.mark.slow
@pytest.mark.parametrize("day", range(50))
def test_no_day_is_too_bad(pair: Pair, day: int) -> None:
    _bad_day(pair, random.randrange(10**9), 1 + day % 12)


def _bad_day(pair: Pair, seed: int, faults: int) -> None:
    print(f"seed {seed}, faults {faults}")
    chance = random.Random(seed)
    for number in range(24):
        pair.put(f"k{number}", chance.randbytes(chance.choice([0, 1, 5_000, 70_000])))
    pair.put("k24", chance.randbytes(3 * MIB))
    pair.put_parts("parts", [chance.randbytes(5 * MIB), chance.randbytes(777)])
    source, target = pair.source(), pair.target()
    for side, action, method, match in chance.sample(FAULTS, faults):
        proxy = pair.source_proxy if side == "source" else pair.target_proxy
        times = 1 if action == "hang" else chance.choice([1, 2, 3])
        at = 2 if action == "hang" else chance.randrange(1, 900)
        proxy.fault(action, method, match, times=times, at=at)
    done = pair.moved(source, target)
    assert [(key, each.reason) for key, each in done.items() if each.state != "moved"] == []
    assert pair.held(pair.new) == pair.held(pair.old)
    assert all(each.proof for each in done.values())
    assert pair.unfinished() == []


def test_where_the_store_proves_nothing_what_was_written_is_read_back(pair: Pair) -> None:
    """Past the proxies that server takes any checksum: a byte that is flipped is only found by reading."""
    pair.put("k", b"rows" * 1000)
    environment = pair.environment | {"NEW_ENDPOINT_URL": pair.server}
    from migration_assets.buckets.s3.opened import target_of

    target = target_of(f"s3://{pair.new}", environment, "NEW")
    assert not target.capabilities().facts["content_md5_enforced"]
    done = pair.moved(target=target)
    assert done["k"].proof == "read_back"
    assert done["k"].sha256 == hashlib.sha256(b"rows" * 1000).hexdigest()


def test_bytes_that_are_not_those_of_their_own_etag_are_never_taken_for_moved(pair: Pair) -> None:
    pair.put("k", b"whole")
    pair.source_proxy.fault("flip", "GET", "/k", times=99)
    done = pair.moved()
    assert done["k"].state == "failed"
    assert "not those that it claims" in done["k"].reason
    assert pair.held(pair.new) == {}


def test_an_object_that_is_overwritten_between_listing_and_reading_is_copied_as_it_is_now(pair: Pair) -> None:
    pair.put("k", b"old")
    source, target = pair.source(), pair.target()
    [found] = source.listed()
    pair.put("k", b"newer", Metadata={"new": "yes"})
    [done] = target.move([Decision(found, "copy", "", "k")], source, Pace("small", 1))
    assert (done.state, done.decision.found.size, pair.body("k")) == ("moved", 5, b"newer")


def test_an_object_that_is_gone_is_told_and_the_others_go_on(pair: Pair) -> None:
    pair.put("a", b"1"), pair.put("b", b"2")
    source, target = pair.source(), pair.target()
    decisions = [Decision(each, "copy", "", each.key) for each in source.listed()]
    pair.client.delete_object(Bucket=pair.old, Key="a")
    done = {each.decision.target: each for each in target.move(decisions, source, Pace("small", 2))}
    assert (done["a"].state, done["b"].state) == ("failed", "moved")
    assert "no more there" in done["a"].reason


def test_what_somebody_else_wrote_meanwhile_is_left_alone(pair: Pair) -> None:
    pair.put("new", b"ours"), pair.put("over", b"ours")
    pair.put_there("over", b"before")
    source, target = pair.source(), pair.target()
    there = {each.key: each for each in target.there()}
    decisions = [Decision(each, "copy", "", each.key, there.get(each.key)) for each in source.listed()]
    pair.put_there("new", b"theirs"), pair.put_there("over", b"theirs, too")
    done = list(target.move(decisions, source, Pace("small", 2)))
    assert [each.state for each in done] == ["failed", "failed"]
    assert pair.body("new") == b"theirs"
    assert pair.body("over") == b"theirs, too"


@pytest.mark.parametrize("size", [5, 5 * MIB + 1])
def test_where_versions_are_kept_a_wrong_one_does_not_stay_below_the_right_one(
    s3_server: str, known: Capabilities, size: int
) -> None:
    with pair_of(s3_server) as pair:
        pair.make(versions=True)
        if size > 5 * MIB:
            pair.put_parts("k", [b"a" * (5 * MIB), b"b"])
        else:
            pair.put("k", b"right")
        pair.put_there("k", b"before")
        facts = {**known.facts, "versioning": "Enabled", "etag_is_md5": False}
        pair.target_proxy.fault("flip", "GET", "/k", times=2)
        done = pair.moved(target=pair.target(known=Capabilities(facts)))
        assert (done["k"].state, done["k"].proof) == ("moved", "read_back")
        versions = pair.client.list_object_versions(Bucket=pair.new)["Versions"]
        assert [each["Size"] for each in versions] == [size, len(b"before")]


@pytest.mark.parametrize("versions", [False, True])
def test_undo_restores_what_was_there_and_leaves_what_was_changed_since(
    s3_server: str, known: Capabilities, versions: bool
) -> None:
    with pair_of(s3_server) as pair:
        pair.make(versions=versions)
        pair.known = Capabilities({**known.facts, "versioning": "Enabled" if versions else ""})
        for key in ("new", "over", "touched"):
            pair.put(key, b"ours " + key.encode())
        for key in ("over", "touched", "mine"):
            pair.put_there(key, b"before", Metadata={"before": "yes"}, Tagging="a=b")
        before = pair.held(pair.new)
        target = pair.target()
        done = pair.moved(target=target)
        assert {each.state for each in done.values()} == {"moved"}
        pair.put_there("touched", b"changed since")
        undone = {each.moved.decision.target: each.state for each in target.undo(done.values())}
        assert undone["new"] == "removed"
        assert undone["over"] == "restored"
        after = pair.held(pair.new)
        assert after.pop("touched") == hashlib.sha256(b"changed since").hexdigest()
        # where there are no versions, what was kept of the one that was left stays kept
        kept = [after.pop(key) for key in list(after) if key.startswith(".migration-assets/")]
        assert len(kept) == (0 if versions else 1)
        before.pop("touched")
        assert after == before
        head = pair.client.head_object(Bucket=pair.new, Key="over")
        assert head["Metadata"] == {"before": "yes"}
        assert undone["touched"] == ("restored" if versions else "left")


def test_uploads_of_dead_runs_are_ended_only_in_the_range_that_is_asked_for(pair: Pair) -> None:
    for key in ("a", "m", "z"):
        pair.client.create_multipart_upload(Bucket=pair.new, Key=key)
    target = pair.target()
    assert target.tidy("b", "n") == 1
    assert pair.unfinished() == ["a", "z"]
    assert target.tidy() == 2


def test_an_upload_whose_beginning_was_lost_with_its_name_is_ended_all_the_same(pair: Pair) -> None:
    pair.put_parts("parts", [b"a" * (5 * MIB), b"b"])
    pair.client.create_multipart_upload(Bucket=pair.new, Key="parts-of-another")
    target = pair.target()
    pair.target_proxy.fault("lost", "POST", r"/parts\?uploads")
    done = pair.moved(target=target)
    assert done["parts"].proof == "parts_etag"
    assert pair.unfinished() == ["parts-of-another"]


def test_a_bucket_that_is_not_there_ends_everything_with_a_sentence(pair: Pair) -> None:
    pair.put("k", b"1")
    source, target = pair.source(), pair.target()
    pair.client.delete_bucket(Bucket=pair.new)
    decisions = [Decision(each, "copy", "", each.key) for each in source.listed()]
    with pytest.raises(ConnectionRefused, match="no such bucket"):
        list(target.move(decisions, source, Pace("small", 2)))


def test_fewer_requests_go_side_by_side_when_the_store_asks_for_less() -> None:
    times = iter((0.0, 0.0, 0.5, 2.0, 2.0, 3.5, 3.5))
    made = flow.Flow(16, clock=lambda: next(times))
    for _ in range(4):
        made.complained()
    assert made.allowed == 2
    for _ in range(100):
        with made.turn():
            pass
    assert 10 < made.allowed <= 16


def test_what_a_run_moved_that_died_before_it_could_tell_is_taken_as_moved_and_can_be_taken_back(
    pair: Pair,
) -> None:
    pair.put("new", b"ours", Metadata={"a": "b"}), pair.put("over", b"ours", Tagging="a=b")
    pair.put_there("over", b"before")
    source, target = pair.source(), pair.target()
    there = {each.key: each for each in target.there()}
    decisions = [Decision(each, "copy", "", each.key, there.get(each.key)) for each in source.listed()]
    list(target.move(decisions, source, Pace("small", 2)))
    again = list(target.move(decisions, source, Pace("small", 2)))
    assert [(each.state, each.sent) for each in sorted(again, key=lambda each: each.decision.target)] == [
        ("moved", 4),
        ("moved", 0),
    ]
    assert {each.kept for each in again} == {""}
    assert {each.state for each in target.undo(again)} == {"removed", "restored"}
    assert list(pair.held(pair.new)) == ["over"]
    assert pair.body("over") == b"before"


def test_what_could_not_be_proven_is_taken_away_again_also_on_bad_days(pair: Pair) -> None:
    """The target gives other bytes than were sent whenever it is read: nothing that is there is relied upon."""
    pair.put("new", b"ours"), pair.put("over", b"ours")
    pair.put_there("over", b"before")
    facts = {**pair.target().capabilities().facts, "etag_is_md5": False}
    target = pair.target(known=Capabilities(facts))
    pair.target_proxy.fault("flip", "GET", "/(new|over)$", times=99)
    pair.target_proxy.fault("503", "DELETE", "/", times=2)
    pair.target_proxy.fault("503", "HEAD", "/", times=2)
    done = pair.moved(target=target)
    assert {each.state for each in done.values()} == {"failed"}
    assert {each.reason.split(": ")[-1] for each in done.values()} == {
        f"s3://{pair.new} gives other bytes than were sent. Run the same command again."
    }
    assert list(pair.held(pair.new)) == ["over"]
    assert pair.body("over") == b"before"
