"""S3 as the target: what is there, what is moved there, what is taken back."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from migration_assets.buckets.model import Decision, Moved, There, Undone
from migration_assets.buckets.places import Capabilities, Pace, Source
from migration_assets.buckets.s3.flow import Room
from migration_assets.buckets.s3.keeping import RESERVED
from migration_assets.buckets.s3.listing import listed
from migration_assets.buckets.s3.moving import moved
from migration_assets.buckets.s3.pool import side_by_side
from migration_assets.buckets.s3.probe.capabilities import target_capabilities
from migration_assets.buckets.s3.putting_back import put_back
from migration_assets.buckets.s3.store import Refused, Store
from migration_assets.buckets.s3.tidying import tidied
from migration_assets.buckets.s3.work import Tools
from migration_assets.buckets.s3.writing import Writing

#: status of stores that do not list unfinished uploads
_NO_LISTING = (405, 501)
#: bytes of objects and parts that are held at once
HELD = 160 << 20


class S3Target:
    def __init__(
        self, store: Store, prefix: str, writing: Writing | None = None, known: Capabilities | None = None
    ) -> None:
        self.store, self.prefix = store, prefix
        self.writing = writing or Writing()
        self._known = known

    @property
    def shown(self) -> str:
        return self.store.shown

    @property
    def reserved(self) -> str:
        return self.prefix + RESERVED

    def capabilities(self) -> Capabilities:
        if self._known is None:
            self._known = target_capabilities(self.store, self.reserved, self.writing)
        return self._known

    def there(self, lower: str | None = None, upper: str | None = None) -> Iterator[There]:
        for each in listed(self.store, self.prefix, lower, upper):
            if not each.key.startswith(self.reserved):
                yield There(each.key, each.size, each.etag)

    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]:
        tools = Tools(source, self.store, self.capabilities().facts, self.writing, Room(HELD), self.reserved)
        self.store.flow.widen(pace.workers * 2)
        of_keys = (list(group) for _, group in groupby(decisions, key=lambda each: each.target))
        yield from side_by_side(lambda group: _one_after_another(group, tools), of_keys, pace.workers)

    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]:
        facts = self.capabilities().facts
        of_keys = (list(group) for _, group in groupby(moved, key=_key))
        yield from side_by_side(
            lambda group: [put_back(each, self.store, facts, self.reserved) for each in group], of_keys, 8
        )

    def tidy(self, lower: str | None = None, upper: str | None = None) -> int:
        initiator = str(self.capabilities().facts.get("initiator", ""))
        try:
            return tidied(self.store, self.prefix, lower, upper, initiator, self.reserved)
        except Refused as refused:
            if refused.status in _NO_LISTING:
                return 0
            raise


def _key(each: Moved) -> str:
    return each.there.key if each.there else each.decision.target


def _one_after_another(group: list[Decision], tools: Tools) -> Iterator[Moved]:
    """Versions of one key, the oldest first; after one that failed the newer ones are not begun."""
    earlier: There | None = None
    for place, decision in enumerate(group):
        if decision.action != "copy":
            state = "skipped" if decision.action == "skip" else "failed"
            yield Moved(decision, state, decision.reason, there=decision.before)
            continue
        done = moved(decision, tools, earlier)
        yield done
        if done.state == "failed" and place + 1 < len(group):
            for each in group[place + 1 :]:
                yield Moved(each, "failed", "An older version of it failed. Run the same command again.")
            return
        earlier = done.there
