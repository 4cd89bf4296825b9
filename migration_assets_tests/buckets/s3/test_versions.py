"""Versions and delete markers, through the engine."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from moto.core.utils import utcnow
from moto.s3 import models

from migration_assets_tests.buckets.s3.between import Between


@pytest.fixture(autouse=True)
def _each_second_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """That server tells times in seconds only."""
    first, seconds = utcnow(), itertools.count()
    monkeypatch.setattr(models, "utcnow", lambda: first + timedelta(seconds=next(seconds)))


@pytest.fixture
def between(s3_server: str, tmp_path: Path) -> Between:
    made = Between(s3_server, tmp_path, ("versions",)).make(versions=True)
    for key, body in (("k", b"one"), ("other", b"only"), ("gone", b"gone"), ("k", b"two, longer")):
        made.put(key, body)
    for key in ("k", "gone"):
        made.client.delete_object(Bucket=made.old, Key=key)
    made.put("k", b"four")
    return made


BODIES = {"gone": [b"gone", None], "k": [b"one", b"two, longer", None, b"four"], "other": [b"only"]}


def unrecorded(between: Between, *, of: int = 1) -> None:
    """As a run is killed when all of its work had arrived, and the last of it was not written down."""
    records = sorted(between.folder.rglob("*.moved"))
    for each in (*records[-of:], *between.folder.rglob("*.ended")):
        each.unlink()


def test_versions_that_arrived_and_were_not_recorded_are_found_and_not_doubled(between: Between) -> None:
    between.loaded()
    unrecorded(between)
    again = between.loaded()
    assert (again["moved"], again["bytes_sent"]) == (7, 0)
    assert between.versions(between.new) == BODIES
    back = between.back()
    assert not back.failure, back.failure
    assert between.versions(between.new) == {}


def test_a_rollback_right_after_a_kill_takes_back_all_versions(between: Between) -> None:
    between.loaded()
    unrecorded(between)
    back = between.back()
    assert not back.failure, back.failure
    assert between.versions(between.new) == {}


def test_the_newest_version_is_current_though_the_target_had_its_bytes_before(between: Between) -> None:
    between.said = {"conflict": "overwrite"}
    between.client.put_object(Bucket=between.new, Key="k", Body=b"four")
    between.loaded()
    assert between.versions(between.new)["k"] == [b"four", *BODIES["k"]]
    assert between.loaded()["moved"] == 0
    back = between.back()
    assert not back.failure, back.failure
    assert between.versions(between.new) == {"k": [b"four"]}


def test_what_was_written_over_ours_is_given_up_and_ours_goes_with_it(between: Between) -> None:
    between.loaded()
    for key in ("k", "gone"):
        between.client.put_object(Bucket=between.new, Key=key, Body=b"somebody else's")
    assert "were changed in the target since" in between.back().failure
    assert between.versions(between.new)["k"] == [*BODIES["k"], b"somebody else's"]
    back = between.back(discard=True)
    assert not back.failure, back.failure
    assert between.versions(between.new) == {}


def test_all_versions_and_markers_arrive_once(between: Between) -> None:
    expected = {key: [*bodies] for key, bodies in BODIES.items()}
    assert between.versions(between.old) == expected
    first = between.loaded()
    assert between.versions(between.new) == expected
    second = between.loaded()
    assert (first["moved"], second["moved"], second["bytes_sent"]) == (7, 0, 0)
    assert between.versions(between.new) == expected

    between.put("k", b"five")
    between.client.delete_object(Bucket=between.old, Key="other")
    third = between.loaded()
    assert (third["moved"], third["bytes_sent"]) == (2, 4)
    expected["k"].append(b"five")
    expected["other"].append(None)
    assert between.versions(between.new) == expected

    for _ in range(2):
        back = between.back()
        assert not back.failure, back.failure
    assert between.versions(between.new) == {}
