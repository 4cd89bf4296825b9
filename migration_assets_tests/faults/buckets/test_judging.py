"""Whatever a migration must not do to its target is named, each by its own invariant."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from faults.buckets import judging
from faults.buckets.kinds import Kind, Way
from faults.buckets.trial import THEIRS, Trial
from faults.buckets.world import SOURCE, TARGET, World, client_of

CALM = Kind("calm")
Spoil = Callable[[Trial, str], object]


def _moved(world: World, way: Way) -> Trial:
    """Everything is at the target, and nothing violated."""
    trial = Trial(world, 1, CALM, random.Random(7), way)
    trial._begin()  # pyright: ignore[reportPrivateUsage]
    trial._bad_day()  # pyright: ignore[reportPrivateUsage]
    _judge(trial)
    assert trial.violations == []
    return trial


def _judge(trial: Trial) -> None:
    trial._after("bad day", whole=True)  # pyright: ignore[reportPrivateUsage]


def _put(trial: Trial, key: str, **said: Any) -> None:
    trial.world.client.put_object(Bucket=TARGET, Key=key, **said)


def _tag(trial: Trial, key: str) -> None:
    tags = {"TagSet": [{"Key": "odd", "Value": "1"}]}
    trial.world.client.put_object_tagging(Bucket=TARGET, Key=key, Tagging=tags)


def _flip(trial: Trial, key: str) -> None:
    """One bit; all else is as it was."""
    found = trial.world.client.get_object(Bucket=TARGET, Key=key)
    body = bytearray(found["Body"].read())
    body[len(body) // 2] ^= 1
    _put(trial, key, Body=bytes(body), ContentType=found["ContentType"], Metadata=found["Metadata"])


IN_A_BUCKET: tuple[tuple[Spoil, str], ...] = (
    (_flip, "I2: object {key} is not what it should be in sha256"),
    (lambda trial, key: trial.target.lost(key), "I1: 1 objects are missing, as {key}"),
    (_tag, "I2: object {key} is not what it should be in tags"),
    (lambda trial, _: _put(trial, "nobody's", Body=b""), 'I2: object "nobody\'s" is nobody'),
    (lambda trial, _: _put(trial, THEIRS, Body=b"ours"), f"I5: somebody else's object '{THEIRS}' is another"),
    (
        lambda trial, _: trial.world.client.create_multipart_upload(Bucket=TARGET, Key="half"),
        "I4: an unfinished upload of 'half' is left",
    ),
    (
        lambda trial, _: _put(trial, ".migration-assets/kept/one", Body=b""),
        "I4: the object '.migration-assets/kept/one' is left",
    ),
    (
        lambda trial, _: _put(trial, ".migration-assets/canary-1/plain", Body=b""),
        "I4: the object '.migration-assets/canary-1/plain' is left",
    ),
    (
        lambda trial, _: trial.world.client.put_object(Bucket=SOURCE, Key="written", Body=b""),
        "I7: the source is not what it was",
    ),
)


@pytest.fixture(scope="module")
def moved(buckets: World) -> Trial:
    return _moved(buckets, "bucket")


def test_records_that_do_not_add_up_are_named(moved: Trial) -> None:
    judging.records_add_up(moved)
    assert moved.violations == []
    (file, *_) = sorted(moved.world.staging.rglob("records/*.moved"))
    text = file.read_text()
    head, first, *rest = text.splitlines()

    file.write_text("\n".join([head, *rest]))
    judging.records_add_up(moved)
    file.write_text(text.replace(first, first.replace('"proof":"', '"proof":"","was":"')))
    judging.records_add_up(moved)
    file.write_text(text)

    assert "I8: the records speak of" in moved.violations[0]
    assert "by nothing proven" in moved.violations[1]
    moved.violations.clear()


def test_what_a_further_run_does_is_seen(moved: Trial) -> None:
    moved.target.plan(CALM.plan(moved.rng, "bucket", 1))
    client = client_of(moved.world.target.endpoint)

    client.put_object(Bucket=TARGET, Key="again", Body=b"")
    client.delete_object(Bucket=TARGET, Key="again")

    assert moved.target.changed() == ["put 'again'", "delete 'again'"]


def test_what_must_not_be_in_a_bucket_is_named_when_all_is_read(moved: Trial) -> None:
    trial = moved
    keys = [key for key, states in sorted(trial.source.contents.items()) if states[-1][0].size > 1]
    chosen = [key for key, _ in zip(keys, IN_A_BUCKET, strict=False)]
    assert len(chosen) > 3

    for place, (spoil, _) in enumerate(IN_A_BUCKET):
        spoil(trial, chosen[min(place, 3)])
    _judge(trial)

    for place, (_, said) in enumerate(IN_A_BUCKET):
        text = said.format(key=repr(chosen[min(place, 3)]))
        assert any(each.startswith(text) for each in trial.violations), (text, trial.violations)


def test_what_must_not_be_in_a_repository_is_named(buckets: World) -> None:
    trial = _moved(buckets, "registry")
    keys = sorted(trial.source.contents)
    packages = buckets.standin.world.packages
    by_path = {str(each.said["filepath"]): each for each in packages.values()}
    doubled, damaged, lost, failed = keys[:4]

    packages["another"] = by_path[doubled]
    by_path[damaged].file.write_bytes(b"other bytes")
    trial.target.lost(lost)
    by_path[failed].state = "failed"
    trial.target.lost(THEIRS)
    _judge(trial)

    for said in (
        f"I2: object {doubled!r} is there 2 times, not 1",
        f"I2: object {damaged!r} is not what it should be in sha256",
        "I1: 2 objects are missing",
        f"I4: a package of {failed!r} that is failed is left",
        f"I5: somebody else's object '{THEIRS}' is gone",
    ):
        assert any(each.startswith(said) for each in trial.violations), (said, trial.violations)
