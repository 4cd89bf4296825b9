"""A store of objects in memory, as Source and Target: what the engine is tried on without a server."""

import hashlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There, Undone
from migration_assets.buckets.part import Ends
from migration_assets.buckets.places import Capabilities, Pace, Source
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.places import Place
from migration_assets.errors import SourceChanged

_times = itertools.count()


@dataclass
class Stored:
    body: bytes
    attributes: Attributes
    modified: str

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()


@dataclass
class Opened:
    found: Found
    attributes: Attributes
    body: bytes

    def pieces(self, size: int) -> Iterator[bytes]:
        for at in range(0, len(self.body), size):
            yield self.body[at : at + size]


@dataclass
class Store:
    """Objects by key."""

    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])
    #: keys in the order in which they were written by `move`
    sent: list[str] = field(default_factory=list[str])
    #: called before an object is written, and after
    before: Callable[[Decision], None] = lambda _: None
    after: Callable[[Decision], None] = lambda _: None
    #: what was there before, by a name of its own, where something was overwritten
    kept: dict[str, Stored] = field(default_factory=dict[str, Stored])
    tidied: int = 0
    shown = "memory://bucket"

    def put(self, key: str, body: bytes, attributes: Attributes | None = None) -> None:
        modified = f"2026-01-01T00:00:{next(_times) % 60:02d}Z"
        self.objects[key] = Stored(body, attributes or Attributes(), modified)

    def capabilities(self) -> Capabilities:
        return Capabilities({"content_md5_enforced": True})

    def listed(
        self, lower: str | None = None, upper: str | None = None, *, versions: bool = False
    ) -> Iterator[Found]:
        assert not versions
        for key in sorted(self.objects):
            if (lower is None or key >= lower) and (upper is None or key < upper):
                stored = self.objects[key]
                yield Found(key, len(stored.body), stored.etag, stored.modified)

    def attributes(self, found: Found) -> Attributes:
        return self._of(found).attributes

    @contextmanager
    def open(self, found: Found, first: int = 0, last: int | None = None) -> Generator[Opened]:
        stored = self._of(found)
        end = len(stored.body) if last is None else last + 1
        yield Opened(found, stored.attributes, stored.body[first:end])

    def _of(self, found: Found) -> Stored:
        stored = self.objects.get(found.key)
        if stored is None or (found.etag and stored.etag != found.etag):
            raise SourceChanged("An object is not what its inventory says any more.")
        return stored

    def there(self, lower: str | None = None, upper: str | None = None) -> Iterator[There]:
        for found in self.listed(lower, upper):
            yield There(found.key, found.size, found.etag)

    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]:
        assert pace.workers > 0
        for each in decisions:
            yield self._moved(each, source)

    def _moved(self, decision: Decision, source: Source) -> Moved:
        self.before(decision)
        there = self.objects.get(decision.target)
        if (there.etag if there else None) != (decision.before.etag if decision.before else None):
            return Moved(decision, "failed", "the target was changed since it was decided; run again")
        try:
            with source.open(decision.found) as opened:
                body = b"".join(opened.pieces(1 << 16))
        except SourceChanged as error:
            return Moved(decision, "failed", str(error))
        kept = f"{decision.target} {len(self.sent)}" if there is not None else ""
        if there is not None:
            self.kept[kept] = there
        self.put(decision.target, body, decision.attributes or opened.attributes)
        self.sent.append(decision.target)
        self.after(decision)
        now = There(decision.target, len(body), self.objects[decision.target].etag)
        sha256 = hashlib.sha256(body).hexdigest()
        return Moved(decision, "moved", "", len(body), now, sha256, "etag", kept)

    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]:
        for each in moved:
            self.before(each.decision)
            key, there = each.decision.target, self.objects.get(each.decision.target)
            assert each.there is not None
            if there is None:
                yield Undone(each, "removed")
            elif each.decision.before and there.etag == each.decision.before.etag:
                yield Undone(each, "restored")
            elif there.etag != each.there.etag:
                yield Undone(each, "left", "it is no more what was written")
            elif each.kept:
                self.objects[key] = self.kept[each.kept]
                yield Undone(each, "restored")
            else:
                del self.objects[key]
                yield Undone(each, "removed")
            self.after(each.decision)

    def tidy(self, lower: str | None = None, upper: str | None = None) -> int:
        self.tidied += 1
        return 0

    def bodies(self) -> dict[str, bytes]:
        return {key: stored.body for key, stored in self.objects.items()}


def opened(source: Store, target: Store, **more: object) -> Callable[[Bucket, Mapping[str, str]], Ends]:
    """For `BucketMigration`: these two, whatever the contract says."""

    def ends(bucket: Bucket, _: Mapping[str, str]) -> Ends:
        made = Ends(
            source,
            target,
            Place("s3", "OLD", "old", bucket.source.prefix),
            Place("s3", "NEW", "new", bucket.target.prefix),
            reader=target,
        )
        return replace(made, **more)  # type: ignore[arg-type]

    return ends
