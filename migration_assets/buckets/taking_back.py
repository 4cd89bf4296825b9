"""A rollback: what later generations moved is taken back, newest first, each object only if it still is
what was written; whoever is interrupted completes it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from migration_assets.buckets.asked import Asked, loaded_since, of_name
from migration_assets.buckets.deciding import same_bytes
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Moved, There, Undone
from migration_assets.buckets.part import Part, identity
from migration_assets.buckets.recording import LONGEST, MOST
from migration_assets.buckets.standing import edited, there_now, write_down_what_arrived
from migration_assets.buckets.taken_back import Counts, report
from migration_assets.errors import RollbackRefused, TargetChanged
from migration_assets.stages.report import StageReport
from migration_assets.stages.way import StageResult
from migration_assets.stores.trying import in_words, tried

#: objects that a refusal names
NAMED = 3


def result(work: Callable[[], StageReport], partition: str) -> StageResult:
    try:
        report, after = tried(work)
    except Exception as error:
        return StageResult(partition, "loaded", failure=in_words(error))
    return StageResult(partition, "loaded", report, after, str(report.refusal or ""))


def take_back(part: Part, restore: str, run_id: str, still: Callable[[], None]) -> StageReport:
    """RollbackRefused where nobody asked for it, or something was loaded since; TargetChanged where objects
    were changed since they were moved."""
    started = time.monotonic()
    mine = of_name(part, restore)
    again = f"Run `migrate rollback {part.contract.name}`."
    if mine is None:
        what = f"Nothing is noted of a rollback {restore} of {part.contract.name} {part.key}."
        raise RollbackRefused(what, advice=again)
    if loaded_since(part, mine):
        what = f"{part.contract.name} {part.key} was loaded since the rollback {restore} was asked for."
        raise RollbackRefused(f"{what} Nothing was taken back.", advice=again)
    counts = Counts()
    if not mine.done:
        write_down_what_arrived(part, run_id)
        _take_back(part, mine, run_id, counts, still)
        still()
    return report(part, mine, counts, run_id, started)


def _take_back(part: Part, asked: Asked, run_id: str, counts: Counts, still: Callable[[], None]) -> None:
    undoing, generations = Index[Moved](), dict[int, None]()
    for each in part.records.standing():
        if each.generation > asked.generation:
            generations[each.generation] = None
            undoing.first(each.moved.decision.target, each.moved)
    found = edited(part, undoing, there_now(part))
    if found and not asked.discard:
        named = "; ".join(f"{each.key} {each.reason}" for each in found.first[:NAMED])
        raise TargetChanged(
            f"{found.number:,} objects of {part.contract.name} {part.key} were changed in the target since "
            f"they were moved: {named}. Nothing was taken back.",
            advice="`--discard-target-changes` gives them up.",
        )
    for generation in generations:
        for undone in _one_taken_back(part, asked, generation, run_id):
            for each in undone:
                counts.add(part, each)
            still()


def _one_taken_back(part: Part, asked: Asked, generation: int, run_id: str) -> Iterator[list[Undone]]:
    """One generation, recorded; a key may be in several, of which the newest comes first."""
    there = there_now(part) if asked.discard else Index[There]()
    places = _places(part, generation)
    work = (
        some
        for each in part.records.standing(generation)
        if each.place == _of(each.moved, places)[0]
        for some in _as_it_is(each.moved, there)
    )
    into = part.records.next(asked.before + 1, run_id, "undone")
    for some in _by_the_second(part.ends.target.undo(work)):
        part.records.undo(into, [(place, each) for each in some for place in _of(each.moved, places)])
        into = into.after
        yield some


def _places(part: Part, generation: int) -> Index[tuple[str, ...]]:
    """Each object of a generation once, with all places that speak of it: of two runs, one may have recorded
    what the other had not yet. The first one is of the run that moved it, which knows more than what has
    found it."""
    found: Index[tuple[str, ...]] = Index()
    for each in part.records.standing(generation):
        before = found.get(_name(each.moved)) or ()
        first = bool(before) and not each.moved.reason
        found.put(_name(each.moved), (each.place, *before) if first else (*before, each.place))
    return found


def _of(moved: Moved, places: Index[tuple[str, ...]]) -> tuple[str, ...]:
    return places.get(_name(moved)) or ("",)


def _name(moved: Moved) -> str:
    """Of an object that its source wrote again, if with the same bytes, each write is one."""
    decision = moved.decision
    found = decision.found
    return f"{identity(found)}\0{decision.target}\0{found.modified}\0{decision.attributes}"


def _by_the_second(undone: Iterator[Undone]) -> Iterator[list[Undone]]:
    some, since = list[Undone](), time.monotonic()
    for each in undone:
        some.append(each)
        if len(some) >= MOST or time.monotonic() - since > LONGEST:
            yield some
            some, since = [], time.monotonic()
    if some:
        yield some


def _as_it_is(moved: Moved, there: Index[There]) -> tuple[Moved, ...]:
    """What was changed since, and may be lost, is taken for what was written; a version of ours below it
    goes, too. Of several versions of a key the first one that comes is the newest."""
    now = there.get(moved.decision.target)
    there.away(moved.decision.target)
    if now is None or moved.there is None or same_bytes(now, moved.there):
        return (moved,)
    changed = replace(moved, there=now)
    # a listing of a bucket tells no versions; a package has none below it
    below = moved.there.version and not now.version
    return (changed, moved) if below else (changed,)
