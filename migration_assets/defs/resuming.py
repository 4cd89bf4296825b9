"""A run that goes on from where another one failed takes up only the partitions that are not there yet.

Dagster executes the whole step again, with all partitions of its range. Those that the run before has
loaded are left alone. Where the new run fails, too, they are told again: Dagster takes every partition
that a failed run was meant to materialize, and did not, for failed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.storage.tags import ASSET_RESUME_RETRY_TAG, PARENT_RUN_ID_TAG, RESUME_RETRY_TAG

from migration_assets.defs import events

#: runs that are followed back
MOST = 100
_GOES_ON = (RESUME_RETRY_TAG, ASSET_RESUME_RETRY_TAG)


@dataclass
class Before:
    """What the runs before have done of this one's partitions."""

    instance: dg.DagsterInstance
    runs: tuple[str, ...] = ()
    #: by asset and partition, the newest event of these runs
    there: dict[tuple[dg.AssetKey, str], dg.AssetMaterialization] = field(default_factory=dict)
    judged: dict[tuple[dg.AssetKey, str], list[dg.AssetCheckEvaluation]] = field(default_factory=dict)
    #: the checks of each asset
    checks: Mapping[dg.AssetKey, frozenset[str]] = field(default_factory=dict)

    def has(self, key: dg.AssetKey, partition: str) -> bool:
        """Whether it is there with all of its checks: a run may be killed between the one and the other."""
        place = (key, partition)
        made = {check.check_name for check in self.judged.get(place, ())}
        return place in self.there and self.checks.get(key, frozenset()) <= made

    def judged_again(self) -> Iterator[Any]:
        """The results of checks on what is left alone: Dagster takes them to be this run's to make."""
        for (key, partition), checks in self.judged.items():
            if self.has(key, partition):
                about = events.latest(self.instance, key, partition)
                for check in checks:
                    yield events.about(check, about)

    def told_again(self) -> Iterator[Any]:
        """The events of what they have done, unless something newer is there."""
        for (key, partition), event in self.there.items():
            newest = events.latest(self.instance, key, partition)
            if newest is None or newest.run_id not in self.runs:
                continue
            yield dg.AssetMaterialization(
                key,
                partition=partition,
                tags=event.tags,
                metadata={**event.metadata, "as_by_run": dg.MetadataValue.dagster_run(newest.run_id)},
            )
            about = events.latest(self.instance, key, partition)
            for check in self.judged.get((key, partition), ()):
                yield events.about(check, about)


def before(context: dg.AssetExecutionContext) -> Before:
    """Empty where this run goes on from no other."""
    checks: dict[dg.AssetKey, set[str]] = defaultdict(set)
    for key in context.assets_def.check_keys:
        checks[key.asset_key].add(key.name)
    named = {key: frozenset(names) for key, names in checks.items()}
    found = Before(context.instance, tuple(_chain(context)), checks=named)
    if found.runs:
        wanted = context.op_execution_context.selected_asset_keys
        partitions = frozenset(context.partition_keys)
        for run_id in reversed(found.runs):
            for key, partition, event in _events(context.instance, run_id):
                if key in wanted and partition in partitions:
                    _note(found, (key, partition), event)
    return found


def _events(
    instance: dg.DagsterInstance, run_id: str
) -> Iterator[tuple[dg.AssetKey, str | None, dg.AssetMaterialization | dg.AssetCheckEvaluation]]:
    types = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    for record in instance.get_records_for_run(run_id, of_type=types).records:
        event = record.event_log_entry.dagster_event
        assert event is not None
        said = (
            event.step_materialization_data.materialization
            if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION
            else event.asset_check_evaluation_data
        )
        yield said.asset_key, said.partition, said


def _note(
    found: Before, place: tuple[dg.AssetKey, str], event: dg.AssetMaterialization | dg.AssetCheckEvaluation
) -> None:
    if isinstance(event, dg.AssetMaterialization):
        found.there[place] = event
        found.judged.pop(place, None)
    else:
        found.judged.setdefault(place, []).append(event)


def _chain(context: dg.AssetExecutionContext) -> Iterator[str]:
    """The run that this one goes on from, and the one before, newest first."""
    run: dg.DagsterRun | None = context.run
    for _ in range(MOST):
        if run is None or "true" not in (
            run.tags.get(RESUME_RETRY_TAG),
            run.tags.get(ASSET_RESUME_RETRY_TAG),
        ):
            return
        parent = run.tags.get(PARENT_RUN_ID_TAG)
        if parent is None:
            return
        yield parent
        run = context.instance.get_run_by_id(parent)
