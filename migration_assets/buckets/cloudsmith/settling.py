"""Packages that wait to be synchronised, and what became of them."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.digests import differing
from migration_assets.buckets.cloudsmith.listing import Listed, newest, one
from migration_assets.buckets.model import Decision

#: packages that wait, or seconds that one has waited, after which it is looked while others still go
MANY, LONG = 100, 60.0
#: seconds between two looks once nothing goes any more: each time twice as long
FIRST_GAP, LONGEST_GAP = 0.25, 15.0
#: seconds after which a package that is not synchronised is given up
PATIENCE = 1800.0
#: seconds after which a package is asked for by name that the listing does not show; then twice as many
MISSED = 15.0
#: seconds that a listing may be behind; then what is asked for by name counts, and digests it does not tell
BEHIND = 60.0

Verdict = Literal["done", "differs", "taken", "failed", "quarantined", "gone", "waits"]


@dataclass(frozen=True)
class Sent:
    """A package that was made and waits."""

    decision: Decision
    slug: str
    size: int
    digests: Mapping[str, str]
    #: bytes that went out, all attempts
    sent: int
    at: float
    tried_after: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    #: slug of the one that it took the place of
    kept: str = ""
    #: not where the answer was lost, and it was found by its path
    surely_ours: bool = True
    #: by Cloudsmith's clock, seconds since 1970; 0: it did not say
    uploaded: float = 0.0
    #: the other objects of the same package
    others: tuple["Sent", ...] = ()

    @property
    def all(self) -> tuple["Sent", ...]:
        return (self, *self.others)

    @property
    def format(self) -> str:
        return self.decision.format or "generic"

    def same(self, listed: Listed) -> bool:
        """Whether the package's file of its path is what was sent."""
        there = listed.file(self.decision.target)
        return there is not None and there.size == self.size and not differing(self.digests, there.digests)


def verdict(sent: Sent, listed: Listed | None) -> Verdict:
    """
    listed    synchronised    digests and size    Cloudsmith's reason    verdict
    no        -               -                   -                      gone
    yes       done            all four ours       -                      done
    yes       done            not told yet        -                      waits
    yes       done            any other           -                      differs
    yes       failed          -                   exists already         taken
    yes       failed          -                   any other              failed
    yes       quarantined     -                   -                      quarantined
    yes       neither         -                   -                      waits
    """
    if listed is None:
        return "gone"
    if listed.quarantined:
        return "quarantined"
    if listed.done:
        if all(each.same(listed) for each in sent.all):
            return "done"
        return "differs" if listed.told else "waits"
    if listed.failed:
        return "taken" if "already exists" in listed.reason.lower() else "failed"
    return "waits"


@dataclass
class Waiting:
    """Those that wait, and when it is worth a call to look at them."""

    client: Client
    clock: Callable[[], float] = time.monotonic
    those: dict[str, Sent] = field(default_factory=dict)
    _gap: float = FIRST_GAP
    _next: float = 0.0
    _looked: float = 0.0
    #: seconds after which a package that was missed is asked for by name
    _missed: dict[str, float] = field(default_factory=dict)

    def add(self, sent: Sent) -> None:
        self.those[sent.slug] = sent
        self._gap = FIRST_GAP
        self._next = self.clock() + FIRST_GAP

    def due(self, idle: bool) -> float:
        """Seconds until a look is worth its call; `idle`: nothing is on its way to be added."""
        now = self.clock()
        if not self.those:
            return 3600.0
        if idle:
            return max(0.0, self._next - now)
        oldest = min(each.at for each in self.those.values())
        if len(self.those) >= MANY:
            return max(0.0, self._looked + 5.0 - now)
        return max(0.0, max(oldest, self._looked) + LONG - now)

    def look(self) -> Iterator[tuple[Sent, Listed | None, Verdict]]:
        """All that do not wait any more, and those given up (verdict `waits`)."""
        found = newest(self.client, self.those, min(each.uploaded for each in self.those.values()))
        now = self._looked = self.clock()
        self._next = now + self._gap
        self._gap = min(LONGEST_GAP, 2 * self._gap)
        for sent in list(self.those.values()):
            listed, late = found.get(sent.slug), now - sent.at
            if listed is None and self._behind(sent.slug, late):
                continue
            listed = listed or one(self.client, sent.slug)
            said = verdict(sent, listed)
            if listed and sent.slug not in found and late < min(BEHIND, PATIENCE):
                continue
            if said == "waits" and listed and listed.done and late >= BEHIND:
                said = "differs"
            if said == "waits" and late < PATIENCE:
                continue
            del self.those[sent.slug]
            self._missed.pop(sent.slug, None)
            yield sent, listed, said

    def _behind(self, slug: str, late: float) -> bool:
        """Whether the listing may just not show it yet: mostly, so that it is seldom asked for by name."""
        if late < self._missed.get(slug, MISSED):
            return True
        self._missed[slug] = 2 * late
        return False
