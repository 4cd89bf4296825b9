"""What a stage of a partition did, as its report."""

import time
from collections.abc import Mapping, Sequence

from migration_assets.buckets.extracting import Hashed
from migration_assets.buckets.part import Part, pace_of
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.tally import Tally
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.errors import LoadRefused, MigrationError
from migration_assets.stages.report import Stage, StageReport
from migration_assets.staging.manifest import Manifest

#: failed objects that a refusal names; the check `count` has more
NAMED = 3


def fingerprint_there(tally: Tally) -> str:
    """The fingerprint of what the target holds."""
    found = Hashed()
    for key, each in tally.expected.items():
        found.add(key, each.size, each.there.etag if each.there else "")
    return str(found)


def facts(tally: Tally, manifest: Manifest, seconds: float) -> dict[str, int | float | str]:
    pace = pace_of(int(manifest.facts["to_copy"]), int(manifest.facts["bytes_to_move"]))
    return {
        "moved": tally.moved,
        "skipped": tally.skipped,
        "failed_objects": tally.failed,
        "bytes_moved": tally.bytes,
        "bytes_sent": tally.sent,
        "mb_per_second": round(tally.bytes / 1e6 / seconds, 3),
        "objects_per_second": round(tally.moved / seconds, 1),
        "tried_again": tally.retries,
        "pace": f"{pace.size}: {pace.workers} side by side",
        "proven_by": ", ".join(f"{name} ({number})" for name, number in sorted(tally.proofs.items())),
        "dropped": ", ".join(f"{name} ({number})" for name, number in sorted(tally.dropped.items())),
        "inventory": str(manifest.facts["inventory"]),
    }


def refusal(part: Part, tally: Tally) -> MigrationError:
    named = "; ".join(f"{each.key}: {each.reason}" for each in tally.failures[:NAMED])
    more = f"; and {tally.failed - NAMED} more" if tally.failed > NAMED else ""
    return LoadRefused(
        f"{tally.failed:,} of {tally.objects:,} objects of partition {part.key} of {part.contract.name} were "
        f"not moved ({named}{more}); {tally.moved:,} were, and are recorded.",
        advice=f"Correct the cause, then `migrate run {part.contract.name} --failed` moves the rest.",
    )


def capabilities(side: str, found: Capabilities) -> dict[str, int | float | str]:
    facts = ", ".join(f"{name}: {value}" for name, value in sorted(found.facts.items()))
    drops = {"would_be_dropped": "; ".join(found.drops)} if found.drops else {}
    return {f"{side}_capabilities": facts, **drops}


def report(
    stage: Stage,
    manifest: Manifest,
    started: float,
    facts: Mapping[str, int | float | str],
    *,
    rows: int | None = None,
    size: int | None = None,
    fingerprint: str = "",
    outcomes: Sequence[CheckOutcome] = (),
    refusal: MigrationError | None = None,
) -> StageReport:
    said = {name: value for name, value in manifest.facts.items() if name != "meaning"}
    return StageReport(
        stage=stage,
        partition=manifest.partition,
        generation=manifest.generation,
        rows=manifest.rows if rows is None else rows,
        bytes=sum(file.size for file in manifest.files) if size is None else size,
        seconds=max(time.monotonic() - started, 1e-6),
        fingerprint=fingerprint or manifest.fingerprint,
        facts={**said, **facts},
        outcomes=tuple(outcomes),
        refusal=refusal,
    )
