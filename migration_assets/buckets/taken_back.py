"""What a rollback came to: counts, the checks of what is there now, and the generation that it completes."""

import time
from dataclasses import dataclass, field

from migration_assets.buckets.asked import Asked
from migration_assets.buckets.counted import Counted
from migration_assets.buckets.extracting import Hashed
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Undone
from migration_assets.buckets.part import Part
from migration_assets.buckets.standing import there_now
from migration_assets.checks.from_bucket import bucket_specs
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.errors import LoadRefused, MigrationError
from migration_assets.stages.report import StageReport

#: objects that a refusal names
NAMED = 3


@dataclass
class Counts:
    removed: int = 0
    restored: int = 0
    kept: Counted[RowKey] = field(default_factory=Counted[RowKey])

    def add(self, part: Part, undone: Undone) -> None:
        if undone.state == "removed":
            self.removed += 1
        elif undone.state == "restored":
            self.restored += 1
        else:
            self.kept.add(RowKey(part.named(undone.moved.decision.target), undone.reason))


def report(part: Part, asked: Asked, counts: Counts, run_id: str, started: float) -> StageReport:
    there, left, markers = there_now(part), Index[int](), Index[bool]()
    for each in part.records.standing():
        left.first(each.moved.decision.target, each.moved.decision.found.size)
        markers.first(each.moved.decision.target, each.moved.decision.found.marker)
    wrong, fingerprint = counts.kept, Hashed()
    for target, size in left.items():
        fingerprint.add(target, size)
        if target not in there and not markers.get(target):
            wrong.add(RowKey(part.named(target), "is not there"))
    if not wrong and not asked.done:
        facts = {"restore": asked.restore, "rolled_back_to": asked.generation}
        part.records.end(asked.before + 1, run_id, "rolled_back", facts)
    return StageReport(
        stage="loaded",
        partition=part.key,
        generation=asked.before + 1,
        rows=fingerprint.objects,
        bytes=fingerprint.size,
        seconds=max(time.monotonic() - started, 1e-6),
        fingerprint=str(fingerprint),
        facts={
            "rolled_back_to": asked.generation,
            "removed": counts.removed,
            "restored": counts.restored,
        },
        outcomes=_outcomes(wrong, counts, fingerprint.objects),
        refusal=_refusal(part, wrong),
    )


def _refusal(part: Part, wrong: Counted[RowKey]) -> MigrationError | None:
    if not wrong:
        return None
    named = "; ".join(f"{each.key}: {each.reason}" for each in wrong.first[:NAMED])
    return LoadRefused(
        f"{wrong.number:,} objects of {part.contract.name} {part.key} were not taken back ({named}).",
        advice=f"`migrate rollback {part.contract.name}` completes it.",
    )


def _outcomes(wrong: Counted[RowKey], counts: Counts, left: int) -> tuple[CheckOutcome, ...]:
    """The checks of `loaded`, of what is there now: all of them say the same."""
    said = f"{counts.removed:,} objects removed, {counts.restored:,} restored, {left:,} of earlier loads."
    numbers = {"removed": counts.removed, "restored": counts.restored, "left": left, "wrong": wrong.number}
    return tuple(
        CheckOutcome(
            spec.name,
            not wrong or not spec.blocking,
            spec.blocking,
            said,
            numbers,
            tuple(wrong.first[:KEYS_SHOWN]) if spec.blocking else (),
        )
        for spec in bucket_specs()
        if spec.stage == "loaded"
    )
