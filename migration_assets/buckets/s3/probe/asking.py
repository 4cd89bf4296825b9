"""Questions to a store, asked again on its bad days."""

from collections.abc import Callable
from typing import TypeVar

from migration_assets.buckets.s3.flow import ATTEMPTS, Waits
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.store import Damaged, Refused, Store
from migration_assets.errors import Passing

Result = TypeVar("Result")

#: some servers answer 500 to what they cannot
TRIED = 4


def told(work: Callable[[], Result], attempts: int = ATTEMPTS) -> Result:
    waits = Waits(attempts)
    while True:
        try:
            return work()
        except Damaged:
            raise
        except Passing as error:
            waits.wait(error)


def refuses(work: Callable[[], object]) -> bool:
    """Whether the store refuses what it should; faults that stay are no refusal."""
    try:
        told(work, TRIED)
    except (Refused, Damaged):
        return True
    except Passing:
        return False
    return False


def holds(work: Callable[[], bool]) -> bool:
    try:
        return told(work, TRIED)
    except (Refused, Passing):
        return False


def versioning_of(store: Store) -> str:
    try:
        return (
            parsed(told(lambda: store.ask("GET", query=[("versioning", "")]).read()), store.shown).findtext(
                "Status"
            )
            or ""
        )
    except (Refused, Passing):
        return ""
