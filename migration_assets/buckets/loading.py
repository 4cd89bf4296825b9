"""The stage `loaded`: what was decided is moved, each object recorded once it is proven.

What a dead run left unrecorded is found by the target's listing: it is recorded as moved, and not sent again.
What it recorded and the target has no more is moved again.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from migration_assets.buckets.arrived import arrived_versions
from migration_assets.buckets.deciding import equal, same
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision, Moved, There
from migration_assets.buckets.part import Part, identity, pace_of
from migration_assets.buckets.recording import Recorder, recorder
from migration_assets.buckets.tally import Tally, counted
from migration_assets.errors import Fenced, StagingRefused
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedSet
from migration_assets.staging.place import slug


@dataclass(frozen=True, slots=True)
class Before:
    """What is on record of an object."""

    #: what came of it in this generation; None: an earlier one has moved it
    moved: Moved | None


def load(
    part: Part,
    staged: StagedSet,
    manifest: Manifest,
    run_id: str,
    still: Callable[[], None] = lambda: None,
) -> Tally:
    """Moves what is not moved yet. `still` raises where another run is at work by now.

    Before anything moves: StagingRefused where the decisions are damaged, Fenced where another run has moved
    what was decided otherwise."""
    _refuse_what_is_older(part, staged, manifest)
    for _ in part.folder.read(manifest):
        pass
    generation = manifest.generation
    recorded = _recorded(part, generation)
    begun = part.begun(generation, recorded)
    versions = _versions(part, generation, recorded)
    again = bool(part.records.unfinished(generation))
    there = Index((each.key, each) for each in part.there()) if again else Index[There]()
    part.records.begin(generation, run_id, staged.name)
    for lower, upper in part.ranges_there:
        part.ends.target.tidy(lower, upper)
    pace = pace_of(int(manifest.facts["to_copy"]), int(manifest.facts["bytes_to_move"]))
    with recorder(part.records, generation, run_id) as recording:
        work = Work(part, recording, recorded, begun, there, versions)
        for moved in part.ends.target.move(work.left(part.decisions(manifest)), part.ends.source, pace):
            still()
            work.done(moved)
        return work.tally


def _refuse_what_is_older(part: Part, staged: StagedSet, manifest: Manifest) -> None:
    if manifest.generation == part.records.next_generation():
        return
    ended = part.records.generations()
    if not ended:
        raise StagingRefused(
            f"The records of partition {part.key} of {part.contract.name} are gone, on which rests what is "
            "staged; nothing was moved.",
            advice="Put `records` back from a copy of the staging place, or materialize `extracted` again.",
        )
    newest = ended[-1]
    if part.records.begun(newest.generation).get(slug(newest.run)) == staged.name:
        return  # the same once more
    raise Fenced(
        f"Generation {newest.generation} of partition {part.key} of {part.contract.name} was made by run "
        f"{newest.run} after it was decided what to move; nothing was moved.",
        advice="If it is not what should be there, run the partition again from `extracted`.",
    )


def _recorded(part: Part, generation: int) -> Index[Before]:
    found: Index[Before] = Index()
    for each in part.records.standing():
        moved = each.moved if each.generation == generation else None
        found.first(identity(each.moved.decision.found), Before(moved))
    return found


def _versions(part: Part, generation: int, recorded: Index[Before]) -> Index[There]:
    if not part.bucket.versions:
        return Index()
    known = Index[bool](
        (each.moved.there.version, True) for each in part.records.standing() if each.moved.there
    )
    meant = part.begun_versions(generation, recorded)
    return Index(
        (identity(each.found), there) for some in arrived_versions(part, meant, known) for each, there in some
    )


@dataclass
class Work:
    """One attempt at a partition; decisions may be asked for by another thread than the one that records."""

    part: Part
    recorder: Recorder
    #: what stands of this migration
    recorded: Index[Before]
    begun: Index[Decision]
    #: what the target holds, where runs have begun the generation before
    there: Index[There]
    #: likewise of versions, by the object: those that dead runs have written
    versions: Index[There]
    tally: Tally = field(default_factory=Tally)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def left(self, decisions: Iterator[Decision]) -> Iterator[Decision]:
        """What is still to be copied; everything else is recorded on the way.

        decision        recorded    begun by a dead run    there already    then
        copy            yes         -                      as recorded      counted as moved, nothing is sent
        copy            no          yes                    the same bytes   recorded as moved, nothing is sent
        copy            no          -                      -                copied
        skip            yes         -                      -                skipped: moved by an earlier run
        skip            no          yes                    the same bytes   recorded as moved, nothing is sent
        skip            no          no                     -                skipped
        refuse          -           -                      -                failed
        """
        for each in decisions:
            if each.action == "refuse":
                self._note(Moved(each, "failed", each.reason))
            elif each.action == "skip":
                self._skipped(each)
            elif (before := self._moved_before(each)) is not None:
                self._counted(before)
            elif (there := self._arrived(each)) is not None:
                self._note(Moved(self._meant(each), "moved", "arrived before", 0, there, proof="etag"))
            else:
                yield each

    def done(self, moved: Moved) -> None:
        meant = self._meant(moved.decision)
        self._note(moved if meant is moved.decision else replace(moved, decision=meant))

    def _skipped(self, decision: Decision) -> None:
        meant = self.begun.get(decision.target)
        if meant is not None and identity(meant.found) == identity(decision.found):
            self._note(Moved(meant, "moved", "arrived before", 0, decision.before, proof="etag"))
        else:
            self._note(Moved(decision, "skipped", decision.reason, there=decision.before))

    def _moved_before(self, decision: Decision) -> Moved | None:
        """What came of it in this generation, if that is what the target has; of older versions of a key no
        listing tells."""
        before = self.recorded.get(identity(decision.found))
        moved = before.moved if before else None
        if moved is None or moved.there is None or _is_another(moved.decision, decision):
            return None
        there = self.there.get(moved.there.key)
        return moved if decision.found.version or (there and same(there, moved.there)) else None

    def _arrived(self, decision: Decision) -> There | None:
        if decision.found.version:
            return self.versions.get(identity(decision.found))
        if equal(decision.found, decision.before, None) == "yes":
            return None  # it was decided to write over it, though its bytes are the same
        there = self.there.get(decision.target)
        return there if equal(decision.found, there, None) == "yes" else None

    def _meant(self, decision: Decision) -> Decision:
        """With what was there before a dead run began: that is what a rollback puts back."""
        meant = self.begun.get(decision.target)
        return replace(decision, before=meant.before) if meant else decision

    def _note(self, moved: Moved) -> None:
        self.recorder.add(moved)
        self._counted(moved)

    def _counted(self, moved: Moved) -> None:
        with self._lock:
            ours = moved.state == "moved" or identity(moved.decision.found) in self.recorded
            counted(self.tally, moved, self.part, ours=ours)


def _is_another(before: Decision, now: Decision) -> bool:
    """Whether what was moved is to go elsewhere, carries something else, or was written again since."""
    if before.target != now.target:
        return True
    as_read, as_listed = before.found.modified, now.found.modified
    return not now.found.version and (as_read, before.attributes) != (as_listed, now.attributes)
