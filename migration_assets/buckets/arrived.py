"""Versions that dead runs have moved and not recorded: found in the target's own list of versions."""

from collections.abc import Iterable, Iterator, Sequence

from migration_assets.buckets.deciding import equal
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision, Found, There
from migration_assets.buckets.part import Part


def arrived_versions(
    part: Part, meant: Iterable[Decision], recorded: Index[bool]
) -> Iterator[tuple[Decision, There]]:
    """`meant` are those of each key in their order, `recorded` names the versions that records have already.

    Nothing where the target cannot be listed so.
    """
    by_key: dict[str, list[Decision]] = {}
    for each in meant:
        by_key.setdefault(each.target, []).append(each)
    reader = part.ends.reader
    if reader is None or not by_key:
        return
    there: dict[str, list[Found]] = {}
    for lower, upper in part.ranges_there:
        for each in reader.listed(lower, upper, versions=True):
            if each.key in by_key and each.version not in recorded:
                there.setdefault(each.key, []).append(each)
    for key, decisions in by_key.items():
        for decision, found in overlap(decisions, there.get(key, [])):
            yield decision, There(key, found.size, found.etag, found.version)


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
