"""What a probe leaves behind, and what it takes away."""

from datetime import timedelta

import pytest

from migration_assets.buckets.s3.probe import canary
from migration_assets_tests.buckets.s3.pair import Pair

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
