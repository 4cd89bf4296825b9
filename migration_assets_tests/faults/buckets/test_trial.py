"""A sample of the trials; and that what a copy must not do is found, by its own invariant."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from faults.buckets import things
from faults.buckets.kinds import KINDS
from faults.buckets.trial import Trial, timed
from faults.buckets.world import SOURCE, TARGET, World

#: one that waits for nothing
QUIET = KINDS["server-error"]
#: without those that mostly wait
SAMPLE = (
    "slow-down",
    "truncated",
    "flipped-read",
    "flipped-sent",
    "flipped-stored",
    "answer-lost",
    "overwritten",
    "killed",
)


def test_a_sample_of_the_trials_violates_nothing(buckets: World) -> None:
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    for number, name in enumerate(SAMPLE):
        trial = Trial(buckets, number, KINDS[name], random.Random(f"{seed} {number}"))
        happened, seconds = timed(trial)
        print(f"{name}: {happened} ({seconds:.1f} s)")
        assert not trial.violations, f"seed {seed}, {name}: {trial.violations}"


def _changed(client: Any) -> None:
    key = sorted(things.read(client, TARGET))[0]
    client.put_object(Bucket=TARGET, Key=key, Body=b"something else")


def _lost(client: Any) -> None:
    client.delete_object(Bucket=TARGET, Key=sorted(things.read(client, TARGET))[0])


def _too_many(client: Any) -> None:
    client.put_object(Bucket=TARGET, Key="nobody's", Body=b"")


def _tagged(client: Any) -> None:
    key = sorted(things.read(client, TARGET))[0]
    client.put_object_tagging(Bucket=TARGET, Key=key, Tagging={"TagSet": [{"Key": "odd", "Value": "1"}]})


def _unfinished(client: Any) -> None:
    client.create_multipart_upload(Bucket=TARGET, Key="many/half")


def _source_written(client: Any) -> None:
    client.put_object(Bucket=SOURCE, Key="written", Body=b"")


@pytest.mark.parametrize(
    ("spoil", "invariant"),
    [
        (_changed, "I2"),
        (_lost, "I1"),
        (_too_many, "I2"),
        (_tagged, "I2"),
        (_unfinished, "I4"),
        (_source_written, "I7"),
    ],
)
def test_what_a_copy_must_not_do_is_found(
    buckets: World, spoil: Callable[[Any], None], invariant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(buckets, 1, QUIET, random.Random(7))
    look = trial._look  # pyright: ignore[reportPrivateUsage]

    def spoilt(client: Any, *, whole: bool) -> None:
        if whole:
            spoil(client)
        look(client, whole=whole)

    monkeypatch.setattr(trial, "_look", spoilt)
    monkeypatch.setattr(trial, "_idle", lambda: None)

    timed(trial)

    assert any(each.startswith(invariant) for each in trial.violations), trial.violations
