"""What a probe leaves behind, and what it takes away."""

from datetime import timedelta

import pytest

from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3 import flow
from migration_assets.buckets.s3.probe import canary
from migration_assets_tests.buckets.s3.pair import Pair, pair_of

LEFT = ".migration-assets/canary-of-a-dead-run/plain"


@pytest.mark.parametrize(("age", "there"), [(timedelta(hours=1), [LEFT]), (timedelta(hours=-1), [])])
def test_canaries_of_killed_probes_go_when_they_are_old(
    pair: Pair, age: timedelta, there: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.client.put_object(Bucket=pair.new, Key=LEFT, Body=b"a canary")
    monkeypatch.setattr(canary, "LEFT", age)

    pair.target(known=None)

    found = pair.client.list_objects_v2(Bucket=pair.new).get("Contents", ())
    assert [each["Key"] for each in found] == there


@pytest.mark.parametrize(
    ("action", "method", "match"),
    [
        ("503", "DELETE", "/canary-"),
        ("reset", "DELETE", "/canary-"),
        ("lost", "POST", r"/canary-.*uploads"),
        ("reset", "PUT", r"/canary-.*partNumber"),
        ("200 error", "POST", r"/canary-.*uploadId"),
        ("lost", "POST", r"/canary-.*uploadId"),
        ("500", "HEAD", r"/canary-.*parts"),
    ],
)
def test_a_probe_leaves_nothing_and_finds_the_same_on_a_bad_day(
    pair: Pair, known: Capabilities, action: str, method: str, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "LONGEST_WAIT", 0.05)
    fault = pair.target_proxy.fault(action, method, match, times=2)

    found = pair.target(known=None).capabilities()

    assert fault.done == 2
    assert {**found.facts, "initiator": ""} == {**known.facts, "initiator": ""}
    assert pair.held(pair.new) == {}
    assert pair.unfinished() == []


def test_of_canaries_in_a_bucket_that_keeps_versions_none_stays(
    s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pair_of(s3_server) as pair:
        pair.make(versions=True)
        pair.put_there(LEFT, b"a canary")
        pair.client.delete_object(Bucket=pair.new, Key=LEFT)
        monkeypatch.setattr(canary, "LEFT", timedelta(hours=-1))

        pair.target(known=None)

        found = pair.client.list_object_versions(Bucket=pair.new)
        assert [*found.get("Versions", ()), *found.get("DeleteMarkers", ())] == []


def test_of_headers_that_a_store_refuses_together_each_is_tried_by_itself(
    pair: Pair, known: Capabilities
) -> None:
    pair.target_proxy.fault("403", "PUT", "/full$", times=9)
    pair.target_proxy.fault("403", "PUT", "/only%20expires$", times=9)
    pair.target_proxy.fault("403", "PUT", "/elsewhere$", times=9)
    found = pair.target(known=None).capabilities()
    redirect = "x-amz-website-redirect-location"
    assert found.drops == ("The header expires is not kept.", f"The header {redirect} is not kept.")


def test_metadata_that_a_target_cannot_hold_is_left_out_and_named(pair: Pair) -> None:
    pair.put("k", b"body", Metadata={"a": "b"})
    target = pair.target()
    target = pair.target(known=Capabilities({**target.capabilities().facts, "keeps_metadata": False}))
    assert pair.moved(target=target)["k"].dropped == ("metadata",)
    assert pair.client.head_object(Bucket=pair.new, Key="k")["Metadata"] == {}
