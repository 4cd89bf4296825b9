"""What makes a decision one that can be carried out."""

from dataclasses import replace

import pytest

from migration_assets.buckets.model import Decision, Found
from migration_assets.buckets.schema import Judged

COPY = Decision(Found("a/b", 3, "", ""), "copy", "", "a/b")


def judged(*decisions: Decision) -> Judged:
    found = Judged(lambda key: key)
    found.judge(decisions)
    return found


def test_decisions_that_can_be_carried_out_pass() -> None:
    skipped = replace(COPY, found=Found("c", 0, "", ""), target="c", action="skip", reason="equal")
    refused = replace(COPY, found=Found("d", 1, "", ""), target="", action="refuse", reason="not named")
    outcome = judged(COPY, skipped, refused).outcome(3)
    assert outcome.passed
    assert outcome.counts["refused"] == 1


@pytest.mark.parametrize(
    "faulty",
    [
        replace(COPY, found=replace(COPY.found, key="")),
        replace(COPY, found=replace(COPY.found, size=-1)),
        replace(COPY, target=""),
        replace(COPY, action="skip"),
        replace(COPY, action="refuse"),
        replace(COPY, action="move"),  # type: ignore[arg-type]  # as a damaged line would have it
    ],
)
def test_what_cannot_be_carried_out_is_faulty(faulty: Decision) -> None:
    outcome = judged(faulty).outcome(1)
    assert not outcome.passed
    assert outcome.counts["faulty"]


def test_two_objects_under_one_key_are_faulty() -> None:
    other = replace(COPY, found=Found("other", 3, "", ""))
    assert not judged(COPY, other).outcome(2).passed


def test_a_decision_that_is_missing_is_told() -> None:
    assert not judged(COPY).outcome(2).passed
