"""What is moved beside a run: other runs of the same backfill, which have partitions of the same contract."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import dagster as dg

from migration_assets.control.names import Stage

if TYPE_CHECKING:
    from migration_assets.stages.way import StageResult


@runtime_checkable
class TakingAlong(Protocol):
    # the partitions through the stages; those that the runs `beside` have staged and could not load,
    # because rows of both are in each other's way, are loaded with them
    def move_beside(
        self,
        partitions: Sequence[str],
        stages: Sequence[Stage],
        run_id: str,
        beside: Callable[[], frozenset[str]],
    ) -> "Iterator[StageResult]": ...


def beside(context: dg.AssetExecutionContext) -> frozenset[str]:
    """The runs of the same backfill; none where the run is nobody's."""
    backfill = context.run.tags.get("dagster/backfill")
    if not backfill:
        return frozenset()
    return frozenset(context.instance.get_run_ids(dg.RunsFilter(tags={"dagster/backfill": backfill})))
