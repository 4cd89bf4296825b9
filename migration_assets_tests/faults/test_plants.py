"""The suite can fail: every fault that is put into the engine on purpose is found."""

from random import Random

import pytest

from faults.job import When
from faults.judge import judge_run
from faults.kinds import Kind
from faults.kinds.base import told_end
from faults.kinds.stale import stale_writer
from faults.plants import BREAKS
from faults.suite import trial
from faults.trial import Trial
from faults.world import World


def untroubled(one: Trial) -> str:
    """No fault at all but the plant's own."""
    if one.plant == "sleeps":
        one.bound = 2.5
    run = one.ended(one.start())
    judge_run(one, run)
    return told_end(run.status)


def asleep(one: Trial) -> str:
    """It sleeps when it has read its rows, so that only the fence can keep them out."""
    one.when = When(one.partitions[0], "transformed", 1, "stop")
    return stale_writer(one)


def of(plant: str) -> Kind:
    provoke = asleep if plant == "has no fence" else untroubled
    # who visits refers to people, so that rows of `people` cannot be missing for a while
    contract = "visits" if plant == "commits between delete and copy" else "people"
    return Kind(provoke.__name__, provoke, 1, {contract: 1}, partitions=1)


#: those of every run of the tests; the others are slow ones
SAMPLE = ("commits before verification", "doubles a row", "has no fence")


@pytest.mark.parametrize(
    "plant", [plant if plant in SAMPLE else pytest.param(plant, marks=pytest.mark.slow) for plant in BREAKS]
)
def test_a_planted_fault_is_found(world: World, plant: str) -> None:
    verdict = trial(world, 1, of(plant), Random(plant), plant)
    assert BREAKS[plant] in {violation.invariant for violation in verdict.violations}, str(verdict)


def test_without_a_plant_nothing_is_found(world: World) -> None:
    verdict = trial(world, 1, of(""), Random(0))
    assert not verdict.violations, str(verdict)


@pytest.mark.parametrize("after", [False, True])
def test_a_moment_inside_of_a_load_is_met_and_what_it_killed_recovers(world: World, after: bool) -> None:
    from faults.subjects import SUBJECTS

    subject = SUBJECTS["people"]
    for _ in range(2):
        worker = world.start(subject, ["0001"], when=When("0001", "loaded", 30, "kill", after=after))
        assert worker.wait(20)
        assert worker.status == -9
        assert [told.event for told in worker.told()].count("moment") == 1
    worker = world.start(subject, ["0001"])
    assert worker.wait(20)
    assert worker.status == 0
