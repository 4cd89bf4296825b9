"""An inventory in the order of its keys in, ranges of at most so many objects and bytes out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from migration_assets.contracts.bucket_model import LARGE, ByObjects
from migration_assets.errors import PlanRefused
from migration_assets.planning.partitions import CEILING


@dataclass
class Cutting:
    """Cuts while objects are added; what it holds is a bound and a size for each range."""

    how: ByObjects
    #: the first key of each range
    bounds: list[str] = field(default_factory=list)
    #: objects and bytes of each range
    sizes: list[tuple[int, int]] = field(default_factory=list)
    #: the key that was added last
    last: str | None = None
    _objects: int = 0
    _bytes: int = 0
    _alone: bool = False

    def add(self, key: str, size: int) -> None:
        """
        the object                                  goes to
        the same key as the one before (versions)   the range that is there
        above 5 GiB, or after such a one            a new range
        would be one too many, or too many bytes    a new range
        any other                                   the range that is there

        PlanRefused for keys that do not come in the order of their bytes.
        """
        if key != self.last:
            if self.last is not None and key < self.last:
                raise PlanRefused(
                    "The source does not list its keys in the order of their bytes, so no ranges can be cut.",
                    advice="Say `partitions: {by: one}` in the contract.",
                )
            if self.last is None or self._is_full(size):
                self._close()
                self.bounds.append(key)
                self._alone = False
            self.last = key
        self._objects += 1
        self._bytes += size
        self._alone = self._alone or size > LARGE

    def end(self) -> None:
        """After the last object."""
        self._close()

    def _is_full(self, size: int) -> bool:
        return (
            self._alone
            or size > LARGE
            or self._objects >= self.how.objects
            or self._bytes + size > self.how.bytes
        )

    def _close(self) -> None:
        if self._objects:
            self.sizes.append((self._objects, self._bytes))
        self._objects = self._bytes = 0
        if len(self.bounds) > CEILING:
            raise PlanRefused(
                f"There would be more than {CEILING:,} ranges.",
                advice="Let each have more `objects` and `bytes`.",
            )


def cut(inventory: Iterable[tuple[str, int]], how: ByObjects) -> Cutting:
    """Keys with their sizes, in the order of the keys' bytes."""
    cutting = Cutting(how)
    for key, size in inventory:
        cutting.add(key, size)
    cutting.end()
    return cutting
