import subprocess
import sys
import time

import pytest

from migration_assets.staging import holding
from migration_assets_tests.s3 import Bucket
from migration_assets_tests.staging.world import InBucket, World

HOLDS = """
import os, sys, time
from migration_assets.staging.root import staging_of
held = staging_of(os.environ).partition("customers", "all").place.holding("dead")
assert held.taken() == ""
print("held", flush=True)
time.sleep(600)
"""


def test_one_run_has_it_and_the_next_one_when_it_is_released(world: World) -> None:
    first = world.partition().place.holding("first")
    second = world.partition().place.holding("second")

    assert first.taken() == ""
    assert second.taken() == "first"
    assert (first.ours(), second.ours()) == (True, False)

    first.release()

    assert not first.ours()
    assert second.taken() == ""
    second.release()


def test_partitions_are_held_apart(world: World) -> None:
    one, other = (world.partition(key=key).place.holding("run") for key in ("a", "b"))

    assert one.taken() == other.taken() == ""
    one.release()
    other.release()


def test_what_holds_is_no_staged_set(world: World) -> None:
    held = world.partition().place.holding("run")
    held.taken()

    assert world.partition().sets() == []
    held.release()


def test_a_dead_run_holds_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "DEAD", 0.5)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, env={**dict(world.environment)}
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        process.kill()
    held = world.partition().place.holding("living")
    until = time.monotonic() + 20

    while held.taken():
        assert time.monotonic() < until
        time.sleep(0.1)

    assert held.ours()
    held.release()


def test_signs_of_life_keep_it_in_s3_and_who_gives_none_finds_out(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = InBucket(bucket)
    monkeypatch.setattr(holding, "DEAD", 0.8)
    monkeypatch.setattr(holding, "SIGN", 0.1)
    living, waiting = (world.partition().place.holding(run) for run in ("living", "waiting"))
    assert living.taken() == ""
    until = time.monotonic() + 1.2
    while time.monotonic() < until:
        assert waiting.taken() == "living"
        time.sleep(0.1)

    world.replace("customers/all/at_work", b"{}")  # as somebody writes who took it for dead
    assert waiting.taken() == ""
    until = time.monotonic() + 10
    while living.ours():
        assert time.monotonic() < until
        time.sleep(0.05)

    waiting.release()
    assert not living.ours()
