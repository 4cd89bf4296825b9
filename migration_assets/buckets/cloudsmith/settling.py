"""Packages that wait to be synchronised, and what became of them: pure, but for the looks at the listing."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.digests import differing
from migration_assets.buckets.cloudsmith.listing import Listed, one, pages
from migration_assets.buckets.model import Decision

#: packages that wait, or seconds that one has waited, after which it is looked while others still go
MANY, LONG = 100, 60.0
#: seconds between two looks once nothing goes any more: each time twice as long
FIRST_GAP, LONGEST_GAP = 0.25, 15.0
#: seconds after which a package that is not synchronised is given up
PATIENCE = 1800.0
#: so few are asked for by name
FEW = 2

Verdict = Literal["done", "differs", "taken", "failed", "gone", "waits"]


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
    #: the other objects of the same package
    others: tuple["Sent", ...] = ()

    @property
    def all(self) -> tuple["Sent", ...]:
        return (self, *self.others)

    def same(self, listed: Listed) -> bool:
        """Whether the package's file of its path is what was sent."""
        there = listed.file(self.decision.target)
        return there is not None and there.size == self.size and not differing(self.digests, there.digests)


def verdict(sent: Sent, listed: Listed | None) -> Verdict:
    """
    listed    synchronised    digests and size    Cloudsmith's reason    verdict
    no        -               -                   -                      gone
    yes       done            all four ours       -                      done
    yes       done            any other           -                      differs
    yes       failed          -                   exists already         taken
    yes       failed          -                   any other              failed
    yes       neither         -                   -                      waits
    """
    if listed is None:
        return "gone"
    if listed.done:
        return "done" if all(each.same(listed) for each in sent.all) else "differs"
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
    #: looks that did not find a package
    _missed: dict[str, int] = field(default_factory=dict)

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
        found = self._found()
        now = self._looked = self.clock()
        self._next = now + self._gap
        self._gap = min(LONGEST_GAP, 2 * self._gap)
        for sent in list(self.those.values()):
            listed = found.get(sent.slug)
            said = verdict(sent, listed)
            if said == "gone":
                self._missed[sent.slug] = self._missed.get(sent.slug, 0) + 1
                # a listing may be a moment behind
                if self._missed[sent.slug] < 3:
                    continue
            if said == "waits" and now - sent.at < PATIENCE:
                continue
            del self.those[sent.slug]
            yield sent, listed, said

    def _found(self) -> dict[str, Listed]:
        if len(self.those) <= FEW:
            asked = {slug: one(self.client, slug) for slug in self.those}
            return {slug: listed for slug, listed in asked.items() if listed}
        found: dict[str, Listed] = {}
        for page in pages(self.client):
            found |= {each.slug: each for each in page if each.slug in self.those}
            if len(found) == len(self.those):
                break
        return found
