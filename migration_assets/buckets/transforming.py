"""The stage `transformed`: what becomes of each object, as data, judged and staged."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from migration_assets.buckets.claimed import Claims
from migration_assets.buckets.extracting import Hashed, Writing
from migration_assets.buckets.known import Deciding
from migration_assets.buckets.part import (
    FILE,
    TRANSFORMED,
    Part,
    pace_of,
)
from migration_assets.buckets.schema import Judged
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedSet


@dataclass(frozen=True)
class Transformed:
    manifest: Manifest
    outcome: CheckOutcome


def transform(
    part: Part, staged: StagedSet, extracted: Manifest, run_id: str, claims: Claims | None = None
) -> Transformed:
    """`claims`: where objects of several partitions may go to one key. What the check does not pass is not
    sealed, so that nobody loads it."""
    deciding = Deciding(part, extracted.generation)
    if claims is not None:
        deciding.claimed = claims.claim(part.key, deciding.goals(part.inventory(extracted)))
    judged, counts, done, moving = Judged(part.named), Counter[str](), Hashed(), 0
    with staged.rows(TRANSFORMED, FILE) as rows:
        writing = Writing(rows)
        for batch in deciding.batches(part.inventory(extracted)):
            judged.judge(batch)
            for each in batch:
                writing.add(each)
                counts[each.action] += 1
                moving += each.found.size if each.action == "copy" else 0
                done.add(each.target, each.found.size, each.found.etag, each.found.version)
        writing.end()
    manifest = replace(
        extracted,
        run_id=run_id,
        stage=TRANSFORMED,
        rows=done.objects,
        fingerprint=str(done),
        files=(rows.staged(),) if done.objects else (),
        written_at=datetime.now(UTC).isoformat(),
        facts={
            **extracted.facts,
            **{f"to_{action}": counts[action] for action in ("copy", "skip", "refuse")},
            "bytes_to_move": moving,
            "inventory": extracted.fingerprint,
            "pace": pace_of(counts["copy"], moving).size,
        },
    )
    outcome = judged.outcome(extracted.rows)
    if outcome.passed:
        staged.seal(manifest)
    return Transformed(manifest, outcome)
