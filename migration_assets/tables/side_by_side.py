"""When partitions go side by side, in lanes: where they take long, and there are several."""

import time
from collections.abc import Generator, Mapping, Sequence

from migration_assets.contracts.model import ByKey, Contract
from migration_assets.stages.report import Stage
from migration_assets.stages.way import Migration, StageResult, partition_moved
from migration_assets.tables.lanes import Lanes, number_of_lanes

#: Opening lanes costs about half a second. It is worth it at once for partitions of so many rows,
#: and else once a partition has taken so many seconds.
MANY_ROWS, LONG = 200_000, 2.0


def moved_side_by_side(
    migration: Migration,
    contract: Contract,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    partitions: Sequence[str],
    stages: Sequence[Stage],
    run_id: str,
) -> Generator[StageResult]:
    """One after another in this process, until it is worth lanes."""
    waiting = list(partitions)
    lanes = number_of_lanes(environment)
    long = isinstance(contract.partitioning, ByKey) and contract.partitioning.rows >= MANY_ROWS
    while waiting and not (long and min(lanes, len(waiting)) > 1):
        started = time.monotonic()
        yield from partition_moved(migration, waiting.pop(0), stages, run_id)
        long = time.monotonic() - started > LONG
    if waiting:
        with Lanes(contract, contracts, environment, min(lanes, len(waiting))) as opened:
            yield from opened.moved(waiting, stages, run_id)
