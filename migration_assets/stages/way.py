"""A partition's way through the stages: one stage after another, until one fails."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from migration_assets.errors import MigrationError
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stores.trying import in_words, tried


class Migration(Protocol):
    # each stage of one partition, to its report; MigrationError where it cannot be done
    def extract(self, partition_key: str, run_id: str) -> StageReport: ...

    def transform(self, partition_key: str, run_id: str) -> StageReport: ...

    def load(self, partition_key: str, run_id: str) -> StageReport: ...


@dataclass(frozen=True)
class StageResult:
    """What came of one stage of one partition."""

    partition: str
    stage: Stage
    #: None where the stage ended by an error
    report: StageReport | None = None
    #: why it was tried again, one cause each time
    tried_after: tuple[str, ...] = ()
    #: why the stage is not there, and no later one is tried; empty where it is there
    failure: str = ""
    #: whether, and why, it may be there once other partitions of its contract are loaded with it
    together: Literal["", "keys", "references"] = ""


def moved(
    migration: Migration, partitions: Sequence[str], stages: Sequence[Stage], run_id: str
) -> Iterator[StageResult]:
    """All partitions, one after another; one that fails leaves the others alone."""
    for partition in partitions:
        yield from partition_moved(migration, partition, stages, run_id)


def partition_moved(
    migration: Migration, partition: str, stages: Sequence[Stage], run_id: str
) -> Iterator[StageResult]:
    """The stages of one partition, up to the first that fails."""
    for stage in stages:
        result = stage_result(migration, partition, stage, run_id)
        yield result
        if result.failure:
            return


def stage_result(migration: Migration, partition: str, stage: Stage, run_id: str) -> StageResult:
    """What comes of one stage of one partition, tried again where its fault passes."""
    work = {
        "extracted": migration.extract,
        "transformed": migration.transform,
        "loaded": migration.load,
    }[stage]
    try:
        report, after = tried(lambda: work(partition, run_id))
    except Exception as error:
        return failed(partition, stage, error)
    return judged(report, after)


def failed(partition: str, stage: Stage, error: Exception) -> StageResult:
    together = error.together if isinstance(error, MigrationError) else ""
    return StageResult(partition, stage, failure=in_words(error), together=together)


def judged(report: StageReport, after: tuple[str, ...]) -> StageResult:
    together = report.refusal.together if report.refusal else ""
    return StageResult(report.partition, report.stage, report, after, _refusal(report), together)


def _refusal(report: StageReport) -> str:
    """Why the stage is not there: a failed blocking check always means that it is not."""
    if report.refusal:
        return str(report.refusal)
    failed = [outcome for outcome in report.outcomes if outcome.blocking and not outcome.passed]
    return "; ".join(f"{outcome.name}: {outcome.summary}" for outcome in failed)
