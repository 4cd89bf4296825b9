"""Versions that dead runs have moved and not recorded: found in the target's own list of versions."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from migration_assets.buckets.deciding import equal
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision, Found, There
from migration_assets.buckets.part import Part


def arrived_versions(
    part: Part, meant: Iterable[Decision], recorded: Index[bool]
) -> Iterator[list[tuple[Decision, There]]]:
    """Of one key after another, the oldest version first. `meant` has those of each key in their order,
    `recorded` names the versions that records have already.

    Nothing where the target cannot be listed so. Memory does not grow with the keys.
    """
    by_key: Index[list[Decision]] = Index()
    for key, some in groupby(meant, key=lambda each: each.target):
        by_key.put(key, [*(by_key.get(key) or ()), *some])
    reader = part.ends.reader
    if reader is None or not by_key:
        return
    for lower, upper in part.ranges_there:
        listed = reader.listed(lower, upper, versions=True)
        for key, there in groupby(listed, key=lambda each: each.key):
            if decisions := by_key.get(key):
                unrecorded = [each for each in there if each.version not in recorded]
                yield [
                    (decision, There(key, found.size, found.etag, found.version))
                    for decision, found in overlap(decisions, unrecorded)
                ]


def overlap(meant: Sequence[Decision], there: Sequence[Found]) -> list[tuple[Decision, Found]]:
    """The longest end of what is there that is the beginning of what was meant: versions come in order."""
    for length in range(min(len(meant), len(there)), 0, -1):
        pairs = list(zip(meant, there[-length:], strict=False))
        if all(_is(decision.found, found) for decision, found in pairs):
            return pairs
    return []


def _is(found: Found, there: Found) -> bool:
    if found.marker or there.marker:
        return found.marker and there.marker
    return equal(found, There(there.key, there.size, there.etag), None) == "yes"
