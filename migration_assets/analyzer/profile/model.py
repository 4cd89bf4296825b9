"""The words of a profile, frozen. Values of rows stand in `Figures` alone, and never of personal columns."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: what a run will do: refuse the partition (or the table), set rows aside, carry them, or nothing
Outcome = Literal["refused", "quarantined", "carried", "noted"]
#: how well a number of rows is known
Certainty = Literal["exact", "at least", "about"]

#: from the worst on
OUTCOMES: tuple[Outcome, ...] = ("refused", "quarantined", "carried", "noted")


@dataclass(frozen=True)
class Counted:
    """A value or a shape, and how many of the rows that were read have it."""

    text: str
    rows: int


@dataclass(frozen=True)
class Histogram:
    """How many of the rows that were read lie in each of equal parts from `lowest` to `highest`."""

    lowest: float
    highest: float
    rows: tuple[int, ...]
    #: `value`, or `year` of a moment
    of: str = "value"


@dataclass(frozen=True)
class Figures:
    """A column of the source. What only its values tell is None or empty where it is personal."""

    name: str
    declared: str
    #: the target's columns that it fills, as `name type`
    becomes: tuple[str, ...] = ()
    personal: bool = False
    #: of all rows; None where the source was not asked
    nulls: int | None = None
    distinct: int | None = None
    distinct_exact: bool = True
    lowest: str | None = None
    highest: str | None = None
    #: characters of a text, bytes of a binary value
    shortest: int | None = None
    longest: int | None = None
    mean_length: float | None = None
    #: letters as `a` (a run of them as `aa`), digits as `9`
    shapes: tuple[Counted, ...] = ()
    #: of how many values the shapes are
    shaped: int = 0
    top: tuple[Counted, ...] = ()
    histogram: Histogram | None = None


@dataclass(frozen=True)
class Hazard:
    """Something of the source that a run stumbles over, or that a person should know."""

    #: a word or three, of `kinds.KINDS`
    kind: str
    table: str
    outcome: Outcome
    #: what will happen, in a sentence
    effect: str
    #: what to do
    advice: str
    contract: str = ""
    column: str | None = None
    #: None where it is not about rows
    rows: int | None = None
    certainty: Certainty = "exact"
    #: keys of the first rows, those of personal columns as a hash
    keys: tuple[str, ...] = ()
    #: more about this one; never a value
    detail: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a score: its share from 0 to 1, and how much it weighs."""

    name: str
    share: float
    weight: int
    why: str


@dataclass(frozen=True)
class TableProfile:
    contract: str
    table: str
    target: str
    #: None where the rows could not be counted
    rows: int | None
    #: rows whose values were looked at one by one
    read: int
    columns: tuple[Figures, ...]
    hazards: tuple[Hazard, ...]
    parts: tuple[Part, ...]
    #: how often the table was read from its beginning to its end
    scans: int = 0
    seconds: float = 0.0

    @property
    def sampled(self) -> bool:
        return self.rows is not None and self.read < self.rows

    @property
    def score(self) -> int:
        """0 to 100: the parts' shares by their weights."""
        weights = sum(part.weight for part in self.parts)
        return round(100 * sum(part.share * part.weight for part in self.parts) / weights) if weights else 0

    @property
    def by_kind(self) -> Mapping[str, int]:
        return Counter(hazard.kind for hazard in self.hazards)


@dataclass(frozen=True)
class Profile:
    """One source, as its contracts (or those that discovery proposes) mean it."""

    source: str
    engine: str
    version: str
    tables: tuple[TableProfile, ...]
    #: hazards of the source that no contract means
    hazards: tuple[Hazard, ...] = ()
    #: whether the contracts are only proposed
    proposed: bool = False
    #: rows above which a table is sampled
    sample_above: int = 0
    made_at: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_hazards(self) -> tuple[Hazard, ...]:
        """All of them, the worst first."""
        found = [*self.hazards, *(hazard for table in self.tables for hazard in table.hazards)]
        return tuple(
            sorted(
                found,
                key=lambda each: (OUTCOMES.index(each.outcome), each.kind, each.table, each.column or ""),
            )
        )

    @property
    def score(self) -> int:
        """The mean of its tables' scores."""
        return round(sum(table.score for table in self.tables) / len(self.tables)) if self.tables else 0
