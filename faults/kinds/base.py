"""What a kind of fault is, and what most of them do the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from faults.subjects import SUBJECTS
from faults.trial import Trial

#: provokes the fault, judges the runs that it met, and says what happened; afterwards all is well again
Provoke = Callable[[Trial], str]


@dataclass(frozen=True)
class Kind:
    name: str
    provoke: Provoke
    #: how often it is drawn, beside the others
    weight: int
    #: which contracts it takes, with weights
    contracts: dict[str, int]
    #: how many partitions of it a trial moves, at most; 0: all of them
    partitions: int = 2
    #: why it cannot be provoked here; empty where it can
    missing: Callable[[], str] = lambda: ""


ANY = {"people": 3, "visits": 3, "readings": 3}


def chosen(kind: Kind, rng: Random, *, mariadb: bool) -> tuple[str, list[str]]:
    """A contract and some of its partitions, in the order of its plan."""
    there = {name: weight for name, weight in kind.contracts.items() if mariadb or name != "stock"}
    contract = rng.choices(list(there), list(there.values()))[0]
    keys = list(SUBJECTS[contract].partitions)
    number = min(len(keys), rng.randint(1, kind.partitions)) if kind.partitions else len(keys)
    if contract == "lots":
        # lanes are opened for more than one partition alone
        number = max(2, number)
    picked = rng.sample(keys, number)
    return contract, [key for key in keys if key in picked]


def told_end(status: int | None) -> str:
    """How a run ended, in words."""
    if status is None:
        return "still running"
    return {0: "came to its end", 1: "failed"}.get(status, f"was killed by signal {-status}")
