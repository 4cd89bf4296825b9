"""StageReport: what one stage of one partition did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.errors import MigrationError

Stage = Literal["extracted", "transformed", "loaded"]
STAGES: tuple[Stage, ...] = ("extracted", "transformed", "loaded")


@dataclass(frozen=True)
class StageReport:
    """Rows, bytes staged, seconds, and the outcomes of the stage's checks."""

    stage: Stage
    partition: str
    generation: int
    rows: int
    bytes: int
    seconds: float
    fingerprint: str
    facts: Mapping[str, int | float | str] = field(default_factory=dict)
    outcomes: tuple[CheckOutcome, ...] = ()
    #: why the stage did not come about, although it was judged; its failed checks are outcomes
    refusal: MigrationError | None = None
    #: of a rollback, the fingerprint of the transformed rows that it put back
    made_of: str = ""
