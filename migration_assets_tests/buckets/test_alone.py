import threading
from pathlib import Path

import pytest

from migration_assets.buckets import alone
from migration_assets.buckets.model import Decision
from migration_assets.stages.report import STAGES
from migration_assets_tests.buckets.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(20):
        made.source.put(f"a/{number:02d}", b"x" * number)
    return made


class Held:
    """A run that stands still at its tenth object until it may go on."""

    def __init__(self, world: World) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.failure: str | None = None
        world.target.before = self._before
        self._thread = threading.Thread(target=self._run, args=(world,))
        self._thread.start()
        assert self.reached.wait(30)

    def _before(self, decision: Decision) -> None:
        if decision.target == "a/10" and not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(30)

    def _run(self, world: World) -> None:
        results = {each.stage: each for each in world.migration.move(["all"], STAGES, "first")}
        self.failure = results["loaded"].failure

    def end(self) -> None:
        self.go_on.set()
        self._thread.join()
        assert self.failure == ""


def test_a_second_run_waits_and_then_sends_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "LOOK", 0.05)
    first = Held(world)
    threading.Timer(0.3, first.go_on.set).start()

    second = world.run()["loaded"]
    first.end()

    assert "Generation 1 of partition all of files was made by run first" in second.failure
    assert sorted(world.target.sent) == sorted(world.source.objects)
    assert world.run()["loaded"].failure == ""
    assert len(world.target.sent) == 20


def test_a_second_run_that_has_waited_long_enough_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "LOOK", 0.01)
    monkeypatch.setattr(alone, "PATIENCE", 0.0)
    monkeypatch.setattr("migration_assets.stores.trying.FIRST_WAIT", 0.01)
    first = Held(world)

    second = world.run()["loaded"]
    sent = len(world.target.sent)
    first.end()

    assert "Run first is at work on partition all of files" in second.failure
    assert sent == 10
    assert world.target.bodies() == world.source.bodies()


def test_a_rollback_waits_for_a_load(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.run()["loaded"].failure == ""
    world.source.put("b", b"new")
    monkeypatch.setattr(alone, "LOOK", 0.01)
    world.migration.ask_to_restore(["all"], None, "back")
    world.source.put("a/10", b"newer")
    first = Held(world)
    threading.Timer(0.3, first.go_on.set).start()

    (back,) = world.migration.restore(["all"], "back", "run-back")
    first.end()

    assert "was loaded since the rollback" in back.failure
    assert world.target.bodies() == world.source.bodies()


def test_the_same_decisions_may_be_loaded_once_more(world: World) -> None:
    """As after a run that died when all was done and nobody had been told."""
    assert world.run()["loaded"].failure == ""

    again = world.migration.load("all", "another")

    assert all(each.passed for each in again.outcomes)
    assert len(world.target.sent) == 20
