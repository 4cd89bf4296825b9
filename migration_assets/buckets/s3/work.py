"""One object on its way: what its attempts have found out so far, and what they need."""

from dataclasses import dataclass, field, replace

from migration_assets.buckets.model import Decision, Found, Moved, Proof, There
from migration_assets.buckets.places import Source
from migration_assets.buckets.s3.flow import Room, Waits
from migration_assets.buckets.s3.layout import Habits
from migration_assets.buckets.s3.store import Store
from migration_assets.buckets.s3.way import Facts
from migration_assets.buckets.s3.writing import Writing


@dataclass(frozen=True)
class Tools:
    """Of all objects of one move."""

    source: Source
    target: Store
    facts: Facts
    writing: Writing
    room: Room
    #: the prefix under which nothing but our own is kept
    reserved: str
    #: parts of one object side by side
    parts: int = 4
    habits: Habits = field(default_factory=Habits)


@dataclass
class Work:
    """Of one object."""

    decision: Decision
    found: Found
    waits: Waits = field(default_factory=Waits)
    sent: int = 0
    #: whether a write may have been done whose answer was lost
    lost: bool = False
    #: ETag of what this run wrote and is not right
    ours: str = ""
    #: its version, where the bucket keeps versions
    ours_version: str = ""
    #: version and ETag that this run wrote under the same key before, of an older version of the object
    earlier: There | None = None
    #: whether the source's ETag is not to be relied upon: hash here
    hash_here: bool = False
    #: whether the ETag is known to be no hash (KMS, keys of the customer)
    opaque: bool = False
    #: layouts that were tried, to the ETag that the bytes made in them
    seen: dict[tuple[int, ...], str] = field(default_factory=dict[tuple[int, ...], str])
    kept: str = ""
    dropped: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.decision.target

    @property
    def before(self) -> str | None:
        """ETag of what was there when this run began with it."""
        if self.earlier:
            return self.earlier.etag or None
        before = self.decision.before
        return before.etag if before and before.key == self.key else None

    def moved(self, there: There, proof: Proof, sha256: str = "") -> Moved:
        return Moved(
            decision=self._decided(),
            state="moved",
            sent=self.sent,
            there=there,
            sha256=sha256,
            proof=proof,
            kept=self.kept,
            tried_after=tuple(self.waits.after),
            dropped=self.dropped,
        )

    def failed(self, reason: str) -> Moved:
        return Moved(
            self._decided(),
            "failed",
            reason,
            sent=self.sent,
            kept=self.kept,
            tried_after=tuple(self.waits.after),
        )

    def _decided(self) -> Decision:
        return (
            self.decision if self.found is self.decision.found else replace(self.decision, found=self.found)
        )
