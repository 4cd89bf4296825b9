"""A source that does nothing but list, and counts how often it is asked."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.places import Capabilities, Opened


@dataclass
class Listing:
    """In the order in which the objects are given."""

    objects: Sequence[Found]
    asked: int = 0
    shown = "memory://old-bucket"

    def capabilities(self) -> Capabilities:
        return Capabilities({})

    def listed(
        self, lower: str | None = None, upper: str | None = None, *, versions: bool = False
    ) -> Iterator[Found]:
        self.asked += 1
        for found in self.objects:
            if (lower is None or found.key >= lower) and (upper is None or found.key < upper):
                yield found

    def attributes(self, found: Found) -> Attributes:
        raise NotImplementedError

    def open(self, found: Found, first: int = 0, last: int | None = None) -> AbstractContextManager[Opened]:
        raise NotImplementedError


def found(key: str, size: int = 1, storage_class: str = "STANDARD") -> Found:
    return Found(key, size, "e" * 32, "2026-01-01T00:00:00Z", storage_class)
