"""The words of a wave, frozen and without I/O; nothing here knows what its file looks like."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from hashlib import sha256
from typing import Literal

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class ByState:
    """All partitions, those never loaded, or those whose last attempt failed."""

    state: Literal["all", "missing", "failed"] = "missing"


@dataclass(frozen=True)
class Range:
    """Partitions from the first to the last key, both included; None is open."""

    first: str | None = None
    last: str | None = None


@dataclass(frozen=True)
class ChangedSince:
    """Partitions whose source changed since they were loaded, and those that are not there.

    What has changed at or after the moment is among them; another moment is another work."""

    moment: datetime


Partitions = ByState | Range | ChangedSince


@dataclass(frozen=True)
class Window:
    """The hours in which a wave may start runs; `closes` at or before `opens` is on the next day."""

    timezone: str
    days: tuple[Day, ...] = DAYS
    opens: time = time(0)
    closes: time = time(0)


@dataclass(frozen=True)
class Limits:
    """Runs at once against each source and each target; None: as many as Dagster allows."""

    source: int | None = None
    target: int | None = None


@dataclass(frozen=True)
class Wave:
    """Contracts and partitions that move together."""

    name: str
    version: int
    #: as said: names of contracts, and what chooses others; `selection.contracts_of` resolves them
    contracts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    partitions: Partitions = field(default_factory=ByState)
    #: higher first
    priority: int = 0
    #: waves that have to be green before
    after: tuple[str, ...] = ()
    #: None: at any time
    window: Window | None = None
    limits: Limits = field(default_factory=Limits)
    #: whether somebody has to approve it before it starts
    approval: bool = False
    description: str = ""
    #: where its file lies
    origin: str = ""
    #: sha256 of all that its file says, in hexadecimal; comments and order of fields do not count
    digest: str = ""

    @property
    def work(self) -> str:
        """What it moves, as 12 hexadecimal digits: a wave with another work is done again.

        When and after what it may start, and who has to agree, is not part of its work."""
        said = (self.name, self.version, self.contracts, self.domains, self.tags, repr(self.partitions))
        return sha256(json.dumps(said).encode()).hexdigest()[:12]


def by_urgency(waves: Sequence[Wave]) -> list[Wave]:
    """High priority before low, then by name."""
    return sorted(waves, key=lambda wave: (-wave.priority, wave.name))
