"""One run at a time moves or takes back objects of a partition.

Buckets have no ledger in their target that a transaction could lock: their records are beside the staged
sets, and so is what keeps two runs apart. A run that dies holds nothing. One that was taken for dead and is
not finds out before it records anything more; what it may still send meets the target's own conditions.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from migration_assets.buckets.part import Part
from migration_assets.errors import Fenced, Passing

#: seconds that another run is waited for, and between two looks whether it has ended
PATIENCE, LOOK = 300.0, 1.0


@contextmanager
def alone(part: Part, run_id: str) -> Generator[Callable[[], None]]:
    """What it gives raises Fenced once another run has taken this one for dead.

    Passing where another run is at work for longer than anybody waits."""
    name = f"partition {part.key} of {part.contract.name}"
    holding = part.folder.place.holding(run_id)
    until = time.monotonic() + PATIENCE
    while who := holding.taken():
        if time.monotonic() > until:
            raise Passing(
                f"Run {who} is at work on {name}; it was waited for {PATIENCE:.0f} seconds.",
                advice="When it has ended, run the same command again.",
                cause="lock",
            )
        time.sleep(LOOK)

    def still() -> None:
        if not holding.ours():
            raise Fenced(
                f"Run {run_id} gave no sign of life, and another run has taken {name} over.",
                advice="When that has ended, run the same command again; what was moved is recorded.",
            )

    try:
        yield still
    finally:
        holding.release()
