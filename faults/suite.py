"""The trials, one after another: begun, provoked, recovered, judged, told."""

import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from faults import reading
from faults.judge import judge_end, judge_run
from faults.kinds import KINDS, Kind
from faults.kinds.base import chosen
from faults.poller import polling
from faults.servers import mariadb_missing
from faults.subjects import SUBJECTS
from faults.trial import Trial, Violation
from faults.world import World


@dataclass(frozen=True)
class Verdict:
    """A trial in one line."""

    number: int
    kind: str
    place: str
    moment: str
    happened: str
    seconds: float
    violations: Sequence[Violation]

    def __str__(self) -> str:
        said = "ok" if not self.violations else "VIOLATED " + "; ".join(map(str, self.violations))
        head = f"{self.number:4d}  {self.kind:18s} {self.place:24s}"
        return f"{head} {self.moment}: {self.happened}. {said} ({self.seconds:.1f} s)"


@dataclass
class Count:
    trials: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)

    @property
    def violations(self) -> int:
        return sum(self.violated.values())


def kinds_of(words: str) -> tuple[list[Kind], dict[str, str]]:
    """The kinds that the words begin, all without words; and those that cannot be provoked here, with the
    reason. KeyError for a word that begins none."""
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    for word in wanted:
        if not any(name.startswith(word) for name in KINDS):
            raise KeyError(word)
    named = [
        kind for name, kind in KINDS.items() if not wanted or any(name.startswith(word) for word in wanted)
    ]
    missing = {kind.name: why for kind in named if (why := kind.missing())}
    return [kind for kind in named if kind.name not in missing], missing


def drawn(seed: int, number: int, kinds: Sequence[Kind]) -> tuple[Kind, Random]:
    """The kind of a trial and its chances: the same for the same seed and number.

    The kinds take turns by their weights, so that few trials, too, are of many kinds.
    """
    deck = [kind for kind in kinds for _ in range(kind.weight)]
    turn, place = divmod(number - 1, len(deck))
    Random(f"{seed} deck {turn}").shuffle(deck)
    return deck[place], Random(f"{seed} trial {number}")


def trial(world: World, number: int, kind: Kind, rng: Random, plant: str = "") -> Verdict:
    """One trial, to its verdict; a world that was spoiled by it begins anew."""
    started = time.monotonic()
    contract, partitions = chosen(kind, rng, mariadb=_mariadb(kind))
    if contract == "stock":
        world.mariadb()
    one = Trial(world, number, kind.name, rng, SUBJECTS[contract], partitions, plant)
    happened = _gone_through(one, kind)
    if one.violations:
        world.begin()
    place = f"{contract}/{'+'.join(partitions)}"
    return Verdict(
        number, kind.name, place, one.moment, happened, time.monotonic() - started, tuple(one.violations)
    )


def _gone_through(one: Trial, kind: Kind) -> str:
    """The trial from its begin to its judgement; what happened at the fault."""
    happened = "nothing"
    try:
        one.begin()
        with polling(one.world, one.subject, one.partitions) as poller:
            happened = kind.provoke(one)
            _recovered(one)
        if poller.looks == 0:
            one.violated("I2", "nobody looked")
        _settle(one)
        judge_end(one, poller)
    except Exception as error:
        # a trial that cannot be judged is none that has passed
        place = traceback.extract_tb(error.__traceback__)[-1]
        one.violated("suite", f"{type(error).__name__} in {place.name}, line {place.lineno}")
        if os.environ.get("FAULTS_DEBUG"):
            traceback.print_exc()
    return happened


def _recovered(one: Trial) -> None:
    judge_run(one, one.again())
    if one.late is not None:
        one.late()


def _mariadb(kind: Kind) -> bool:
    return "stock" in kind.contracts and not mariadb_missing()


def _settle(one: Trial) -> None:
    """What has to be there at the end is what the source says now."""
    for partition in one.partitions:
        state = reading.wanted(one.world, one.subject, partition)
        if state.digest != one.states[partition][-1].digest or state.aside != one.states[partition][-1].aside:
            one.states[partition].append(state)


def trials(
    world: World, seed: int, first: int, number: int, kinds: Sequence[Kind], say: Callable[[str], object]
) -> Count:
    count = Count()
    for at in range(first, first + number):
        kind, rng = drawn(seed, at, kinds)
        try:
            verdict = trial(world, at, kind, rng)
        except KeyboardInterrupt:
            say(f"Interrupted in trial {at}; what follows counts those before it.")
            break
        count.trials[kind.name] += 1
        count.violated[kind.name] += len(verdict.violations)
        say(str(verdict))
    return count


def closing_lines(count: Count, skipped: dict[str, str], seed: int) -> list[str]:
    """The counts by kind, what could not be provoked and why, and the one line at the end."""
    lines = [
        f"  {name:18s} {number:4d} trials, {count.violated[name]} violations"
        for name, number in sorted(count.trials.items())
    ]
    lines += [f"  {name:18s} skipped: {why}" for name, why in sorted(skipped.items())]
    total = sum(count.trials.values())
    return [*lines, f"faults: {total} trials, {count.violations} violations, seed {seed}"]
