"""Who takes part in a case, over how many rows, in which order; decided, nothing is started."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmark.cases import Case
from benchmark.contenders import CONTENDERS, PIPE, SERIAL
from benchmark.results import Contest
from benchmark.task import Contender

STAGES = ("extracted", "transformed", "loaded")
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A contender over so many rows, with all its rounds."""

    contender: Contender
    contest: Contest
    #: why it does not run here; empty where it does
    absent: str = ""
    #: the rounds of each stage, where they are told apart
    stages: dict[str, Contest] = field(default_factory=dict)

    @property
    def contests(self) -> list[Contest]:
        return [self.contest, *self.stages.values()]


def places(case: Case, chosen: Sequence[Contender], total: int, peers: Path) -> list[Place]:
    """The pipe over each number of rows that somebody has, then all others; an absent one says why."""
    found = [
        _place(case, contender, total, peers)
        for contender in chosen
        if contender.name != PIPE and contender.takes_part(case)
    ]
    pipe = CONTENDERS[PIPE]
    if pipe not in chosen:
        return found
    numbers = {total, *(place.contest.rows for place in found if not place.absent)}
    pipes = [_place(case, pipe, number, peers) for number in sorted(numbers, reverse=True)]
    return [*pipes, *found]


def _place(case: Case, contender: Contender, total: int, peers: Path) -> Place:
    rows = min(contender.at_most or total, total)
    contest = Contest(case.name, contender.name, rows, case.timed)
    absent = contender.absent(peers)
    contest.notes.append(absent or contender.note)
    stages = STAGES if contender.name == SERIAL and case.timed else ()
    return Place(
        contender,
        contest,
        absent,
        {stage: Contest(case.name, f"stage {stage}", rows, case.timed) for stage in stages},
    )


def turned(order: Sequence[T], number: int) -> list[T]:
    """The order of a round: each begins one further, so that nobody always follows the same one."""
    at = number % len(order) if order else 0
    return [*order[at:], *order[:at]]
