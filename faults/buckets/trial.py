"""One trial: objects by chance, a bad day by chance, the same command again, verified, and taken back.

After each of them both sides are read; no word of the project's is asked for, and none believed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from faults.buckets import judging
from faults.buckets.kinds import Kind, Plans, Way
from faults.buckets.sides import RESERVED, Source, Target
from faults.buckets.things import State
from faults.buckets.world import World
from faults.job import Operation
from faults.nursery import Worker

#: seconds that a run may take
BOUND = 120.0
#: somebody else's object, of which the source knows nothing
THEIRS = "theirs/alone"
After = Literal["bad day", "again", "idle", "verified", "taken back"]


def _nothing(_trial: "Trial", _after: After) -> None:
    """Nobody does anything behind the suite's back."""


@dataclass
class Trial:
    world: World
    number: int
    kind: Kind
    rng: Random
    #: chosen by chance among the kind's without it
    way: Way = "bucket"
    #: for the tests of the suite: what the workers have in them, and what somebody does after each step
    plant: str = ""
    spoil: Callable[["Trial", After], None] = _nothing
    #: whether an object is changed before it is taken back; None: in one trial of three
    edits: bool | None = None
    violations: list[str] = field(default_factory=list[str])
    #: whether what was planned came to pass
    struck: bool = False
    #: by key, what the target held before anything was moved
    before: dict[str, State] = field(default_factory=dict[str, State])
    #: by key, what somebody else has written meanwhile
    taken: dict[str, State] = field(default_factory=dict[str, State])
    workers: list[Worker] = field(default_factory=list[Worker])
    killed: bool = False

    def __post_init__(self) -> None:
        self.source: Source
        self.target: Target
        self.source, self.target = self.world.sides(self.way)

    def run(self) -> str:
        """The whole trial; what happened at the fault, in a few words."""
        self._begin()
        happened = self._bad_day()
        self._after("bad day", whole=any(worker.status == 0 for worker in self.workers))
        self._again()
        self._after("again", whole=True)
        self._idle()
        self._verify()
        self._take_back()
        judging.told_nothing(self)
        return happened

    def violated(self, what: str) -> None:
        self.violations.append(what)

    def _begin(self) -> None:
        self.world.forget()
        self.target.emptied()
        self.source.fill(self.rng, self.rng.randint(6, 18))
        self.target.put(THEIRS, self.rng)
        keys = sorted(self.source.contents)
        if self.way == "over":
            for key in self.rng.sample(keys, 3):
                self.target.put(key, self.rng)
        self.before = self.target.read()
        self._calm()
        self.world.source.overwrite = self.world.target.overwrite = self.source.overwriting(self.rng)
        self.world.target.stranger = self._stranger

    def _stranger(self, key: str) -> None:
        """Writes a key of ours right before we do; the copies that are kept are nobody else's."""
        if key.startswith(RESERVED):
            return
        self.target.put(key, self.rng)
        self.taken[key] = self.target.read()[key]

    def _calm(self, plans: Plans | None = None) -> None:
        plans = plans or Plans()
        self.world.source.calm()
        self.world.source.faults = plans.source
        self.world.target.calm()
        self.target.plan(plans)

    def _bad_day(self) -> str:
        plans = self.kind.plan(self.rng, self.way, len(self.source.contents))
        self._calm(plans)
        runs = [self._start("move") for _ in range(self.kind.crowd)]
        if self.kind.kill:
            return self._kill(runs[0], self.rng.uniform(0.05, 1.8))
        for run in runs:
            self._ended(run, "the run")
            judging.ends_with_a_reason(self, run)
        judging.waited(self)
        done = self._struck(plans)
        self.struck = bool(done) or self.kind.crowd > 1
        ends = ", ".join("green" if run.status == 0 else "red" for run in runs)
        return f"{', '.join(done) or 'no fault came'}; {ends}"

    def _struck(self, plans: Plans) -> list[str]:
        of_source = [f"{each.done}x {each.action} at {each.operation}" for each in plans.source if each.done]
        return [*of_source, *self.target.struck()]

    def _kill(self, run: Worker, moment: float) -> str:
        self.struck = not run.wait(moment)
        run.kill()
        self._ended(run, "the killed run")
        self.killed = True
        return (
            f"killed after {moment:.2f} s" if self.struck else f"killed, but it had ended with {run.status}"
        )

    def _start(self, operation: Operation, *, discard: bool = False) -> Worker:
        worker = self.world.start(self.way, operation=operation, discard=discard, plant=self.plant)
        self.workers.append(worker)
        return worker

    def _ended(self, worker: Worker, what: str) -> None:
        if not worker.wait(BOUND):
            self.violated(f"I9: {what} did not end within {BOUND:.0f} s, at {worker.place()}")
            worker.kill()
            worker.wait(10)

    def _run(self, what: str, operation: Operation = "move", *, good: bool = True, **said: bool) -> Worker:
        """The command on a calm day: it has to end well, or with a reason."""
        worker = self._start(operation, **said)
        self._ended(worker, what)
        if (worker.status == 0) != good:
            reasons = "; ".join(worker.failures())[:600]
            self.violated(f"{'I4' if good else 'I3'}: {what} ended with {worker.status}: {reasons}")
        judging.ends_with_a_reason(self, worker)
        return worker

    @property
    def _is_good(self) -> bool:
        """Whether all can be moved: what a stranger took is only written over where the contract says so."""
        return not self.taken or self.way == "over"

    def _after(self, step: After, *, whole: bool) -> None:
        self.spoil(self, step)
        judging.target_is_right(self, whole=whole)
        judging.others_are_left_alone(self)
        judging.source_is_as_it_was(self)
        if whole:
            judging.nothing_is_left(self, kept=self.way == "over")

    def _again(self) -> None:
        there = {key for key in judging.arrived(self) if self._is_told(key)}
        self._calm()
        self._run("the same command once more", good=self._is_good)
        if twice := there & self.target.sent():
            self.violated(f"I1: {len(twice)} objects that had arrived were sent again, as {min(twice)!r}")

    def _is_told(self, key: str) -> bool:
        """Whether listings tell of an object, without a record, that it has arrived. They do not where the
        source has written it again, if with the same bytes, nor of a package whose source has but the ETag
        of parts."""
        states = self.source.contents[key]
        return len(states) == 1 and not (self.way == "registry" and "-" in states[-1][-1].etag)

    def _idle(self) -> None:
        """A further run changes nothing, and says of every object what has become of it."""
        self._calm()
        self._run("a further run", good=self._is_good)
        if changed := self.target.changed():
            self.violated(f"I1: a further run changed {len(changed)} things again, as {changed[0]}")
        self._after("idle", whole=True)
        judging.records_add_up(self)

    def _verify(self) -> None:
        """Says what is not equal, and nothing else."""
        self._calm()
        taken = self.taken if self.way != "over" else ()
        expected = {f"changed {judging.shown(key)}" for key in taken}
        if self.way != "registry":  # packages have paths of their own: nothing is known of what lies beside
            expected.add(f"extra {THEIRS}")
        worker = self._run("verify", "verify", good=not expected)
        judging.findings_are(self, worker, expected)
        self._after("verified", whole=True)

    def _take_back(self) -> None:
        plans = self.kind.plan(self.rng, self.way, len(self.source.contents), undoing=True)
        edited = self._edited()
        if edited:
            before = self.target.read()
            self._run("a rollback of what was changed", "restore", good=False)
            if self.target.read() != before:
                self.violated("I5: a rollback that was refused has changed the target")
        self._calm(plans)
        run = self._start("restore", discard=bool(edited))
        if self.kind.kill:
            self._kill(run, self.rng.uniform(0.02, 0.8))
        self._ended(run, "the rollback")
        judging.others_are_left_alone(self)
        self._calm()
        if run.status != 0:
            self._run("the rollback once more", "restore", discard=bool(edited))
        self.spoil(self, "taken back")
        judging.all_is_as_before(self)

    def _edited(self) -> str:
        """An object is changed after it was moved: only who gives it up takes it back."""
        ours = sorted(set(self.source.contents) - set(self.taken) - set(self.before))
        edits = self.rng.random() < 0.33 if self.edits is None else self.edits
        if self.way == "versions" or not ours or not edits:
            return ""
        key = self.rng.choice(ours)
        self.target.put(key, self.rng)
        worker = self._run("verify after a change", "verify", good=False)
        if f"changed {judging.shown(key)}" not in judging.findings(worker):
            self.violated(f"I3: verify does not say that {key!r} was changed")
        return key


def timed(trial: Trial) -> tuple[str, float]:
    started = time.monotonic()
    try:
        happened = trial.run()
    except Exception as error:
        # a trial that cannot be judged is none that has passed
        trial.violated(f"suite: {type(error).__name__}: {error}")
        happened = "not judged"
    return happened, time.monotonic() - started
