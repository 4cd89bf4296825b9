"""The proof of a partition: the target's listing against what was proven when its objects were moved."""

from dataclasses import dataclass, field

from migration_assets.buckets.counted import Counted
from migration_assets.buckets.deciding import same
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import There
from migration_assets.buckets.part import Part
from migration_assets.buckets.tally import Expected, Tally
from migration_assets.checks.from_bucket import CHECKSUM, COUNT, ORPHANS, SIZE
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey


@dataclass
class Compared:
    """Two sides of a partition: how many objects agree, and which do not."""

    equal: int = 0
    missing: Counted[str] = field(default_factory=Counted[str])
    changed: Counted[str] = field(default_factory=Counted[str])
    #: of another size
    resized: Counted[str] = field(default_factory=Counted[str])
    unproven: Counted[str] = field(default_factory=Counted[str])
    extra: Counted[str] = field(default_factory=Counted[str])
    expected: int = 0
    bytes_expected: int = 0
    bytes_found: int = 0


def compared(part: Part, expected: Index[Expected]) -> Compared:
    """Lists the target; of what lies in the partition's range, what was not expected is extra."""
    found, seen = Compared(), Index[bool]()
    for there in part.there():
        wanted = expected.get(there.key)
        if wanted is None:
            if part.straight and part.means(part.ends.to_place.behind(there.key)):
                found.extra.add(there.key)
            continue
        seen.put(there.key, True)
        found.bytes_found += there.size
        _one(found, wanted, there)
    for key, wanted in expected.items():
        found.expected += 1
        found.bytes_expected += wanted.size
        if key not in seen:
            found.missing.add(key)
    return found


def _one(found: Compared, wanted: Expected, there: There) -> None:
    if there.size != wanted.size:
        found.resized.add(there.key)
    elif wanted.there is None or not same(there, wanted.there):
        found.changed.add(there.key)
    elif not wanted.proven:
        found.unproven.add(there.key)
    else:
        found.equal += 1


def outcomes(part: Part, tally: Tally, inventoried: int, found: Compared) -> tuple[CheckOutcome, ...]:
    def keys(some: Counted[str], reason: str) -> tuple[RowKey, ...]:
        return tuple(RowKey(part.named(key), reason) for key in some.first[:KEYS_SHOWN])

    adds_up = tally.objects == inventoried
    return (
        CheckOutcome(
            COUNT,
            adds_up and not tally.failed and not found.missing,
            True,
            f"{inventoried:,} in the inventory = {tally.moved:,} moved + {tally.skipped:,} skipped + "
            f"{tally.failed:,} failed{'' if adds_up else ': that does not add up'}; "
            f"{found.missing.number:,} are missing on the target.",
            {
                "inventory": inventoried,
                "moved": tally.moved,
                "skipped": tally.skipped,
                "failed": tally.failed,
                "missing": found.missing.number,
            },
            (*tally.failures, *keys(found.missing, "missing on the target"))[:KEYS_SHOWN],
        ),
        CheckOutcome(
            CHECKSUM,
            not (found.changed or found.unproven or found.missing or found.resized),
            True,
            f"{found.equal:,} of {found.expected:,} objects are on the target as they were proven.",
            {"equal": found.equal, "changed": found.changed.number, "unproven": found.unproven.number},
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
            f"{found.resized.number:,} objects are of another size.",
            {"bytes": found.bytes_found, "expected": found.bytes_expected, "resized": found.resized.number},
            keys(found.resized, "is of another size"),
        ),
        CheckOutcome(
            ORPHANS,
            not found.extra,
            False,
            f"{found.extra.number:,} objects on the target that are in no inventory.",
            {"extra": found.extra.number},
            keys(found.extra, "is on the target alone"),
        ),
    )
