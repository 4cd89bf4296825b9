"""One trial: objects by chance, a bad day by chance, the same command once more, and both buckets read."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from faults.buckets import things
from faults.buckets.kinds import Kind
from faults.buckets.things import Thing
from faults.buckets.world import SOURCE, TARGET, World
from faults.nursery import Worker

#: seconds that a run may take
BOUND = 120.0
#: of a probe that was killed; the next one removes it when it is an hour old
CANARY = ".migration-assets/canary-"
SECRETS = ("secret-of-the-suite", "secret-of-the-server")


@dataclass
class Trial:
    world: World
    number: int
    kind: Kind
    rng: Random
    violations: list[str] = field(default_factory=list)
    #: by key, every content that the source has had, the one of now last
    contents: dict[str, list[Thing]] = field(default_factory=dict)
    #: by key, the ETag and the time of the source's objects as the suite has written them
    source: dict[str, tuple[str, str]] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    def run(self) -> str:
        """The whole trial; what happened at the fault, in a few words."""
        client = self._begin()
        happened = self._bad_day()
        self._look(client, whole=False)
        for proxy in (self.world.source, self.world.target):
            proxy.calm()
        self._again("the same command once more")
        self._look(client, whole=True)
        self._idle()
        self._look_at_logs()
        return happened

    def _begin(self) -> Any:
        client = self.world.client
        self.world.forget()
        for bucket in (SOURCE, TARGET):
            things.emptied(client, bucket)
        things.fill(client, SOURCE, self.rng, self.rng.randint(6, 18))
        self.contents = {key: [thing] for key, thing in things.read(client, SOURCE).items()}
        self.source = things.tags_of_bytes(client, SOURCE)
        for proxy in (self.world.source, self.world.target):
            proxy.calm()

        def overwrite(key: str) -> None:
            things.put(client, SOURCE, key, self.rng)
            self.contents[key].append(things.read_one(client, SOURCE, key))
            self.source = things.tags_of_bytes(client, SOURCE)

        self.world.source.overwrite = overwrite
        return client

    def _bad_day(self) -> str:
        source, target = self.kind.plan(self.rng, len(self.contents))
        self.world.source.faults, self.world.target.faults = source, target
        runs = [self._start() for _ in range(self.kind.crowd)]
        if self.kind.kill:
            moment = self.rng.uniform(0.05, 1.5)
            killed = not runs[0].wait(moment)
            runs[0].kill()
            self._ended(runs[0], "the killed run")
            return f"killed after {moment:.2f} s" if killed else "nothing was left to kill"
        for run in runs:
            self._ended(run, "the run")
        done = [
            f"{fault.done}x {fault.action} at {fault.operation}" for fault in [*source, *target] if fault.done
        ]
        ends = ", ".join("green" if run.status == 0 else "red" for run in runs)
        return f"{', '.join(done) or self.kind.name}; {ends}"

    def _start(self) -> Worker:
        worker = self.world.start(["all"])
        self.workers.append(worker)
        return worker

    def _ended(self, worker: Worker, what: str) -> None:
        if not worker.wait(BOUND):
            self.violations.append(f"I9: {what} did not end within {BOUND:.0f} s, at {worker.place()}")
            worker.kill()
            worker.wait(10)

    def _again(self, what: str) -> None:
        """The command, which has to end well now."""
        worker = self._start()
        self._ended(worker, what)
        if worker.status != 0:
            self.violations.append(
                f"I4: {what} ended with {worker.status}: {'; '.join(worker.failures())[:600]}"
            )

    def _look(self, client: Any, *, whole: bool) -> None:
        """What lies in the target is what the source has, or had; and all of it, where it has to be whole."""
        found = things.read(client, TARGET)
        for key, thing in found.items():
            if key.startswith(CANARY):
                continue
            allowed = self.contents.get(key, [])
            if whole:
                allowed = allowed[-1:]
            if thing not in allowed:
                what = _difference(thing, allowed[-1]) if allowed else "nobody's"
                self.violations.append(f"I2: object {key!r} is {what}")
        if whole:
            missing = self.contents.keys() - found.keys()
            if missing:
                self.violations.append(f"I1: {len(missing)} objects are missing, as {sorted(missing)[0]!r}")
            if left := things.unfinished(client, TARGET):
                self.violations.append(f"I4: {left} unfinished uploads are left")
        if things.tags_of_bytes(client, SOURCE) != self.source:
            self.violations.append("I7: the source is not what it was")

    def _idle(self) -> None:
        """A further run sends nothing."""
        for proxy in (self.world.source, self.world.target):
            proxy.calm()
        self._again("a further run")
        sent = {key: size for key, size in self.world.target.sent.items() if key in self.contents}
        if sent:
            self.violations.append(f"I1: a further run sent {len(sent)} objects again")

    def _look_at_logs(self) -> None:
        for worker in self.workers:
            for file in (worker.job.log, worker.job.told):
                text = Path(file).read_text("utf-8", "replace") if Path(file).exists() else ""
                if any(secret in text for secret in SECRETS):
                    self.violations.append("I10: a secret is in a log")


def _difference(thing: Thing, wanted: Thing) -> str:
    names = [
        name
        for name in ("sha256", "headers", "metadata", "tags")
        if getattr(thing, name) != getattr(wanted, name)
    ]
    return f"not what it should be in {', '.join(names)}"


def timed(trial: Trial) -> tuple[str, float]:
    started = time.monotonic()
    try:
        happened = trial.run()
    except Exception as error:
        # a trial that cannot be judged is none that has passed
        trial.violations.append(f"suite: {type(error).__name__}: {error}")
        happened = "not judged"
    return happened, time.monotonic() - started
