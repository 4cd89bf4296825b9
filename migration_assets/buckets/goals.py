"""Where the objects of an inventory go, noted while it passes by: keys of the target that objects of several
partitions would go to are found before anything moves."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from migration_assets.buckets.counted import Counted
from migration_assets.buckets.expressions import Expressions
from migration_assets.buckets.model import Found
from migration_assets.buckets.sorting import Sorting
from migration_assets.contracts.bucket_model import ASKED_FIELDS, Bucket, OnePartition
from migration_assets.contracts.places import Place
from migration_assets.errors import PlanRefused
from migration_assets.planning.key_ranges import spans
from migration_assets.planning.partitions import Partition

#: objects whose keys are mapped at once
BATCH = 5_000
#: keys that a refusal names
NAMED = 10
#: what a report does not have
_LISTED = ("etag", "modified")


@dataclass(frozen=True)
class Shared:
    """A key of the target, behind its prefix, and the partitions of the objects that would go there."""

    key: str
    partitions: tuple[str, ...]


def foretold(bucket: Bucket, *, reported: bool) -> bool:
    """Whether an inventory, listed or reported, tells where the objects of several partitions go: not where
    `key` needs what only the object itself tells, or a listing."""
    untold = (*ASKED_FIELDS, *(_LISTED if reported else ()))
    asks = re.search(rf"\b({'|'.join(untold)})\b", bucket.key, re.IGNORECASE)
    return bool(bucket.key) and not isinstance(bucket.ranges, OnePartition) and not asks


class Goals(AbstractContextManager["Goals"]):
    """Memory does not grow with the objects; the disk does."""

    def __init__(self, bucket: Bucket, place: Place) -> None:
        self._expressions = Expressions({"key": bucket.key})
        self._place = place
        self._folder = TemporaryDirectory(prefix="goals-")
        self._sorting = Sorting(Path(self._folder.name))
        self._waiting: list[Found] = []

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def noted(self, inventory: Iterable[Found]) -> Iterator[Found]:
        """The same objects."""
        for found in inventory:
            self._waiting.append(replace(found, key=self._place.behind(found.key)))
            if len(self._waiting) >= BATCH:
                self._map()
            yield found

    def shared(self, partitions: Sequence[Partition]) -> Counted[Shared]:
        """By objects of more than one partition. What is refused for another reason goes nowhere."""
        self._map()
        found, of = Counted[Shared](), _whose(partitions)
        for target, rows in groupby(self._sorting.rows(), key=lambda row: row[0]):
            names = tuple(dict.fromkeys(of(key) for _, _, key in rows))
            if len(names) > 1:
                found.add(Shared(target, names))
        return found

    def _map(self) -> None:
        some, self._waiting = self._waiting, []
        for found, said in zip(some, self._expressions.evaluate([(one, None) for one in some]), strict=True):
            if target := said.texts.get("key"):
                self._sorting.add((target, 0, found.key))


def _whose(partitions: Sequence[Partition]) -> Callable[[str], str]:
    """Of a key behind the source's prefix, its partition's."""
    by_lower = sorted((lower or "", each.key) for each in partitions for lower, _ in spans(each.bounds))
    lowers = [lower for lower, _ in by_lower]
    return lambda key: by_lower[bisect_right(lowers, key) - 1][1]


def refuse(contract: str, shared: Counted[Shared], named: Callable[[str], str]) -> None:
    """PlanRefused where there are any; `named` shows a key."""
    if not shared:
        return
    some = "; ".join(f"{named(each.key)} ({', '.join(each.partitions)})" for each in shared.first[:NAMED])
    more = f"; and {shared.number - NAMED:,} more" if shared.number > NAMED else ""
    raise PlanRefused(
        f"{contract}: objects of several partitions would go to one key of the target, {shared.number:,} "
        f"times: {some}{more}. Nothing is planned, and nothing was moved.",
        advice="Let `key` keep them apart, or `exclude` all but one of each; then plan again.",
    )
