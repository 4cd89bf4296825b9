"""Copies within one bucket, of objects that are too large for one request, too."""

import pytest

from migration_assets.buckets.s3 import kept, serverside
from migration_assets.buckets.s3.serverside import copy_within
from migration_assets.buckets.s3.store import Conflict
from migration_assets_tests.buckets.s3.awkward import attributes
from migration_assets_tests.buckets.s3.pair import Pair

MIB = 1 << 20
SAID = {
    "Metadata": {"a": "b"},
    "Tagging": "c=d",
    "CacheControl": "no-store",
    "WebsiteRedirectLocation": "/elsewhere",
    "StorageClass": "STANDARD_IA",
}


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 GiB are 6 MiB here."""
    for module in (serverside, kept):
        monkeypatch.setattr(module, "LARGEST_PUT", 6 * MIB)
    monkeypatch.setattr(serverside, "PART", 5 * MIB)


def test_a_copy_carries_what_its_original_does(pair: Pair) -> None:
    said = pair.put_there("k", b"body", **SAID)
    store = pair.target().store
    made = copy_within(store, "k", "copy", said["ETag"].strip('"'))
    assert (made.etag, made.size) == (said["ETag"].strip('"'), 4)
    assert attributes(pair, pair.new, "copy") == attributes(pair, pair.new, "k")


@pytest.mark.usefixtures("_small")
def test_what_is_too_large_for_one_request_is_copied_in_parts(pair: Pair) -> None:
    said = pair.put_there("k", b"0" * (5 * MIB) + b"1" * (5 * MIB) + b"2", **SAID)
    store = pair.target().store
    before = len(pair.target_proxy.asked)
    made = copy_within(store, "k", "copy", said["ETag"].strip('"'))
    asked = pair.target_proxy.asked[before:]
    assert sum("partNumber" in each and each.startswith("PUT") for each in asked) == 3
    assert made.etag.endswith("-3")
    assert pair.body("copy") == pair.body("k")
    there, was = (attributes(pair, pair.new, key) | {"ETag": ""} for key in ("copy", "k"))
    assert there == was
    with pytest.raises(Conflict):
        copy_within(store, "k", "again", "0" * 32)
    assert pair.unfinished() == []


@pytest.mark.usefixtures("_small")
def test_an_object_of_more_than_5_gib_is_kept_and_put_back(pair: Pair) -> None:
    pair.put("k", b"ours")
    pair.put_there("k", b"0" * (7 * MIB), Metadata={"before": "yes"})
    before = pair.held(pair.new)
    target = pair.target()
    done = pair.moved(target=target)
    assert [(each.state, each.reason) for each in done.values()] == [("moved", "")]
    assert pair.body("k") == b"ours"
    assert [each.state for each in target.undo(list(done.values()))] == ["restored"]
    assert pair.held(pair.new) == before
    assert pair.client.head_object(Bucket=pair.new, Key="k")["Metadata"] == {"before": "yes"}
