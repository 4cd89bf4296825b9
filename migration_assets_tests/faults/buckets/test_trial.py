"""A sample of the trials; and that whatever is put into the engine on purpose is found, by its own invariant."""

import random

import pytest

from faults.buckets.kinds import KINDS, WAYS, Way
from faults.buckets.plants import PLANTS
from faults.buckets.trial import Trial, timed
from faults.buckets.world import World

#: of every run of the tests; all others are slow ones
SAMPLE: tuple[tuple[str, Way], ...] = (("flipped-sent", "bucket"), ("answer-lost", "registry"))
REST = [(name, way) for name, kind in KINDS.items() for way in WAYS if way in kind.ways]


def _drawn(world: World, name: str, way: Way) -> None:
    seed = random.randrange(1 << 31)
    trial = Trial(world, 1, KINDS[name], random.Random(f"{seed}"), way)
    happened, seconds = timed(trial)
    print(f"seed {seed}, {name}, {way}: {happened} ({seconds:.1f} s)")
    assert not trial.violations, f"seed {seed}: {trial.violations}"


@pytest.mark.parametrize(("name", "way"), SAMPLE)
def test_a_sample_of_the_trials_violates_nothing(buckets: World, name: str, way: Way) -> None:
    _drawn(buckets, name, way)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), REST)
def test_no_kind_violates_anything_on_any_of_its_ways(buckets: World, name: str, way: Way) -> None:
    _drawn(buckets, name, way)


#: by plant: the bad day on which it shows, and the invariant that it breaks
BREAKS: dict[str, tuple[str, str]] = {
    "believes what it reads": ("flipped-read", "I2"),
    "writes over what is there": ("stranger", "I5"),
    "removes whatever is there": ("server-error", "I5"),
    "leaves uploads": ("server-error", "I4"),
    "drops an object": ("server-error", "I1"),
    "says it is done when it is not": ("server-error", "I1"),
    "says it is not done when it is": ("server-error", "I4"),
    "verifies blindly": ("server-error", "I3"),
    "records nothing": ("server-error", "I8"),
    "prints a secret": ("server-error", "I10"),
    "prints a value": ("server-error", "I10"),
}
QUICK = ("believes what it reads",)


@pytest.mark.parametrize(
    "plant", [plant if plant in QUICK else pytest.param(plant, marks=pytest.mark.slow) for plant in PLANTS]
)
def test_a_planted_fault_is_found(buckets: World, plant: str) -> None:
    kind, invariant = BREAKS[plant]
    # the same day every time: one on which the fault strikes an object
    trial = Trial(buckets, 1, KINDS[kind], random.Random(7), plant=plant, edits=True)

    happened, _ = timed(trial)

    assert any(each.startswith(f"{invariant}:") for each in trial.violations), (happened, trial.violations)
