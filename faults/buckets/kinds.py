"""What goes wrong: each kind plans faults for the two proxies of a trial, by chance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from faults.buckets.proxy import Action, Fault

#: (chance, how many objects there are) to the faults of the source's and of the target's side
Plan = Callable[[Random, int], tuple[list[Fault], list[Fault]]]

READS, WRITES = ("list", "get", "get", "get"), ("put", "put", "put", "list", "create", "part", "complete")


@dataclass(frozen=True)
class Kind:
    name: str
    plan: Plan
    #: whether the process group is killed at a moment by chance
    kill: bool = False
    #: how many runs of the same command go at once
    crowd: int = 1


def _some(
    rng: Random, number: int, action: Action, operations: tuple[str, ...], times: int = 1
) -> list[Fault]:
    """One to four such faults, each at a request by chance."""
    found: list[Fault] = []
    for _ in range(rng.randint(1, 4)):
        operation = rng.choice(operations)
        often = operation in ("get", "put", "head")
        nth = rng.randint(1, number if often else 2)
        found.append(Fault(action, operation, nth, times, at=rng.randrange(1 << 23)))
    return found


def _both(action: Action, times: int = 1) -> Plan:
    return lambda rng, number: (
        _some(rng, number, action, READS, times),
        _some(rng, number, action, WRITES, times),
    )


def _source(action: Action) -> Plan:
    return lambda rng, number: (_some(rng, number, action, ("get",)), [])


def _target(action: Action, *operations: str) -> Plan:
    return lambda rng, number: ([], _some(rng, number, action, operations))


def _nothing(_rng: Random, _number: int) -> tuple[list[Fault], list[Fault]]:
    return [], []


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("slow-down", _both("503", times=3)),
        Kind("server-error", _both("500")),
        Kind("cut", _both("reset")),
        Kind("hang", _both("hang")),
        Kind("expired", _both("403 expired")),
        Kind("truncated", _source("truncate")),
        Kind("flipped-read", _source("flip")),
        Kind("flipped-sent", _target("flip sent", "put", "put", "part")),
        Kind("flipped-stored", _target("flip stored", "put", "put", "part")),
        Kind("answer-lost", _target("lost", "put", "put", "create", "part", "complete")),
        Kind("error-in-200", _target("200 error", "complete", "complete", "list")),
        Kind("overwritten", _source("overwrite")),
        Kind("killed", _nothing, kill=True),
        Kind("crowd", _nothing, crowd=2),
    )
}
