"""What goes wrong: each kind plans faults for the two sides of a trial, by chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from faults.buckets.proxy import Action, Fault

Way = Literal["bucket", "over", "within", "versions", "registry"]
WAYS: tuple[Way, ...] = ("bucket", "registry", "over", "within", "versions")

#: (chance, how many objects there are) to the faults of one side
Plan = Callable[[Random, int], list[Fault]]

READS = ("list", "get", "get", "get", "head", "tags")
WRITES = ("put", "put", "put", "list", "create", "part", "complete", "head", "copy")
UNDOES = ("list", "delete", "delete", "head", "copy")
#: likewise of a repository: what the path of a request has in it
CALLS = ("POST /files/", "POST /upload/", "POST /packages/", "POST /packages/", "GET /packages/")
UNDOES_OF_PACKAGES = ("bulk", "bulk", "GET /packages/")


@dataclass(frozen=True)
class Struck:
    """A fault of a repository of packages, as its stand-in has it."""

    action: str
    match: str
    times: int = 1


@dataclass(frozen=True)
class Plans:
    """The faults of one run."""

    source: list[Fault] = field(default_factory=list[Fault])
    target: list[Fault] = field(default_factory=list[Fault])
    packages: list[Struck] = field(default_factory=list[Struck])


@dataclass(frozen=True)
class Kind:
    name: str
    #: what happens to requests of either side; empty: nothing
    both: Action | None = None
    source: Action | None = None
    target: Action | None = None
    #: operations that the target's fault may strike
    operations: Sequence[str] = ()
    #: of a repository of packages: what happens to requests, and what to packages
    call: str = ""
    package: str = ""
    times: int = 1
    ways: Sequence[Way] = WAYS
    #: whether the process group is killed at a moment by chance
    kill: bool = False
    #: how many runs of the same command go at once
    crowd: int = 1
    #: whether the rollback has such a day, too
    undoing: bool = False

    def plan(self, rng: Random, way: Way, number: int, *, undoing: bool = False) -> Plans:
        """Of one run; `number`: how many objects there are."""
        if undoing and not self.undoing:
            return Plans()
        source, target, packages = list[Fault](), list[Fault](), list[Struck]()
        if (action := self.both or self.source) and not undoing:
            source = self._some(rng, number, action, READS if self.both else ("get",))
        if (action := self.both or self.target) and way != "registry":
            writes = self.operations or WRITES
            target = self._some(rng, number, action, UNDOES if undoing else writes)
        if way == "registry":
            calls = UNDOES_OF_PACKAGES if undoing else CALLS
            packages = [Struck(self.call, rng.choice(calls), self.times) for _ in range(rng.randint(1, 3))]
            packages = packages if self.call else []
            if self.package and not undoing:
                packages.append(Struck(self.package, "", rng.randint(1, 3)))
        # on the way within one store both sides are behind one proxy
        return Plans(source, target, packages) if way != "within" else Plans([], [*source, *target])

    def _some(self, rng: Random, number: int, action: Action, operations: Sequence[str]) -> list[Fault]:
        """One to four such faults, each at a request by chance: of an object, or one in five of the probe."""
        found: list[Fault] = []
        for _ in range(rng.randint(1, 4)):
            operation = rng.choice(operations)
            probe = rng.random() < 0.2 and action not in ("overwrite", "stranger")
            often = operation in ("get", "put", "head", "delete")
            nth = rng.randint(1, (20 if probe else max(2, number * 2 // 3)) if often else 2)
            about = "probe" if probe else "object"
            found.append(Fault(action, operation, nth, self.times, at=rng.randrange(1 << 23), about=about))
        return found


_PUTS = ("put", "put", "part", "part")
_MADE = ("put", "put", "create", "part", "complete", "copy", "delete")
_IN_BUCKETS: tuple[Way, ...] = ("bucket", "over", "within", "versions")
_ONE_AT_A_TIME: tuple[Way, ...] = ("bucket", "over", "within", "registry")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("slow-down", both="503", call="503", times=3, undoing=True),
        Kind("server-error", both="500", call="500", undoing=True),
        Kind("asked-to-wait", both="429", call="429", undoing=True),
        Kind("cut", both="reset", call="cut before", undoing=True),
        Kind("hang", both="hang", call="hang", undoing=True),
        Kind("expired", both="403 expired", ways=_IN_BUCKETS, undoing=True),
        Kind("truncated", both="truncate", operations=("get", "list", "get")),
        Kind("flipped-read", source="flip", target="flip", operations=("get",)),
        Kind("flipped-sent", target="flip sent", operations=_PUTS, ways=_IN_BUCKETS),
        Kind("flipped-stored", target="flip stored", operations=_PUTS, package="flip"),
        Kind("answer-lost", target="lost", operations=_MADE, call="cut after", undoing=True),
        Kind("error-in-200", target="200 error", operations=("complete", "complete", "copy", "list"),
             ways=_IN_BUCKETS, undoing=True),
        Kind("overwritten", source="overwrite", ways=_ONE_AT_A_TIME),
        Kind("stranger", target="stranger", operations=("put", "put", "complete", "copy"),
             ways=("bucket", "over", "within")),
        Kind("unsynchronised", package="fail", ways=("registry",)),
        Kind("stuck", package="stuck", ways=("registry",)),
        Kind("killed", kill=True),
        Kind("crowd", crowd=2),
    )
}  # fmt: skip
