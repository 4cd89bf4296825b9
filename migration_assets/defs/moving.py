"""The body of a contract's op: the run's partitions, one after another, through the selected stages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol

import dagster as dg

from migration_assets.contracts.model import Contract
from migration_assets.control.names import STAGES, Stage
from migration_assets.defs import events, restoring, resuming
from migration_assets.defs.beside import TakingAlong, beside
from migration_assets.defs.metadata import stage_metadata
from migration_assets.defs.naming import stage_key

if TYPE_CHECKING:
    from migration_assets.stages.report import StageReport
    from migration_assets.stages.way import StageResult

#: How many partitions a failed run names; its event log has all of them.
NAMED = 20


class Migration(Protocol):
    # the partitions through the stages, each result as it comes; a failure ends its partition
    def move(
        self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str
    ) -> "Iterator[StageResult]": ...


#: contract, all contracts by name, environment
Engine = Callable[[Contract, Mapping[str, Contract], Mapping[str, str]], Migration]


@dataclass(frozen=True)
class Failed:
    contract: str
    partition: str
    stage: Stage
    reason: str


FAILED = dg.TableSchema([dg.TableColumn(field.name, "text") for field in fields(Failed)])


@dataclass(frozen=True)
class Move:
    """One run's part in one contract."""

    context: dg.AssetExecutionContext
    contract: Contract
    migration: Migration

    @property
    def stages(self) -> tuple[Stage, ...]:
        selected = self.context.op_execution_context.selected_asset_keys
        return tuple(stage for stage in STAGES if stage_key(self.contract, stage) in selected)

    @cached_property
    def specs(self) -> dict[dg.AssetKey, dg.AssetSpec]:
        return {spec.key: spec for spec in self.context.assets_def.specs}

    @cached_property
    def before(self) -> dict[dg.AssetKey, events.Event | None]:
        """The assets of other contracts that this one depends on, as they are when the run starts."""
        keys = {dep.asset_key for spec in self.specs.values() for dep in spec.deps} - self.specs.keys()
        return {key: events.latest(self.context.instance, key) for key in keys}

    def inputs(self, spec: dg.AssetSpec, partition: str) -> dict[dg.AssetKey, events.Event | None]:
        return {
            dep.asset_key: self.before[dep.asset_key]
            if dep.asset_key in self.before
            else events.latest(self.context.instance, dep.asset_key, partition)
            for dep in spec.deps
        }


def moved(move: Move) -> Iterator[Any]:
    """Events of every partition; dg.Failure at the end, naming the partitions that are not there."""
    if not move.stages:
        raise dg.Failure(
            "These checks are part of the stages that they judge. Materialize the asset to run them.",
            allow_retries=False,
        )
    failures: list[Failed] = []
    restore, before = restoring.restore_of(move.context), resuming.before(move.context)
    for result in _results(move, restore, before):
        yield from _told(move, result)
        if restore and not result.failure:
            restoring.engine(move.migration).restored(result.partition, restore)
        if result.failure:
            move.context.log.error("%s %s: %s", result.partition, result.stage, result.failure)
            failures.append(Failed(move.contract.name, result.partition, result.stage, result.failure))
    if failures:
        yield from before.told_again()
        raise _failure(move, failures)
    yield from before.judged_again()
    yield from events.done(move.context)


def _results(move: Move, restore: str, before: resuming.Before) -> "Iterator[StageResult]":
    last, run_id = stage_key(move.contract, move.stages[-1]), move.context.run.run_id
    partitions = [key for key in move.context.partition_keys if not before.has(last, key)]
    if restore:
        return restoring.results(move.context, move.migration, partitions, move.stages, restore)
    if isinstance(move.migration, TakingAlong):
        return move.migration.move_beside(partitions, move.stages, run_id, partial(beside, move.context))
    return move.migration.move(partitions, move.stages, run_id)


def _told(move: Move, result: "StageResult") -> Iterator[Any]:
    """A stage's materialization and its checks; only the checks where the stage is not there."""
    report = result.report
    if report is None:
        return
    key = stage_key(move.contract, result.stage)
    if not result.failure:
        yield _materialization(move, key, result.partition, report, result.tried_after)
    about = events.latest(move.context.instance, key, result.partition)
    for outcome in report.outcomes:
        yield events.evaluated(key, result.partition, outcome, about)
    if not result.failure:
        move.context.log.info(
            "%s %s: %d rows in %.1f s", result.partition, result.stage, report.rows, report.seconds
        )


def _materialization(
    move: Move, key: dg.AssetKey, partition: str, report: "StageReport", tried_after: Sequence[str]
) -> dg.AssetMaterialization:
    spec = move.specs[key]
    return events.materialized(
        spec,
        partition,
        data_version=report.fingerprint,
        inputs=restoring.inputs_of(report, move.inputs(spec, partition)),
        metadata=stage_metadata(report, tried_after),
    )


def _again(move: Move) -> str:
    if restoring.restore_of(move.context):
        return f"migrate rollback {move.contract.name}"
    return f"migrate run {move.contract.name} --failed"


def _failure(move: Move, failures: list[Failed]) -> dg.Failure:
    tried_partitions = len(move.context.partition_keys)
    shown = [f"  {failed.partition} ({failed.stage}): {failed.reason}" for failed in failures[:NAMED]]
    more = [f"  and {len(failures) - NAMED} more"] if len(failures) > NAMED else []
    return dg.Failure(
        "\n".join(
            [
                f"{len(failures)} of {tried_partitions} partitions of {move.contract.name} are not there:",
                *shown,
                *more,
                f"Correct the cause, then run `{_again(move)}`.",
            ]
        ),
        metadata={
            "partitions": tried_partitions,
            "failed_partitions": len(failures),
            "failed": dg.MetadataValue.table(
                records=[dg.TableRecord(asdict(failed)) for failed in failures], schema=FAILED
            ),
        },
        allow_retries=False,
    )
