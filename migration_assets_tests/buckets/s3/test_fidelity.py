"""What arrives is what was there: keys, bytes, attributes, parts, versions."""

import pytest

from migration_assets.buckets.model import Decision, Moved
from migration_assets.buckets.places import Pace
from migration_assets.buckets.s3.opened import source_of
from migration_assets.errors import SourceChanged
from migration_assets_tests.buckets.s3.awkward import MIB, attributes, put_all
from migration_assets_tests.buckets.s3.pair import Pair, pair_of


def test_every_awkward_object_arrives_whole(pair: Pair) -> None:
    count = put_all(pair)
    done = pair.moved()
    assert len(done) == count == 31
    assert [(key, each.reason) for key, each in done.items() if each.state != "moved"] == []
    assert pair.held(pair.new) == pair.held(pair.old)
    for key in pair.held(pair.old):
        assert attributes(pair, pair.new, key) == attributes(pair, pair.old, key), key
    assert {each.proof for each in done.values()} == {"etag", "parts_etag"}
    assert not any(each.dropped for each in done.values())
    assert [key for key, each in done.items() if each.tried_after] == ["in uneven parts"]
    assert pair.unfinished() == []


def test_versions_and_delete_markers_are_made_again_in_their_order(s3_server: str) -> None:
    with pair_of(s3_server) as pair:
        pair.make(versions=True)
        answers = [pair.put("k", body) for body in (b"one", b"two", b"two")]
        answers.append(pair.client.delete_object(Bucket=pair.old, Key="k"))
        answers.append(pair.put("k", b"four"))
        order = [each["VersionId"] for each in answers]
        source, target = pair.source(), pair.target()
        # that server tells times in seconds only
        found = sorted(source.listed(versions=True), key=lambda each: order.index(each.version))
        done = list(
            target.move([Decision(each, "copy", "", "k") for each in found], source, Pace("small", 4))
        )
        assert [each.state for each in done] == ["moved"] * 5
        assert [_at(pair, each) for each in done] == [b"one", b"two", b"two", b"", b"four"]
        assert pair.body("k") == b"four"
        assert len({each.there.version for each in done if each.there}) == 5
        undone = list(target.undo(done[::-1]))
        assert {each.state for each in undone} == {"removed"}
        answer = pair.client.list_object_versions(Bucket=pair.new)
        assert (answer.get("Versions", []), answer.get("DeleteMarkers", [])) == ([], [])


def _at(pair: Pair, moved: Moved) -> bytes:
    assert moved.there
    if moved.decision.found.marker:
        return b""
    at = {"Bucket": pair.new, "Key": moved.there.key, "VersionId": moved.there.version}
    return pair.client.get_object(**at)["Body"].read()


def test_one_store_copies_large_objects_by_itself_and_the_copy_is_proven(pair: Pair) -> None:
    pair.put("large", b"x" * MIB, Metadata={"a": "b"}, Tagging="c=d", CacheControl="no-store")
    pair.put("small", b"x")
    pair.put_parts("parts", [b"1" * (5 * MIB), b"2"], Metadata={"in": "parts"})
    environment = pair.environment | {"OLD_ENDPOINT_URL": pair.target_proxy.endpoint}
    source = source_of(f"s3://{pair.old}", environment, "OLD")
    before = len(pair.target_proxy.asked)
    done = pair.moved(source)
    asked = pair.target_proxy.asked[before:]
    assert {key: each.proof for key, each in done.items()} == {
        "large": "etag",
        "small": "etag",
        "parts": "parts_etag",
    }
    assert [
        each for each in asked if each.startswith("GET") and "list-type" not in each and "?" not in each
    ] == [f"GET /{pair.old}/small"]
    for key in done:
        assert attributes(pair, pair.new, key) == attributes(pair, pair.old, key)


def test_an_etag_of_kms_is_no_md5_and_the_object_is_hashed_here(pair: Pair) -> None:
    pair.put("k", b"secret", ServerSideEncryption="aws:kms")
    pair.source_proxy.opaque = True
    done = pair.moved()["k"]
    assert (done.state, done.reason, done.proof) == ("moved", "", "etag")
    assert pair.body("k") == b"secret"
    assert done.there
    assert done.there.etag != done.decision.found.etag


def test_sizes_of_parts_that_nobody_tells_are_found_by_their_etag(pair: Pair) -> None:
    pair.put_parts("usual", [b"1" * (6 * MIB), b"2" * (6 * MIB), b"3"])
    pair.put_parts("odd", [b"1" * (5 * MIB + 1), b"2"])
    pair.source_proxy.fault("403", "HEAD", "partNumber", times=99)
    done = pair.moved()
    assert [(each.state, each.proof) for each in done.values()] == [("moved", "parts_etag")] * 2
    there = {key: each.there.etag == each.decision.found.etag for key, each in done.items() if each.there}
    assert there == {"usual": True, "odd": False}
    assert pair.held(pair.new) == pair.held(pair.old)


def test_what_an_earlier_migration_keeps_for_itself_in_the_source_is_no_object_of_it(pair: Pair) -> None:
    for key in ("k", ".migration-assets/kept/0", ".migration-assets/canary-0/plain", "x/.migration-assets/k"):
        pair.put(key, b"body")
    assert [each.key for each in pair.source().listed()] == ["k", "x/.migration-assets/k"]
    assert {each.state for each in pair.moved().values()} == {"moved"}


def test_attributes_of_an_object_that_was_changed_are_not_taken_for_its(pair: Pair) -> None:
    pair.put("k", b"before", Metadata={"is": "before"})
    source = pair.source()
    (before,) = source.listed()
    pair.put("k", b"after", Metadata={"is": "after"})
    pair.source_proxy.deaf = True
    with pytest.raises(SourceChanged):
        source.attributes(before)
