"""What came of a partition's objects, counted, and what its target has to hold by now."""

from collections import Counter
from dataclasses import dataclass, field

from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Moved, There
from migration_assets.buckets.packing import packed
from migration_assets.buckets.part import Part
from migration_assets.checks.outcome import KEYS_SHOWN, RowKey


@packed
@dataclass(frozen=True, slots=True)
class Expected:
    """What the target has to hold under a key, and how its bytes were proven."""

    key: str
    size: int
    #: None: nobody has said what is there
    there: There | None
    proven: bool
    #: whether this migration put it there, now or before
    ours: bool
    sha256: str = ""


@dataclass
class Tally:
    """What came of a partition's objects."""

    moved: int = 0
    skipped: int = 0
    failed: int = 0
    #: bytes of what was moved, and what was sent for it
    bytes: int = 0
    sent: int = 0
    retries: int = 0
    #: how many objects lost an attribute of that name
    dropped: Counter[str] = field(default_factory=Counter[str])
    proofs: Counter[str] = field(default_factory=Counter[str])
    failures: list[RowKey] = field(default_factory=list)
    #: by target
    expected: Index[Expected] = field(default_factory=Index[Expected])
    #: how many of them this migration has put there; of an object of several versions, each
    ours: int = 0

    @property
    def objects(self) -> int:
        return self.moved + self.skipped + self.failed


def counted(tally: Tally, moved: Moved, part: Part, *, ours: bool) -> None:
    found, there = moved.decision.found, moved.there
    tally.sent += moved.sent
    tally.retries += len(moved.tried_after)
    tally.dropped.update(moved.dropped)
    if moved.state == "failed":
        tally.failed += 1
        if len(tally.failures) < KEYS_SHOWN:
            tally.failures.append(RowKey(part.named(found.key), moved.reason))
        return
    if moved.state == "skipped" and (there is None or found.marker):
        tally.expected.away(moved.decision.target)
        tally.skipped += 1  # what the target makes by itself: nothing has to be there for it
        return
    if moved.state == "moved":
        tally.moved += 1
        tally.bytes += found.size
        tally.proofs[moved.proof or "none"] += 1
    else:
        tally.skipped += 1
    if found.marker:
        tally.expected.away(moved.decision.target)
        return
    proven = bool(moved.proof) if moved.state == "moved" else True
    key = there.key if there else moved.decision.target
    tally.ours += ours
    tally.expected.put(key, Expected(found.key, found.size, there, proven, ours, moved.sha256))
