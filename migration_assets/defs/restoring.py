"""A run that is a rollback: its tags say so, and only `loaded` is concerned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

import dagster as dg

from migration_assets.control.names import GENERATION_TAG, OPERATION_TAG, RESTORE, RESTORE_TAG, Stage
from migration_assets.defs.events import Event

if TYPE_CHECKING:
    from migration_assets.stages.report import StageReport
    from migration_assets.stages.way import StageResult


class Restoring(Protocol):
    # puts back the partitions of a rollback that the ledger knows by its name
    def restore(self, partitions: Sequence[str], restore: str, run_id: str) -> "Iterator[StageResult]": ...

    # notes in the ledger that a partition's rollback is on record here
    def restored(self, partition: str, restore: str) -> None: ...

    # notes a rollback in the ledger; `to` is a generation, None for the one before
    def ask_to_restore(self, partitions: Sequence[str], to: int | None, restore: str) -> None: ...


def engine(migration: object) -> Restoring:
    return cast(Restoring, migration)


def restore_of(context: dg.AssetExecutionContext) -> str:
    """The rollback's name in the ledger, after its backfill or first run where nobody named it; else ""."""
    run = context.run
    if run.tags.get(OPERATION_TAG) != RESTORE:
        return ""
    named = run.tags.get(RESTORE_TAG) or run.tags.get("dagster/backfill")
    return named or run.root_run_id or run.run_id


def results(
    context: dg.AssetExecutionContext,
    migration: object,
    partitions: Sequence[str],
    stages: Sequence[Stage],
    restore: str,
) -> "Iterator[StageResult]":
    if "loaded" not in stages:
        raise dg.Failure("A rollback concerns `loaded`: materialize that asset.", allow_retries=False)
    tags = context.run.tags
    if RESTORE_TAG not in tags:
        said = tags.get(GENERATION_TAG, "")
        to = int(said) if said.isdecimal() else None
        engine(migration).ask_to_restore(partitions, to, restore)
    yield from engine(migration).restore(partitions, restore, context.run.run_id)


def inputs_of(
    report: "StageReport", inputs: Mapping[dg.AssetKey, Event | None]
) -> Mapping[dg.AssetKey, Event | None]:
    """What the rows were made of: of a rollback, not what `transformed` is now but what it was then."""
    if "rolled_back_to" not in report.facts:
        return inputs
    then = report.made_of or report.fingerprint
    return {
        key: replace(event, data_version=then) if event and key.path[-1] == "transformed" else event
        for key, event in inputs.items()
    }
