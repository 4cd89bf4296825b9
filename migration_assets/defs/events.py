"""What a partition leaves in Dagster: materializations, check results, and why they are as they are.

Dagster writes the outputs of a run for all of its partitions or for none, so the events are written
here, one for each partition. What Dagster would have added then has to be added too: the versions of
code and data that make an asset stale or fresh, and the materialization that a check result speaks of
(without it the result is not shown for its partition). These few names are not public;
`migration_assets_tests/defs/test_events.py` fails when they change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    DEFAULT_DATA_VERSION,
    NULL_EVENT_POINTER,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.defs.metadata import Metadata, check_metadata


@dataclass(frozen=True)
class Event:
    """A materialization that is in the event log."""

    storage_id: int
    run_id: str
    timestamp: float
    data_version: str


def latest(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None = None) -> Event | None:
    """The newest materialization of the partition, or of any partition where none is said."""
    partitions = None if partition is None else [partition]
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key, asset_partitions=partitions), limit=1
    ).records
    return _event(found[0]) if found else None


def _event(record: dg.EventLogRecord) -> Event:
    materialization = record.asset_materialization
    tags = (materialization.tags if materialization else None) or {}
    return Event(
        record.storage_id,
        record.run_id,
        record.timestamp,
        tags.get(DATA_VERSION_TAG, DEFAULT_DATA_VERSION.value),
    )


def since(
    instance: dg.DagsterInstance, key: dg.AssetKey, place: int, page: int = 1000
) -> Iterator[tuple[str, Event]]:
    """Every materialization of a partition after that place in the event log, oldest first."""
    while True:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key, after_storage_id=place), limit=page, ascending=True
        ).records
        for record in records:
            if record.partition_key is not None:
                yield record.partition_key, _event(record)
        if len(records) < page:
            return
        place = records[-1].storage_id


def materialized(
    spec: dg.AssetSpec,
    partition: str,
    *,
    data_version: str,
    inputs: Mapping[dg.AssetKey, Event | None],
    metadata: Metadata,
) -> dg.AssetMaterialization:
    """`inputs` has every asset that the spec depends on; None where it was never materialized."""
    tags = {
        CODE_VERSION_TAG: spec.code_version or "",
        DATA_VERSION_TAG: data_version,
        DATA_VERSION_IS_USER_PROVIDED_TAG: "true",
    }
    for key, event in inputs.items():
        tags[get_input_data_version_tag(key)] = event.data_version if event else DEFAULT_DATA_VERSION.value
        tags[get_input_event_pointer_tag(key)] = str(event.storage_id) if event else NULL_EVENT_POINTER
    return dg.AssetMaterialization(spec.key, partition=partition, tags=tags, metadata=metadata)


def evaluated(
    key: dg.AssetKey, partition: str, outcome: CheckOutcome, about: Event | None
) -> dg.AssetCheckEvaluation:
    """
    about                              shown for the partition
    its newest materialization         yes
    none, and there is none            yes: a partition that failed before it was ever materialized
    none or an older one               no
    """
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=outcome.name,
        passed=outcome.passed,
        partition=partition,
        blocking=outcome.blocking,
        severity=dg.AssetCheckSeverity.ERROR if outcome.blocking else dg.AssetCheckSeverity.WARN,
        description=outcome.summary,
        metadata=check_metadata(outcome),
        target_materialization_data=_target(about),
    )


def about(check: dg.AssetCheckEvaluation, event: Event | None) -> dg.AssetCheckEvaluation:
    """The same result, of another materialization of the same rows."""
    return dg.AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.check_name,
        passed=check.passed,
        partition=check.partition,
        blocking=check.blocking,
        severity=check.severity,
        description=check.description,
        metadata=check.metadata,
        target_materialization_data=_target(event),
    )


def _target(event: Event | None) -> AssetCheckEvaluationTargetMaterializationData | None:
    return event and AssetCheckEvaluationTargetMaterializationData(
        storage_id=event.storage_id, run_id=event.run_id, timestamp=event.timestamp
    )


def done(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.Output[None]]:
    """Tells Dagster that all is there, so that what depends on it in the same run may start.

    The mark keeps Dagster from writing a second materialization for each partition.
    """
    written = {SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
    for spec in context.assets_def.specs:
        if spec.key in context.op_execution_context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=spec.key, metadata=written)
    for check in context.assets_def.check_specs:
        if check.key in context.selected_asset_check_keys:
            yield dg.Output(None, output_name=check.get_python_identifier())
