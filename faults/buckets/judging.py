"""What has to hold after each step of a trial, asked of both sides themselves and of the files on disk."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faults.buckets.things import MARKER, VALUE, State
from faults.buckets.world import SECRETS
from faults.nursery import Worker

if TYPE_CHECKING:
    from faults.buckets.trial import Trial


def target_is_right(trial: "Trial", *, whole: bool) -> None:
    """I1, I2: whatever lies under a key of ours is what the source has or had; `whole`: all that it has."""
    found = trial.target.read()
    for key, state in found.items():
        if key not in trial.source.contents:
            if key not in trial.before:
                trial.violated(f"I2: object {key!r} is nobody's")
            continue
        if state not in _allowed(trial, key, whole=whole):
            trial.violated(f"I2: object {key!r} is {_difference(trial, key, state)}")
    if whole and (missing := trial.source.contents.keys() - found.keys()):
        trial.violated(f"I1: {len(missing)} objects are missing, as {min(missing)!r}")


def _allowed(trial: "Trial", key: str, *, whole: bool) -> list[State]:
    theirs = [each[key] for each in (trial.before, trial.taken) if key in each]
    if key in trial.taken and trial.way != "over":
        return [trial.taken[key]]
    ours = [trial.target.there(state) for state in trial.source.contents[key]]
    if whole:
        return ours[-1:]
    # of versions, the oldest may be there before the others
    begun = [state[:number] for state in ours for number in range(1, len(state))]
    return [*ours, *begun, *theirs]


def _difference(trial: "Trial", key: str, found: State) -> str:
    wanted = trial.target.there(trial.source.contents[key][-1])
    if len(found) != len(wanted):
        return f"there {len(found)} times, not {len(wanted)}"
    fields = ("sha256", "etag", "headers", "metadata", "tags")
    both = list(zip(found, wanted, strict=True))
    names = [name for name in fields if any(getattr(a, name) != getattr(b, name) for a, b in both)]
    return f"not what it should be in {', '.join(names)}"


def others_are_left_alone(trial: "Trial") -> None:
    """I5: what is not the migration's stays as it is."""
    found = trial.target.read()
    theirs = {key: state for key, state in trial.before.items() if key not in trial.source.contents}
    if trial.way != "over":
        theirs |= trial.taken
    for key, state in theirs.items():
        if found.get(key) != state:
            trial.violated(f"I5: somebody else's object {key!r} is {'another' if key in found else 'gone'}")


def source_is_as_it_was(trial: "Trial") -> None:
    """I7; within one store the target's requests go by the same proxy."""
    if not trial.source.is_as_written():
        trial.violated("I7: the source is not what it was")
    if wrote := trial.world.source.wrote:
        trial.violated(f"I7: the source was asked for {next(iter(wrote))[0]}")


def nothing_is_left(trial: "Trial", *, kept: bool) -> None:
    """I4; what a probe leaves that was killed, or whose credentials had expired, is removed by a later one,
    and not at once."""
    may = trial.killed or trial.kind.both == "403 expired"
    for each in trial.target.left(kept=kept, canaries=may):
        trial.violated(f"I4: {each} is left")


def ends_with_a_reason(trial: "Trial", worker: Worker) -> None:
    if worker.status == 1 and not worker.failures():
        trial.violated("I3: it ended red without a reason")
    if worker.status not in (0, 1):
        trial.violated(f"I9: it ended with {worker.status}")


def waited(trial: "Trial") -> None:
    if hasty := len(trial.world.source.hasty) + trial.target.hasty():
        trial.violated(f"I9: {hasty} requests came before the time that Retry-After had said")


def arrived(trial: "Trial") -> set[str]:
    """Keys whose objects are at the target as they have to be."""
    found = trial.target.read()
    contents = trial.source.contents
    return {key for key in found.keys() & contents if found[key] == trial.target.there(contents[key][-1])}


def records_add_up(trial: "Trial") -> None:
    """I8: of every object of the inventory one line at least, none without an end, and nothing made up."""
    lines = list(_lines(trial))
    newest = max((generation for generation, _ in lines), default=0)
    told = {
        (found["key"], found.get("version", "")): each["state"]
        for generation, each in lines
        if generation == newest and (found := each["decision"]["found"])
    }
    counted = Counter(key for key, _ in told)
    wanted = Counter({key: len(states[-1]) for key, states in trial.source.contents.items()})
    if counted != wanted:
        trial.violated(f"I8: the records speak of {counted.total()} objects, the source has {wanted.total()}")
    failed = {key for (key, _), state in told.items() if state == "failed"}
    if failed != (set() if trial.way == "over" else set(trial.taken)):
        trial.violated(f"I8: {len(failed)} objects are recorded as failed")
    for _, each in lines:
        if each["state"] == "moved":
            _is_true(trial, each)


def _is_true(trial: "Trial", said: dict[str, Any]) -> None:
    found = said["decision"]["found"]
    key = found["key"]
    every = [thing for state in trial.source.contents.get(key, []) for thing in state]
    if not said.get("proof"):
        trial.violated(f"I8: object {key!r} is recorded as moved and by nothing proven")
    if said.get("sha256") and said["sha256"] not in {thing.sha256 for thing in every}:
        trial.violated(f"I8: object {key!r} is recorded with a hash that it never had")
    if not found.get("marker") and found["size"] not in {each.size for each in every if each != MARKER}:
        trial.violated(f"I8: object {key!r} is recorded with a size that it never had")


def _lines(trial: "Trial") -> Iterator[tuple[int, dict[str, Any]]]:
    """Of all records of what was moved; their seals are the project's own matter."""
    for file in sorted(trial.world.staging.rglob("records/*.moved")):
        for line in file.read_text().splitlines():
            said = json.loads(line)
            if "decision" in said:
                yield int(file.name.partition(".")[0]), said


def findings_are(trial: "Trial", worker: Worker, expected: set[str]) -> None:
    """I3: verify names what differs, and nothing else."""
    said = findings(worker)
    if missing := expected - said:
        trial.violated(f"I3: verify does not say {sorted(missing)}")
    if invented := said - expected:
        trial.violated(f"I3: verify says {sorted(invented)[:3]}, and it is not so")


def findings(worker: Worker) -> set[str]:
    return {name for told in worker.told() for name in told.facts}


def all_is_as_before(trial: "Trial") -> None:
    """After a rollback: what was there, or what somebody else wrote meanwhile."""
    found, wanted = trial.target.read(), {**trial.before, **trial.taken}
    for key in sorted(found.keys() | wanted.keys()):
        if found.get(key) != wanted.get(key):
            what = "is left" if key not in wanted else "is gone" if key not in found else "is another"
            rule = "I4" if key not in wanted else "I5"
            trial.violated(f"{rule}: after the rollback {key!r} {what}")
    nothing_is_left(trial, kept=False)
    source_is_as_it_was(trial)


def told_nothing(trial: "Trial") -> None:
    """I10: no secret is told or staged, and what objects carry is not told."""
    for worker in trial.workers:
        for file in (worker.job.log, worker.job.told):
            text = Path(file).read_text("utf-8", "replace") if Path(file).exists() else ""
            _tells(trial, text, (*SECRETS, VALUE), "a log")
    for file in trial.world.staging.rglob("*"):
        if file.is_file():
            _tells(trial, file.read_text("utf-8", "replace"), SECRETS, "a staged file")


def _tells(trial: "Trial", text: str, words: tuple[str, ...], where: str) -> None:
    for word in words:
        if word in text:
            trial.violated(f"I10: a {word.partition('-')[0]} is in {where}")


def shown(key: str) -> str:
    """A key as findings have it."""
    return repr(key)[1:-1]
