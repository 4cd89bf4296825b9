"""One trial: what is moved, what the source was before and is now, which runs there were, what was wrong."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol

from faults import photograph, reading
from faults.job import STAGES, Stage, When
from faults.nursery import Worker
from faults.photograph import Photograph
from faults.reading import State
from faults.subjects import Subject
from faults.world import BOUND, World


@dataclass(frozen=True)
class Violation:
    """A broken invariant, without a value of any row."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True)
class Run:
    """How one run of the command ended."""

    #: of the ledger: one, or those of the runs that Dagster made of the command
    run_ids: Sequence[str]
    #: negative: killed by that signal
    status: int | None
    seconds: float
    failures: Sequence[str]
    #: by partition: the stages that it said were done
    done: dict[str, list[Stage]]
    retries: int = 0


class Command(Protocol):
    # moves the trial's partitions, to its end
    def __call__(self) -> Run: ...


@dataclass
class Trial:
    world: World
    number: int
    kind: str
    rng: Random
    subject: Subject
    partitions: list[str]
    plant: str = ""
    #: by partition: what it may be in the target, one after another; the last is what it has to be
    states: dict[str, list[State]] = field(default_factory=dict)
    before: Photograph | None = None
    loads_before: dict[str, int] = field(default_factory=dict)
    source: dict[str, object] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    #: files beside the workers' own that may hold no secret
    logs: list[str] = field(default_factory=list)
    #: whether the runs could always hear what the target answered
    hears: bool = True
    #: whether partitions beside the trial's are left alone by what is provoked
    steady: bool = True
    #: seconds that a run may take
    bound: float = BOUND
    moment: str = ""
    #: how the same command is given once more; the worker's by default
    command: Command | None = None
    #: runs that nobody waited for to their end: Dagster may have made them late
    late_runs: Callable[[], Iterable[str]] = tuple
    #: in place of a moment by chance
    when: When | None = None
    #: what is waited for before all is judged
    late: Callable[[], None] | None = None

    def violated(self, invariant: str, what: str) -> None:
        self.violations.append(Violation(invariant, what))

    def begin(self) -> None:
        """The photographs of before, and new rows in the source."""
        for partition in self.partitions:
            loads = reading.ledger(self.world, self.subject, partition)
            self.loads_before[partition] = loads[-1].generation if loads else 0
            rows = reading.there(self.world, self.subject, partition)
            self.states[partition] = [State(rows.total(), rows, frozenset())]
        self.before = photograph.target(self.world, self.subject, self.partitions)
        self.change()

    def change(self) -> None:
        """New rows in the trial's partitions of the source; from now on they are what has to arrive."""

        def write() -> None:
            for partition in self.partitions:
                self.world.fill(self.rng, self.subject, partition)

        self.write_source(write)

    def write_source(self, write: Callable[[], None]) -> None:
        """The suite's own writing; whatever else has changed in the source was done by somebody else."""
        self.look_at_source()
        write()
        self.source = photograph.source(self.world)
        for partition in self.partitions:
            self.states[partition].append(reading.wanted(self.world, self.subject, partition))

    def look_at_source(self) -> None:
        if self.source and photograph.source(self.world) != self.source:
            self.violated("I7", "the source is not what it was")

    def start(
        self,
        *,
        when: When | None = None,
        environment: dict[str, str] | None = None,
        clock: float = 0.0,
        counts: bool = False,
    ) -> Worker:
        """A worker for the trial's partitions."""
        worker = self.world.start(
            self.subject,
            self.partitions,
            when=when,
            environment=environment,
            plant=self.plant,
            clock=clock,
            counts=counts,
        )
        self.workers.append(worker)
        return worker

    def ended(self, worker: Worker) -> Run:
        """Waits for the worker, as long as a run may take."""
        left = self.bound - worker.seconds
        if not worker.wait(left):
            self.violated("I9", f"a run was still going on after {self.bound:.0f} s at {worker.place()}")
            worker.kill()
            worker.wait(10)
        elif worker.seconds > self.bound:
            self.violated("I9", f"a run took {worker.seconds:.0f} s")
        done: dict[str, list[Stage]] = {partition: [] for partition in self.partitions}
        for told in worker.told():
            if told.event == "result" and not told.text:
                done[told.partition].append(told.stage)
        retries = sum(told.retries for told in worker.told() if told.event == "result")
        run = Run((worker.job.run_id,), worker.status, worker.seconds, worker.failures(), done, retries)
        self.runs.append(run)
        return run

    def again(self) -> Run:
        """The same command once more."""
        if self.command is not None:
            run = self.command()
            self.runs.append(run)
            return run
        worker = self.start(counts=True)
        run = self.ended(worker)
        if not run.status:
            self.world.learn(self.subject, worker)
        return run

    def pick_moment(self, act: Literal["kill", "stop"]) -> When:
        """A moment of a stage by chance; of a load more often than of the others."""
        if self.when is not None:
            return self.when
        stage = self.rng.choices(STAGES, [1, 1, 3])[0]
        most = self.world.touches.get((self.subject.contract, stage), 20)
        when = When(
            self.rng.choice(self.partitions),
            stage,
            self.rng.randint(1, max(1, most)),
            act,
            after=self.rng.random() < 0.5,
        )
        self.moment = str(when)
        return when


def nap(seconds: float) -> None:
    time.sleep(max(0.0, seconds))
