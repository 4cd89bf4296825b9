"""What Dagster's instance knows of contracts: states, rows, failures and check results."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import Contract
from migration_assets.control.choice import State
from migration_assets.control.names import STAGES, Stage, stage_path

PAGE = 1000


@dataclass(frozen=True)
class Materialized:
    """One materialization of a stage of a partition."""

    partition: str
    rows: int
    seconds: float
    quarantined: int
    #: when it was made, also where it was told again later
    at: float
    #: 0 where it is not said
    generation: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a partition is not there."""

    contract: str
    partition: str
    stage: str
    reason: str


@dataclass(frozen=True)
class Tally:
    """One check over many partitions."""

    blocking: bool
    passed: int
    failed: int


def key_of(contract: Contract, stage: Stage) -> dg.AssetKey:
    return dg.AssetKey(stage_path(contract, stage))


def states(instance: dg.DagsterInstance, contract: Contract, keys: Sequence[str]) -> dict[str, State]:
    """What the last attempt at each partition came to.

    any stage runs    any stage failed    loaded is there    state
    yes               -                   -                  running
    no                yes                 -                  failed
    no                no                  yes                loaded
    no                no                  no                 missing
    """
    definition = dg.StaticPartitionsDefinition(list(keys))
    stages = [
        instance.get_status_by_partition(key_of(contract, stage), keys, definition) or {} for stage in STAGES
    ]
    return {key: _state([stage.get(key) for stage in stages]) for key in keys}


def _state(stages: Sequence[AssetPartitionStatus | None]) -> State:
    if AssetPartitionStatus.IN_PROGRESS in stages:
        return "running"
    if AssetPartitionStatus.FAILED in stages:
        return "failed"
    return "loaded" if stages[-1] == AssetPartitionStatus.MATERIALIZED else "missing"


def newest(instance: dg.DagsterInstance) -> int:
    """The place in the event log that everything from now on comes after."""
    return instance.event_log_storage.get_maximum_record_id() or 0


def materialized(
    instance: dg.DagsterInstance, contract: Contract, stage: Stage, after: int = 0
) -> Iterator[Materialized]:
    """Every materialization of a stage after that place in the event log, oldest first."""
    while True:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key_of(contract, stage), after_storage_id=after),
            limit=PAGE,
            ascending=True,
        ).records
        for record in records:
            if found := _materialized(record.asset_materialization, record.timestamp):
                yield found
        if len(records) < PAGE:
            return
        after = records[-1].storage_id


def materialized_anywhere(
    instance: dg.DagsterInstance, after: int
) -> Iterator[tuple[int, dg.AssetKey, Materialized]]:
    """The same of all assets, with the place of each: one question however many contracts there are."""
    while True:
        entries = instance.event_log_storage.get_logs_for_all_runs_by_log_id(
            after_cursor=after, dagster_event_type={dg.DagsterEventType.ASSET_MATERIALIZATION}, limit=PAGE
        )
        for place, entry in sorted(entries.items()):
            after = place
            event = entry.asset_materialization
            if event and (found := _materialized(event, entry.timestamp)):
                yield place, event.asset_key, found
        if len(entries) < PAGE:
            return


def failures(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[Failure]:
    """The partitions that a failed run names, with the reasons; none where its process died."""
    found: list[Failure] = []
    for record in instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        event = record.event_log_entry.dagster_event
        data = event.step_failure_data.user_failure_data if event else None
        table = data.metadata.get("failed") if data else None
        if isinstance(table, dg.TableMetadataValue):
            rows = [{name: str(value) for name, value in record.data.items()} for record in table.records]
            found.extend(Failure(**row) for row in rows)
    return found


def tallies(
    instance: dg.DagsterInstance, contract: Contract, checks: Sequence[CheckSpec], keys: Collection[str]
) -> dict[str, Tally]:
    """Of each check, how many of these partitions it holds for, and how many not.

    Where bad rows go to quarantine, a rule that they break keeps nothing out: it warns.
    """
    wanted = frozenset(keys)
    by_key = {dg.AssetCheckKey(key_of(contract, check.stage), check.name): check for check in checks}
    passed, failed = dict.fromkeys(by_key, 0), dict.fromkeys(by_key, 0)
    for info in instance.event_log_storage.get_asset_check_partition_info(list(by_key)):
        if info.partition_key not in wanted or not info.is_current:
            continue
        if info.latest_execution_status == AssetCheckExecutionRecordStatus.SUCCEEDED:
            passed[info.check_key] += 1
        elif info.latest_execution_status == AssetCheckExecutionRecordStatus.FAILED:
            failed[info.check_key] += 1
    forgiven = "transformed" if contract.bad_rows == "quarantine" else None
    return {
        check.name: Tally(check.blocking and check.stage != forgiven, passed[key], failed[key])
        for key, check in by_key.items()
    }


def proven(
    instance: dg.DagsterInstance, contract: Contract, checks: Sequence[CheckSpec], keys: Collection[str]
) -> frozenset[str]:
    """Those of the partitions for which every blocking check on `loaded` is on record, and holds.

    What is on `transformed` has held, or nothing would be loaded.
    """
    held = set(keys)
    found = on_record(instance, contract, checks)
    for check in checks:
        if check.blocking and check.stage == "loaded":
            held &= {key for key, holds in found[check.name].items() if holds}
    return frozenset(held)


def on_record(
    instance: dg.DagsterInstance, contract: Contract, checks: Sequence[CheckSpec]
) -> dict[str, dict[str, bool]]:
    """Of each check, for which partitions it was made on what is there now, and whether it holds."""
    by_key = {dg.AssetCheckKey(key_of(contract, check.stage), check.name): check.name for check in checks}
    found: dict[str, dict[str, bool]] = {check.name: {} for check in checks}
    for info in instance.event_log_storage.get_asset_check_partition_info(list(by_key)):
        status = info.latest_execution_status
        if info.is_current and status in _JUDGED and info.partition_key is not None:
            found[by_key[info.check_key]][info.partition_key] = status == _JUDGED[0]
    return found


_JUDGED = (AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED)


def judged(
    instance: dg.DagsterInstance, contract: Contract, checks: Sequence[CheckSpec], keys: Collection[str]
) -> frozenset[str]:
    """Those of the partitions for which every blocking check on `loaded` is on record, whether it holds."""
    found = on_record(instance, contract, checks)
    made = set(keys)
    for check in checks:
        if check.blocking and check.stage == "loaded":
            made &= found[check.name].keys()
    return frozenset(made)


@dataclass(frozen=True)
class Attempt:
    """The run that was last meant to materialize a partition, and when it was asked for."""

    run_id: str
    at: float


def last_attempt(
    instance: dg.DagsterInstance, contract: Contract, stage: Stage, partition: str
) -> Attempt | None:
    planned = instance.event_log_storage.get_latest_planned_materialization_info(
        key_of(contract, stage), partition
    )
    run = instance.get_run_record_by_id(planned.run_id) if planned else None
    return Attempt(run.dagster_run.run_id, run.create_timestamp.timestamp()) if run else None


def _materialized(event: dg.AssetMaterialization | None, at: float) -> Materialized | None:
    if event is None or event.partition is None:
        return None
    return Materialized(
        event.partition,
        int(_number(event, "rows")),
        _number(event, "seconds"),
        int(_number(event, "quarantined")),
        _number(event, "loaded_at") or at,
        int(_number(event, "generation")),
    )


def _number(event: dg.AssetMaterialization, name: str) -> float:
    entry = event.metadata.get(name)
    value: Any = entry.value if entry else 0
    return value if isinstance(value, int | float) else 0
