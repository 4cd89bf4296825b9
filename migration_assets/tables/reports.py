"""What a stage of one partition says of itself when it has ended."""

from collections.abc import Mapping, Sequence

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.errors import MigrationError
from migration_assets.stages.report import Stage, StageReport
from migration_assets.staging.manifest import Manifest
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.load import Loaded

Facts = Mapping[str, int | float | str]


def loaded_report(one: Arriving, done: Loaded, seconds: float, facts: Facts) -> StageReport:
    """Of a load, also of one that was refused."""
    entry = done.entry
    return report(
        "loaded",
        one.manifest,
        seconds,
        {"quarantined": entry.quarantined, **facts} if entry else facts,
        rows=entry.loaded if entry else None,
        generation=entry.generation if entry else None,
        fingerprint=entry.fingerprint if entry else None,
        outcomes=done.outcomes,
        refusal=done.refusal,
    )


def report(
    stage: Stage,
    manifest: Manifest,
    seconds: float,
    facts: Facts,
    *,
    rows: int | None = None,
    generation: int | None = None,
    fingerprint: str | None = None,
    outcomes: Sequence[CheckOutcome] = (),
    refusal: MigrationError | None = None,
) -> StageReport:
    """Rows, generation and fingerprint are the manifest's where nothing else is said."""
    rows = manifest.rows if rows is None else rows
    seconds = max(seconds, 1e-6)
    return StageReport(
        stage=stage,
        partition=manifest.partition,
        generation=generation or manifest.generation,
        rows=rows,
        bytes=sum(file.size for file in manifest.files),
        seconds=seconds,
        fingerprint=fingerprint or manifest.fingerprint,
        facts={**facts, "rows_per_second": round(rows / seconds)},
        outcomes=tuple(outcomes),
        refusal=refusal,
    )
