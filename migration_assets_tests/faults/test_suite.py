"""Twenty trials of mixed kinds, as `make faults` runs them; the draw of trials; the closing lines."""

import random
from collections import Counter

import pytest

from faults.kinds import KINDS
from faults.suite import Count, closing_lines, drawn, kinds_of, trials
from faults.world import World

#: of one `migrate run` or of a MariaDB each alone takes as long as ten other trials
SHORT = "kill,stale,cut,lost,restart-target,disk,clock,crowd,moving,drift"


def test_a_sample_of_the_trials_violates_nothing(world: World) -> None:
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    kinds, _ = kinds_of(SHORT)
    count = trials(world, seed, 1, 20, kinds, print)
    assert sum(count.trials.values()) == 20
    assert count.violations == 0


def test_the_same_seed_and_number_draw_the_same_trial() -> None:
    kinds = list(KINDS.values())
    for number in (1, 17, 300):
        first, chances = drawn(5, number, kinds)
        second, again = drawn(5, number, kinds)
        assert (first, chances.random()) == (second, again.random())
    assert [drawn(5, n, kinds)[0].name for n in range(1, 30)] != [
        drawn(6, n, kinds)[0].name for n in range(1, 30)
    ]


def test_kinds_take_turns_by_their_weights() -> None:
    kinds = list(KINDS.values())
    turn = sum(kind.weight for kind in kinds)
    found = Counter(drawn(3, number, kinds)[0].name for number in range(1, 2 * turn + 1))
    assert found == {kind.name: 2 * kind.weight for kind in kinds if kind.weight}


def test_kinds_are_named_by_how_they_begin() -> None:
    there, missing = kinds_of("kill, cut-source")
    assert {kind.name for kind in there} | missing.keys() == {"kill-group", "kill-parent", "cut-source"}
    with pytest.raises(KeyError):
        kinds_of("earthquake")


def test_the_last_line_has_trials_violations_and_seed() -> None:
    count = Count()
    count.trials.update({"clock": 3, "crowd": 1})
    count.violated["clock"] = 2
    lines = closing_lines(count, {"disk-staging": "only root may mount a small disk"}, 7)
    assert lines[-1] == "faults: 4 trials, 2 violations, seed 7"
    assert any("disk-staging" in line and "skipped: only root" in line for line in lines)
