"""What has to hold after a trial, I1 to I10, asked of the databases themselves."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from faults import photograph, reading
from faults.content import CANARY
from faults.nursery import group_lives
from faults.poller import Poller, strange
from faults.trial import Run, Trial
from faults.world import SECRET

#: seconds in which sessions and processes of a dead run have to be gone
GONE = 5.0
#: more retries than these are none of the project's plan, for each stage of a partition
RETRIES = 3
_SET = re.compile(r"(\d{8})-")


def judge_run(trial: Trial, run: Run) -> None:
    """I2, I3: right after a run. Exit 0 if and only if all of it is there, and old or new in any case."""
    for partition in trial.partitions:
        states = trial.states[partition]
        found = reading.there(trial.world, trial.subject, partition)
        legal = [state.digest for state in states]
        if reading.digest(found) not in legal:
            said = reading.difference(states[-1].loaded, found)
            trial.violated("I2", f"{partition} is neither the old nor the new one: {said}")
        mine = [
            one for one in reading.ledger(trial.world, trial.subject, partition) if one.run_id in run.run_ids
        ]
        if "loaded" in run.done.get(partition, []) and not mine:
            trial.violated("I3", f"{partition} was said to be loaded, and the ledger has no such load")
        if run.status == 0 and not mine:
            trial.violated("I3", f"exit code 0, and the ledger has no load of {partition} by this run")
        if run.status == 1 and trial.hears and mine and "loaded" not in run.done.get(partition, []):
            trial.violated("I3", f"{partition} was said to have failed, and the ledger has its load")
    if run.status == 1 and not run.failures:
        trial.violated("I3", "exit code 1 without a reason")
    if run.retries > RETRIES * 3 * len(trial.partitions):
        trial.violated("I9", f"{run.retries} retries")


def judge_end(trial: Trial, poller: Poller) -> None:
    """All of them, once the same command has recovered."""
    if trial.runs[-1].status != 0:
        reason = "; ".join(trial.runs[-1].failures)[:300]
        trial.violated("I4", f"the same command once more ended with {trial.runs[-1].status}: {reason}")
    for partition in trial.partitions:
        _judge_partition(trial, partition)
        if said := strange(poller.seen[partition], [state.digest for state in trial.states[partition]]):
            trial.violated("I2", f"{partition}: {said}")
    _judge_neighbours(trial)
    trial.look_at_source()
    for left in _left(trial):
        trial.violated("I4", f"left over: {left}")
    for leak in _leaks(trial):
        trial.violated("I10", leak)


def _judge_partition(trial: Trial, partition: str) -> None:
    world, subject = trial.world, trial.subject
    state = trial.states[partition][-1]
    found = reading.there(world, subject, partition)
    if said := reading.difference(state.loaded, found):
        trial.violated("I1", f"{partition}: {said}")
    loads = reading.ledger(world, subject, partition)
    numbers = [one.generation for one in loads]
    if numbers != list(range(1, len(numbers) + 1)):
        trial.violated("I6", f"{partition}: the generations are not 1 to {len(numbers)}")
    newest = loads[-1]
    if found and reading.writers(world, subject, partition) != frozenset([newest.xmin]):
        trial.violated("I6", f"{partition}: rows and ledger were not written by one transaction")
    known = {run_id for run in trial.runs for run_id in run.run_ids} | set(trial.late_runs())
    if any(one.run_id not in known for one in loads if one.generation > trial.loads_before[partition]):
        trial.violated("I6", f"{partition}: a load by a run that nobody started")
    if (newest.extracted, newest.loaded, newest.quarantined) != (
        state.read,
        state.loaded.total(),
        len(state.aside),
    ):
        trial.violated("I8", f"{partition}: read, loaded and quarantined are not what the databases say")
    aside = reading.set_aside(world, subject, partition, newest.generation)
    if sorted(aside) != sorted(state.aside):
        trial.violated("I8", f"{partition}: {len(aside)} keys in quarantine, {len(state.aside)} should be")


def _judge_neighbours(trial: Trial) -> None:
    now = photograph.target(trial.world, trial.subject, trial.partitions)
    before = trial.before
    assert before is not None
    for table, rows in before.rows.items():
        if now.rows[table] != rows:
            trial.violated("I5", f"rows of {table} beside the trial's partitions were written")
    if now.ledger != before.ledger:
        trial.violated("I5", "the ledger's entries of other partitions are not what they were")
    for _, name, _ in now.relations - before.relations:
        trial.violated("I4", f"left over: the relation {name}")
    for _, name, _ in before.relations - now.relations:
        trial.violated("I5", f"the relation {name} is gone")


def _left(trial: Trial) -> Iterator[str]:
    until = time.monotonic() + GONE
    while True:
        left = [
            *photograph.leftovers(trial.world),
            *("a process" for worker in trial.workers if group_lives(worker.pid)),
        ]
        if not left or time.monotonic() > until:
            break
        time.sleep(0.05)
    for worker in trial.workers:
        worker.kill()
    yield from left
    for place in sorted(trial.world.scratch.rglob("*")):
        yield f"the file {place.name}"
    yield from _left_in_staging(trial)
    for place in trial.world.scratch.iterdir():
        shutil.rmtree(place) if place.is_dir() else place.unlink()


def _left_in_staging(trial: Trial) -> Iterator[str]:
    """Sets that nothing could still need. What a dead run of the newest generation has left may stay
    until the next load: a run that is about to be refused might still read it."""
    for partition in trial.partitions:
        loads = reading.ledger(trial.world, trial.subject, partition)
        known = {one.staged for one in loads}
        folder = trial.world.staging / trial.subject.contract / partition
        for place in sorted(folder.iterdir()) if folder.is_dir() else []:
            number = _SET.match(place.name)
            old = number is not None and int(number[1]) < loads[-1].generation
            if place.name not in known and (old or number is None):
                yield f"the staged set {place.name} of {partition}"


def _leaks(trial: Trial) -> Iterator[str]:
    """Canaries where none may be: in what processes print and tell, in manifests, and in the ledger."""
    places = [Path(file) for worker in trial.workers for file in (worker.job.log, worker.job.told)]
    places += [Path(file) for file in trial.logs]
    places += (trial.world.staging / trial.subject.contract).rglob("manifest.json")
    for word, what in ((CANARY, "a row's value"), (SECRET, "a password")):
        for place in places:
            if place.is_file() and word.encode() in place.read_bytes():
                yield f"{what} stands in {place.name}"
        query = "SELECT count(*) FROM migration.load AS l WHERE position(%s in l::text) > 0"
        if reading.ask(trial.world, "target", query, [word]) != [(0,)]:
            yield f"{what} stands in the ledger"
