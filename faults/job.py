"""What a worker is told, and what it tells: both as JSON, a line each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Stage = Literal["extracted", "transformed", "loaded"]
STAGES: tuple[Stage, ...] = ("extracted", "transformed", "loaded")
#: what is done with the partitions; tables are only moved
Operation = Literal["move", "verify", "restore"]


@dataclass(frozen=True)
class When:
    """The n-th time that a stage of a partition reaches out of its process, and what happens then."""

    partition: str
    stage: Stage
    #: counted from 1; 0 is before the stage begins
    at: int
    act: Literal["kill", "stop"]
    after: bool = False

    def __str__(self) -> str:
        place = "before" if self.at == 0 else f"{'after' if self.after else 'before'} touch {self.at} of"
        return f"{place} {self.stage} {self.partition}"


@dataclass(frozen=True)
class Job:
    """One run of some partitions of one contract."""

    run_id: str
    contract: str
    partitions: Sequence[str]
    #: of the contracts
    folder: str
    environment: Mapping[str, str]
    #: files that the worker appends to: what it prints, and what it tells
    log: str
    told: str
    stages: Sequence[Stage] = STAGES
    when: When | None = None
    #: whether touches are counted and told
    counts: bool = False
    #: name of a plant, for the tests of the suite
    plant: str = ""
    #: seconds that the process's clocks are off
    clock: float = 0.0
    operation: Operation = "move"
    #: of a restore: what was changed since is given up
    discard: bool = False
    #: what the waits between retries are multiplied with
    hurry: float = 0.1

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        said: dict[str, Any] = json.loads(text)
        when = said.pop("when")
        return cls(**said, when=When(**when) if when else None)


@dataclass(frozen=True)
class Told:
    """One line of a worker: a stage begins, a moment has come, or a stage has its result."""

    event: Literal["begin", "moment", "result", "counted"]
    partition: str
    stage: Stage
    #: of a result: why the stage is not there; of a moment: the function
    text: str = ""
    rows: int = 0
    generation: int = 0
    fingerprint: str = ""
    retries: int = 0
    touches: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def read_told(text: str) -> list[Told]:
    """All whole lines: a killed worker may have left half of one."""
    return [Told(**json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("}\n")]
