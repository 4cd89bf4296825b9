"""A bucket of so many objects that nobody has made, as Source and Target: what the engine takes by itself."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There, Undone
from migration_assets.buckets.places import Capabilities, Opened, Pace, Source


@dataclass
class CountedStore:
    """Objects `0` up to `there_are`, in the order of their keys; as a target it fills up from the first on."""

    there_are: int
    shown = "memory://counted"

    def capabilities(self) -> Capabilities:
        return Capabilities({})

    def listed(
        self, lower: str | None = None, upper: str | None = None, *, versions: bool = False
    ) -> Iterator[Found]:
        assert not versions
        assert lower is None
        assert upper is None
        for at in range(self.there_are):
            yield Found(_key(at), at % 1000, f"{at:032x}", "2026-01-01T00:00:00.000Z", "STANDARD")

    def attributes(self, found: Found) -> Attributes:
        return Attributes({"content-type": "application/gzip"})

    def open(self, found: Found, first: int = 0, last: int | None = None) -> AbstractContextManager[Opened]:
        raise NotImplementedError

    def there(self, lower: str | None = None, upper: str | None = None) -> Iterator[There]:
        for found in self.listed(lower, upper):
            yield There(found.key, found.size, found.etag)

    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]:
        for each in decisions:
            assert each.target == _key(self.there_are)
            self.there_are += 1
            there = There(each.target, each.found.size, each.found.etag)
            yield Moved(each, "moved", "", each.found.size, there, "5" * 64, "etag")

    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]:
        for each in moved:
            self.there_are -= 1
            assert each.decision.target == _key(self.there_are)
            yield Undone(each, "removed")

    def tidy(self, lower: str | None = None, upper: str | None = None) -> int:
        return 0


def _key(at: int) -> str:
    return f"team-{at // 1000:05d}/ä b+c/{at:09d}.tar.gz"
