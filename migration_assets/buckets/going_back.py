"""A rollback: what later generations moved is taken back, newest first, each object only if it still is
what was written; whoever is interrupted completes it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from migration_assets.buckets.deciding import equal
from migration_assets.buckets.extracting import Hashed
from migration_assets.buckets.model import Moved, There, Undone
from migration_assets.buckets.part import Part, identity
from migration_assets.buckets.records import LONGEST, MOST, Recorded
from migration_assets.checks.from_bucket import bucket_specs
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.errors import LoadRefused, MigrationError, RollbackRefused, TargetChanged
from migration_assets.stages.report import StageReport
from migration_assets.stages.way import StageResult
from migration_assets.staging.place import slug
from migration_assets.stores.trying import in_words, tried

NAMED = 3


@dataclass(frozen=True)
class Foreseen:
    """What a rollback of a partition would do, told without doing it."""

    contract: str
    partition: str
    #: the newest generation, and the one whose objects would be there
    before: int
    generation: int
    #: objects that this migration has there, and would have
    rows_before: int
    rows: int
    changes: bool = False
    undone: tuple[int, ...] = ()
    edited: bool = False
    edited_keys: tuple[RowKey, ...] = ()
    refusals: tuple[str, ...] = ()
    #: back already; only Dagster may not have it on record
    done: bool = False
    #: the name of a rollback that was asked for and is not completed; empty: none
    begun: str = ""


@dataclass(frozen=True)
class Asked:
    """A rollback that somebody asked for."""

    restore: str
    before: int
    generation: int
    discard: bool
    done: bool = False
    recorded: bool = False


def foresee(part: Part, to: int | None) -> Foreseen | None:
    """None where there is nothing to take back; the rest of one that was not completed, where `to` fits."""
    standing = _standing(part)
    waiting = open_one(part)
    if waiting and to in (None, waiting.generation):
        to = waiting.generation
    newest = max((each.generation for each in standing), default=0)
    to = newest - 1 if to is None else to
    undoing = [each for each in standing if each.generation > to]
    if not undoing and not waiting:
        return None
    edited = _edited(part, undoing, _there(part))
    targets = {each.moved.decision.target for each in standing}
    left = {each.moved.decision.target for each in standing if each.generation <= to}
    return Foreseen(
        part.contract.name,
        part.key,
        waiting.before if waiting else max(newest, part.records.next_generation() - 1),
        to,
        len(targets),
        len(left),
        bool(undoing),
        tuple(sorted({each.generation for each in undoing}, reverse=True)),
        bool(edited),
        tuple(edited[:KEYS_SHOWN]),
        done=bool(waiting and waiting.done),
        begun=waiting.restore if waiting else "",
    )


def ask(part: Part, to: int | None, restore: str, *, discard: bool, by: str) -> None:
    """Notes what is asked for; of the same name and discarding no more, it stays as it is noted."""
    known = next((each for each in asked(part) if each.restore == slug(restore)), None)
    if known and (known.discard or not discard):
        return
    found = foresee(part, to)
    if found is None:
        return
    said = {"to": found.generation, "before": found.before, "discard": discard, "by": by, "at": time.time()}
    part.records.ask(found.before + 1, restore, said)


def asked(part: Part) -> list[Asked]:
    """The newest last."""
    ended = {each.generation: each for each in part.records.generations()}
    noted, said = set[str](), dict[str, Asked]()
    for segment, fact in part.records.asked():
        if segment.number:
            noted.add(segment.run)
            continue
        mine = ended.get(segment.generation)
        done = mine is not None and slug(str(mine.facts.get("restore", ""))) == segment.run
        said[segment.run] = Asked(
            segment.run, int(fact["before"]), int(fact["to"]), bool(fact["discard"]), done
        )
    return [replace(each, recorded=name in noted) for name, each in said.items()]


def open_one(part: Part) -> Asked | None:
    """The newest that is not completed, or that Dagster has not on record, and nothing was loaded since."""
    newest = part.records.next_generation() - 1
    waiting = [
        each for each in asked(part) if not each.recorded and newest <= each.before + (1 if each.done else 0)
    ]
    return waiting[-1] if waiting else None


def recorded(part: Part, restore: str) -> None:
    part.records.ask_recorded(restore)


def result(work: Callable[[], StageReport], partition: str) -> StageResult:
    try:
        report, after = tried(work)
    except Exception as error:
        return StageResult(partition, "loaded", failure=in_words(error))
    return StageResult(partition, "loaded", report, after, str(report.refusal or ""))


def take_back(part: Part, restore: str, run_id: str) -> StageReport:
    """RollbackRefused where nobody asked for it, TargetChanged where objects were changed since."""
    started = time.monotonic()
    mine = next((each for each in asked(part) if each.restore == slug(restore)), None)
    if mine is None:
        raise RollbackRefused(
            f"Nothing is noted of a rollback {restore} of {part.contract.name} {part.key}.",
            advice=f"Run `migrate rollback {part.contract.name}`.",
        )
    undone = Counts()
    if not mine.done:
        _write_down_what_arrived(part, run_id)
        undoing = [each for each in _standing(part) if each.generation > mine.generation][::-1]
        _take_back(part, mine, undoing, run_id, undone)
    return _report(part, mine, undone, run_id, started)


@dataclass
class Counts:
    removed: int = 0
    restored: int = 0
    gone: int = 0
    kept: list[RowKey] | None = None

    def add(self, part: Part, undone: Undone) -> None:
        if undone.state == "removed":
            self.removed += 1
        elif undone.state == "restored":
            self.restored += 1
        else:
            self.kept = [*(self.kept or []), RowKey(part.named(undone.moved.decision.target), undone.reason)]


def _take_back(part: Part, asked: Asked, undoing: Sequence[Recorded], run_id: str, counts: Counts) -> None:
    there = _there(part)
    edited = _edited(part, undoing, there)
    if edited and not asked.discard:
        named = "; ".join(f"{each.key} {each.reason}" for each in edited[:NAMED])
        raise TargetChanged(
            f"{len(edited):,} objects of {part.contract.name} {part.key} were changed in the target since "
            f"they were moved: {named}. Nothing was taken back.",
            advice="`--discard-target-changes` gives them up.",
        )
    for generation in dict.fromkeys(each.generation for each in undoing):
        some = [each for each in undoing if each.generation == generation]
        _take_one_back(part, asked, some, run_id, counts)


def _take_one_back(
    part: Part, asked: Asked, undoing: Sequence[Recorded], run_id: str, counts: Counts
) -> None:
    """One generation; a key may be in several, of which the newest comes first."""
    there = _there(part) if asked.discard else {}
    work = [(_as_it_is(one.moved, there), places) for one, places in _once_each(undoing)]
    places = {id(moved): places for moved, places in work}
    for some in _by_the_second(part.ends.target.undo([moved for moved, _ in work])):
        for each in some:
            counts.add(part, each)
        done = [(place, each) for each in some for place in places[id(each.moved)]]
        part.records.undo(asked.before + 1, run_id, done)


def _once_each(undoing: Sequence[Recorded]) -> list[tuple[Recorded, list[str]]]:
    """Each object of a generation once, with all places that speak of it: of two runs at once, one may have
    recorded what the other had not yet."""
    found: dict[tuple[object, ...], tuple[Recorded, list[str]]] = {}
    for each in undoing:
        name = (each.generation, *identity(each.moved.decision.found), each.moved.decision.target)
        first, places = found.get(name, (each, []))
        # what moved it knows more than what has found it
        found[name] = (each if first.moved.reason else first, [*places, each.place])
    return list(found.values())


def _by_the_second(undone: "Iterator[Undone]") -> Iterator[list[Undone]]:
    some, since = list[Undone](), time.monotonic()
    for each in undone:
        some.append(each)
        if len(some) >= MOST or time.monotonic() - since > LONGEST:
            yield some
            some, since = [], time.monotonic()
    if some:
        yield some


def _as_it_is(moved: Moved, there: dict[str, There]) -> Moved:
    """What was changed since, and may be lost, is taken for what was written."""
    now = there.get(moved.decision.target)
    if now is None or moved.there is None or _unchanged(now, moved.there):
        return moved
    return replace(moved, there=now)


def _standing(part: Part) -> list[Recorded]:
    """With what a dead run moved and did not record."""
    found = part.records.standing()
    return [
        *found,
        *(Recorded("", part.records.next_generation(), time.time(), each) for each in _arrived(part)),
    ]


def _arrived(part: Part) -> list[Moved]:
    records = part.records
    known = {identity(each.moved.decision.found): each for each in records.standing()}
    begun = part.begun(records.next_generation(), known)
    if not begun:
        return []
    there = {each.key: each for each in part.there() if each.key in begun}
    return [
        Moved(begun[key], "moved", "arrived before", 0, each, proof="etag")
        for key, each in there.items()
        if equal(begun[key].found, each, None) == "yes"
    ]


def _write_down_what_arrived(part: Part, run_id: str) -> None:
    with part.records.recorder(part.records.next_generation(), run_id) as recorder:
        for each in _arrived(part):
            recorder.add(each)


def _there(part: Part) -> dict[str, There]:
    return {each.key: each for each in part.there()}


def _edited(part: Part, undoing: Sequence[Recorded], there: dict[str, There]) -> list[RowKey]:
    """By target, the newest write of each that is not there as it was written."""
    in_order = sorted(undoing, key=lambda each: (each.generation, each.at, each.place))
    newest = {each.moved.decision.target: each.moved for each in in_order}
    found: list[RowKey] = []
    for target, moved in newest.items():
        now = there.get(target)
        if now is None and moved.decision.before is None:
            continue  # gone already, as it was before
        if now is None:
            found.append(RowKey(part.named(target), "was removed since"))
        elif moved.there is not None and not _unchanged(now, moved.there):
            found.append(RowKey(part.named(target), "was changed since"))
    return found


def _unchanged(now: There, then: There) -> bool:
    """By content; a version that was put back has another id."""
    if now.size != then.size:
        return False
    both = set(now.digests) & set(then.digests)
    return all(now.digests[name] == then.digests[name] for name in both) and (
        bool(both) or not (now.etag and then.etag) or now.etag == then.etag
    )


def _report(part: Part, asked: Asked, counts: Counts, run_id: str, started: float) -> StageReport:
    standing, there = part.records.standing(), _there(part)
    left = {each.moved.decision.target: each.moved for each in standing}
    missing = [target for target in left if target not in there]
    wrong = [*(counts.kept or []), *(RowKey(part.named(key), "is not there") for key in missing)]
    fingerprint = Hashed()
    for target in sorted(left):
        fingerprint.add(target, left[target].decision.found.size)
    outcomes = _outcomes(wrong, counts, len(left))
    if not wrong and not asked.done:
        facts = {"restore": asked.restore, "rolled_back_to": asked.generation}
        part.records.end(asked.before + 1, run_id, "rolled_back", facts)
    return StageReport(
        stage="loaded",
        partition=part.key,
        generation=asked.before + 1,
        rows=len(left),
        bytes=sum(each.decision.found.size for each in left.values()),
        seconds=max(time.monotonic() - started, 1e-6),
        fingerprint=str(fingerprint),
        facts={
            "rolled_back_to": asked.generation,
            "removed": counts.removed,
            "restored": counts.restored,
        },
        outcomes=outcomes,
        refusal=_refusal(part, wrong),
    )


def _refusal(part: Part, wrong: Sequence[RowKey]) -> MigrationError | None:
    if not wrong:
        return None
    named = "; ".join(f"{each.key}: {each.reason}" for each in wrong[:NAMED])
    return LoadRefused(
        f"{len(wrong):,} objects of {part.contract.name} {part.key} were not taken back ({named}).",
        advice=f"`migrate rollback {part.contract.name}` completes it.",
    )


def _outcomes(wrong: Sequence[RowKey], counts: Counts, left: int) -> tuple[CheckOutcome, ...]:
    """The checks of `loaded`, of what is there now: all of them say the same."""
    said = f"{counts.removed:,} objects removed, {counts.restored:,} restored, {left:,} of earlier loads."
    numbers = {"removed": counts.removed, "restored": counts.restored, "left": left, "wrong": len(wrong)}
    return tuple(
        CheckOutcome(
            spec.name,
            not wrong or not spec.blocking,
            spec.blocking,
            said,
            numbers,
            tuple(wrong[:KEYS_SHOWN]) if spec.blocking else (),
        )
        for spec in bucket_specs()
        if spec.stage == "loaded"
    )
