"""The ledger of a bucket's partition: what came of each object, kept beside its staged sets and never pruned.

`records/<generation>.<run>.<number>.<kind>`, each file whole or not at all, sealed in its last line:

begun     before the first object moves: the staged set that says what was meant to move
moved     what came of objects, a second or 500 of them at a time, in the order in which it came
undone    what a rollback took back, by the places of what was moved
asked     a rollback that somebody asked for
ended     that a generation is complete, what it came to, and when
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from migration_assets.buckets.index import Index
from migration_assets.buckets.lines import line, moved_of
from migration_assets.buckets.model import Moved, Undone
from migration_assets.errors import StagingRefused
from migration_assets.staging.partition import StagedPartition
from migration_assets.staging.place import slug

RECORDS = "records"

Kind = Literal["begun", "moved", "undone", "asked", "ended"]


@dataclass(frozen=True, order=True)
class Segment:
    """One file of records, by its name."""

    generation: int
    run: str
    number: int
    kind: str

    @property
    def path(self) -> str:
        return f"{RECORDS}/{self.generation:08d}.{self.run}.{self.number:06d}.{self.kind}"

    @property
    def after(self) -> "Segment":
        return replace(self, number=self.number + 1)

    @classmethod
    def of(cls, path: str) -> "Segment":
        generation, _, rest = path.rpartition("/")[2].partition(".")
        run, number, kind = rest.rsplit(".", 2)
        return cls(int(generation), run, int(number), kind)


@dataclass(frozen=True)
class Recorded:
    """One object that was moved, and where that is written."""

    place: str
    generation: int
    #: seconds since 1970
    at: float
    moved: Moved


@dataclass(frozen=True)
class Ended:
    """One complete generation."""

    generation: int
    state: Literal["loaded", "rolled_back"]
    run: str
    #: seconds since 1970
    at: float
    #: what it came to: counts, fingerprints, and of a rollback the generation that it put back
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Records:
    """Those of one partition."""

    partition: StagedPartition

    def segments(self, *kinds: Kind) -> list[Segment]:
        """By generation, run and number."""
        found = [Segment.of(path) for path in self.partition.place.files(RECORDS)]
        return sorted(each for each in found if each.kind in kinds)

    def generations(self) -> list[Ended]:
        """The complete ones, the newest last."""
        return [self._ended(each) for each in self.segments("ended")]

    def next_generation(self) -> int:
        """One that is not complete is the next one still."""
        return max((each.generation for each in self.segments("ended")), default=0) + 1

    def begin(self, generation: int, run_id: str, staged: str) -> None:
        """Notes that what the staged set says is about to move."""
        self._put(Segment(generation, slug(run_id), 0, "begun"), [{"staged": staged}])

    def begun(self, generation: int) -> dict[str, str]:
        """By run (as it names files), the staged set that it has begun to move for the generation."""
        return {
            each.run: str(self._lines(each)[0]["staged"])
            for each in self.segments("begun")
            if each.generation == generation
        }

    def unfinished(self, generation: int) -> list[str]:
        """Likewise, the staged sets alone."""
        return list(self.begun(generation).values())

    def end(
        self, generation: int, run_id: str, state: Literal["loaded", "rolled_back"], facts: Mapping[str, Any]
    ) -> None:
        said = {"state": state, "at": time.time(), "run": run_id, "facts": dict(facts)}
        self._put(Segment(generation, slug(run_id), 0, "ended"), [said])

    def standing(self, generation: int | None = None) -> Iterator[Recorded]:
        """What was moved, by all generations or by one, and not taken back, the newest first; memory does
        not grow with it."""
        gone = self._taken_back()
        for segment in self._newest_first():
            if generation not in (None, segment.generation):
                continue
            for each in reversed(self._moved(segment)):
                if each.place not in gone:
                    yield each

    def undo(self, into: Segment, undone: Sequence[tuple[str, Undone]]) -> None:
        """By the places of what was taken back."""
        said = [{"place": place, "state": each.state, "reason": each.reason} for place, each in undone]
        self._put(into, said)

    def _moved(self, segment: Segment) -> list[Recorded]:
        head, *lines = self._lines(segment)
        return [
            Recorded(f"{segment.path}#{number}", segment.generation, float(head["at"]), moved_of(said))
            for number, said in enumerate(lines)
            if said["state"] == "moved"
        ]

    def _newest_first(self) -> Iterator[Segment]:
        """When each was written is asked only where several runs have written of one generation."""
        for _, same in groupby(self.segments("moved")[::-1], key=lambda each: each.generation):
            of_one = list(same)
            if len({each.run for each in of_one}) > 1:
                at = {each: float(self._lines(each)[0]["at"]) for each in of_one}
                of_one.sort(key=lambda each: (at[each], each), reverse=True)
            yield from of_one

    def _taken_back(self) -> Index[bool]:
        return Index(
            (str(said["place"]), True)
            for segment in self.segments("undone")
            for said in self._lines(segment)
            if said["state"] in ("removed", "restored")
        )

    def ask(self, generation: int, restore: str, said: Mapping[str, Any]) -> None:
        self._put(Segment(generation, slug(restore), 0, "asked"), [dict(said)])

    def ask_recorded(self, restore: str) -> None:
        """Notes that Dagster has that rollback on record."""
        for segment, _ in self.asked():
            if segment.run == slug(restore) and not segment.number:
                self._put(Segment(segment.generation, segment.run, 1, "asked"), [{"recorded": True}])

    def asked(self) -> list[tuple[Segment, Mapping[str, Any]]]:
        return [(each, self._lines(each)[0]) for each in self.segments("asked")]

    def write(self, into: Segment, moved: Sequence[Moved]) -> None:
        self._put(into, [{"at": time.time()}, *moved])

    def next(self, generation: int, run_id: str, kind: Kind) -> Segment:
        """Behind those of the run that are there already."""
        mine = [
            each for each in self.segments(kind) if (each.generation, each.run) == (generation, slug(run_id))
        ]
        return Segment(generation, slug(run_id), mine[-1].number + 1 if mine else 1, kind)

    def _ended(self, segment: Segment) -> Ended:
        said = self._lines(segment)[0]
        return Ended(segment.generation, said["state"], said["run"], said["at"], said["facts"])

    def _put(self, segment: Segment, things: Sequence[object]) -> None:
        text = b"".join(line(each) for each in things).decode()
        seal = json.dumps({"seal": hashlib.sha256(text.encode()).hexdigest()})
        self.partition.place.put(segment.path, f"{text}{seal}\n")

    def _lines(self, segment: Segment) -> list[dict[str, Any]]:
        """StagingRefused where it is not what was written."""
        text = self.partition.place.text(segment.path) or ""
        body, _, seal = text.rstrip("\n").rpartition("\n")
        body += "\n" if body else ""
        try:
            if json.loads(seal)["seal"] != hashlib.sha256(body.encode()).hexdigest():
                raise ValueError
            return [json.loads(each) for each in body.splitlines()]
        except (ValueError, KeyError, TypeError):
            raise StagingRefused(
                f"The record {segment.path} of {self.partition.contract} {self.partition.partition} is "
                "damaged: what was moved cannot be told from it, and nothing is moved or taken back.",
                advice="Put the file back from a copy of the staging place.",
            ) from None
