"""What this migration has on the target and did not take back: what its records say, and what a dead run
moved and could not record."""

import time
from collections.abc import Iterator

from migration_assets.buckets.arrived import arrived_versions
from migration_assets.buckets.counted import Counted
from migration_assets.buckets.deciding import equal, same_bytes
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision, Moved, There
from migration_assets.buckets.part import Part, identity
from migration_assets.buckets.recording import recorder
from migration_assets.buckets.records import Recorded
from migration_assets.checks.outcome import RowKey


def standing(part: Part) -> Iterator[Recorded]:
    """The newest first; what a dead run has not recorded has no place yet."""
    generation = part.records.next_generation()
    for some in _arrived(part, generation):
        for each in reversed(some):
            yield Recorded("", generation, time.time(), each)
    yield from part.records.standing()


def write_down_what_arrived(part: Part, run_id: str) -> None:
    generation = part.records.next_generation()
    with recorder(part.records, generation, run_id) as recording:
        for some in _arrived(part, generation):
            for each in some:
                recording.add(each)


def _arrived(part: Part, generation: int) -> Iterator[list[Moved]]:
    """Of one key after another; of its versions the oldest first."""
    if not part.records.unfinished(generation):
        return
    known = Index((identity(each.moved.decision.found), True) for each in part.records.standing())
    if part.bucket.versions:
        ids = Index[bool](
            (each.moved.there.version, True) for each in part.records.standing() if each.moved.there
        )
        for some in arrived_versions(part, part.begun_versions(generation, known), ids):
            yield [_found(each, there) for each, there in some]
        return
    begun = part.begun(generation, known)
    for there in part.there():
        meant = begun.get(there.key)
        if meant is not None and equal(meant.found, there, None) == "yes":
            yield [_found(meant, there)]


def _found(decision: Decision, there: There) -> Moved:
    return Moved(decision, "moved", "arrived before", 0, there, proof="etag")


def there_now(part: Part) -> Index[There]:
    return Index((each.key, each) for each in part.there())


def edited(part: Part, newest: Index[Moved], there: Index[There]) -> Counted[RowKey]:
    """By target, the newest write of each that is not there as it was written."""
    found: Counted[RowKey] = Counted()
    for target, moved in newest.items():
        now = there.get(target)
        if now is None and (moved.decision.before is None or moved.decision.found.marker):
            continue  # gone already, as it was before; or by the delete marker that was made
        if now is None:
            found.add(RowKey(part.named(target), "was removed since"))
        elif moved.decision.before is not None and same_bytes(now, moved.decision.before):
            continue  # back already: a rollback that was interrupted has not recorded it
        elif moved.there is not None and not same_bytes(now, moved.there):
            found.add(RowKey(part.named(target), "was changed since"))
    return found
