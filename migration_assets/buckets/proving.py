"""The proof of a partition: the target's listing against what was proven when its objects were moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migration_assets.buckets.loading import Expected, Tally
from migration_assets.buckets.model import There
from migration_assets.buckets.part import Part
from migration_assets.checks.from_bucket import CHECKSUM, COUNT, ORPHANS, SIZE
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey


@dataclass
class Compared:
    """Two sides of a partition: how many objects agree, and the first ones that do not."""

    equal: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    #: of another size
    resized: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    bytes_expected: int = 0
    bytes_found: int = 0


def compared(part: Part, expected: Mapping[str, Expected]) -> Compared:
    """Lists the target; of what lies in the partition's range, what was not expected is extra."""
    found, seen = Compared(), set[str]()
    for there in part.there():
        wanted = expected.get(there.key)
        if wanted is None:
            if part.straight and part.means(part.ends.to_place.behind(there.key)):
                found.extra.append(there.key)
            continue
        seen.add(there.key)
        found.bytes_found += there.size
        _one(found, wanted, there)
    found.bytes_expected = sum(each.size for each in expected.values())
    found.missing = [key for key in expected if key not in seen]
    return found


def _one(found: Compared, wanted: Expected, there: There) -> None:
    if there.size != wanted.size:
        found.resized.append(there.key)
    elif wanted.there is None or not same(there, wanted.there):
        found.changed.append(there.key)
    elif not wanted.proven:
        found.unproven.append(there.key)
    else:
        found.equal += 1


def same(there: There, then: There) -> bool:
    """Whether it is still what it was, by size, ETag, version and digests as far as both tell."""
    if there.size != then.size:
        return False
    both = set(there.digests) & set(then.digests)
    if any(there.digests[name] != then.digests[name] for name in both):
        return False
    if there.version and then.version and there.version != then.version:
        return False
    return bool(both) or not (there.etag and then.etag) or there.etag == then.etag


def outcomes(part: Part, tally: Tally, inventoried: int, found: Compared) -> tuple[CheckOutcome, ...]:
    def keys(some: list[str], reason: str) -> tuple[RowKey, ...]:
        return tuple(RowKey(part.named(key), reason) for key in some[:KEYS_SHOWN])

    adds_up = tally.objects == inventoried
    return (
        CheckOutcome(
            COUNT,
            adds_up and not tally.failed and not found.missing,
            True,
            f"{inventoried:,} in the inventory = {tally.moved:,} moved + {tally.skipped:,} skipped + "
            f"{tally.failed:,} failed{'' if adds_up else ': that does not add up'}; "
            f"{len(found.missing):,} are missing on the target.",
            {
                "inventory": inventoried,
                "moved": tally.moved,
                "skipped": tally.skipped,
                "failed": tally.failed,
                "missing": len(found.missing),
            },
            (*tally.failures, *keys(found.missing, "missing on the target"))[:KEYS_SHOWN],
        ),
        CheckOutcome(
            CHECKSUM,
            not (found.changed or found.unproven or found.missing or found.resized),
            True,
            f"{found.equal:,} of {len(tally.expected):,} objects are on the target as they were proven.",
            {"equal": found.equal, "changed": len(found.changed), "unproven": len(found.unproven)},
            (
                *keys(found.changed, "is not what was proven when it was moved"),
                *keys(found.unproven, "arrived, and nothing proves its bytes"),
            )[:KEYS_SHOWN],
        ),
        CheckOutcome(
            SIZE,
            not found.resized,
            True,
            f"{found.bytes_found:,} bytes on the target, {found.bytes_expected:,} expected; "
            f"{len(found.resized):,} objects are of another size.",
            {"bytes": found.bytes_found, "expected": found.bytes_expected, "resized": len(found.resized)},
            keys(found.resized, "is of another size"),
        ),
        CheckOutcome(
            ORPHANS,
            not found.extra,
            False,
            f"{len(found.extra):,} objects on the target that are in no inventory.",
            {"extra": len(found.extra)},
            keys(found.extra, "is on the target alone"),
        ),
    )
