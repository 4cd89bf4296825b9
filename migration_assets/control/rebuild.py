"""What the ledger can vouch for and Dagster's instance does not have: after the instance was lost.

Nothing here writes; `defs/rebuilt.py` does, with Dagster's own events.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from migration_assets.checks.from_contract import CHECKSUM, COUNT, REFERENTIAL, SCHEMA
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.checks.spec import CheckSpec
from migration_assets.control.names import Stage
from migration_assets.control.records import Attempt, Materialized
from migration_assets.errors import MigrationError
from migration_assets.ledger.postgres import Standing
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition

Decision = Literal["report", "report checks", "known", "newer"]

#: what every committed load has proven, whatever its contract says now
ALWAYS = (COUNT, CHECKSUM, REFERENTIAL)


def decide(
    standing: Standing,
    known: Materialized | None,
    *,
    judged: bool,
    state: str,
    attempt: Attempt | None,
) -> Decision:
    """
    Dagster's `loaded`        its checks      last attempt                              decision
    of this generation        on record       -                                         known
    of this generation        not (a crash)   -                                         report checks
    of a newer one            -               -                                         known
    none, or an older one     -               is running                                newer
    none, or an older one     -               failed, asked for after this was loaded   newer
    none, or an older one     -               any other, or none                        report
    """
    entry = standing.entry
    if known is not None and known.generation >= entry.generation:
        return "known" if judged or known.generation > entry.generation else "report checks"
    if state == "running":
        return "newer"
    if state == "failed" and attempt is not None and attempt.run_id != entry.run_id:
        return "report" if attempt.at < standing.loaded_at.timestamp() else "newer"
    return "report"


@dataclass(frozen=True)
class Vouched:
    """One load, with what is still staged of it."""

    standing: Standing
    #: whether the contract decides the same rows as it did then
    same_contract: bool
    #: whether contracts of its kind have rules; without any, every load has proven the same
    ruled: bool = True
    extracted: Manifest | None = None
    transformed: Manifest | None = None

    @property
    def partition(self) -> str:
        return self.standing.entry.partition

    def staged(self, stage: Stage) -> Manifest | None:
        return {"extracted": self.extracted, "transformed": self.transformed}.get(stage)


def vouched(standing: Standing, meaning: str, folder: StagedPartition, *, ruled: bool = True) -> Vouched:
    """What can be said of the load; a damaged set counts as gone, and an emptied partition has none."""
    same = standing.entry.contract_digest == meaning
    if not standing.entry.staged:
        return Vouched(standing, same, ruled)
    staged = folder.named(standing.entry.staged)
    manifests: dict[str, Manifest | None] = {}
    for stage in ("extracted", "transformed"):
        try:
            manifest = staged.manifest(stage)
            if manifest is not None:
                folder.check(manifest, staged, stage)
                _rows_are_there(folder, manifest)
            manifests[stage] = manifest
        except MigrationError:
            manifests[stage] = None
    return Vouched(standing, same, ruled, manifests["extracted"], manifests["transformed"])


def outcomes(about: Vouched, stage: Stage, specs: Sequence[CheckSpec]) -> list[CheckOutcome]:
    """The blocking checks that the committed load implies.

    check                            implied
    count, checksum, referential     always
    another one of a bucket          always
    another one on `loaded`          where the contract is the same, and the rows were not put back
    schema, a row rule               where the set is staged and nothing went to quarantine; a rule
                                     only where the contract is the same
    """
    entry = about.standing.entry
    mine = [spec for spec in specs if spec.stage == stage and spec.blocking]
    if stage == "transformed":
        implied = [] if entry.quarantined else [s for s in mine if about.same_contract or s.name == SCHEMA]
    else:
        whole = about.same_contract and entry.state == "loaded"
        implied = [spec for spec in mine if whole or not about.ruled or spec.name in ALWAYS]
    return [_outcome(about.standing, spec) for spec in implied]


def _outcome(standing: Standing, spec: CheckSpec) -> CheckOutcome:
    entry, when = standing.entry, standing.loaded_at.isoformat(timespec="seconds")
    counts: dict[str, int | str] = {"generation": entry.generation, "made_at": when}
    if spec.name == COUNT:
        counts |= {"source": entry.extracted, "quarantined": entry.quarantined, "expected": entry.loaded}
        counts |= {"target": entry.loaded, "difference": 0}
    elif spec.name == CHECKSUM:
        counts |= {"expected": entry.fingerprint, "found": entry.fingerprint, "rows": entry.loaded}
    summary = (
        f"Rebuilt from the ledger: it held when generation {entry.generation} was committed, at {when}. "
        "It was not made again."
    )
    return CheckOutcome(spec.name, True, True, summary, counts)


def _rows_are_there(folder: StagedPartition, manifest: Manifest) -> None:
    """StagingRefused where a file is gone; whether it is what was written is seen when it is loaded."""
    for file in manifest.files:
        with closing(folder.place.pieces(file, 1)) as pieces:  # type: ignore[type-var]
            next(pieces, None)
