"""The check `schema`: whether every decision can be carried out."""

from collections.abc import Callable, Iterator, Sequence

from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Decision
from migration_assets.checks.from_bucket import SCHEMA
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey

_ACTIONS = frozenset({"copy", "skip", "refuse"})


def faults(decision: Decision) -> Iterator[str]:
    """What a decision lacks.

    They are judged here and not by a frame of Pandera's: there is no frame, and to make one of each batch
    cost more seconds and memory than everything else that this stage does.
    """
    if not decision.found.key:
        yield "it has no key"
    if decision.found.size < 0:
        yield "it has fewer than 0 bytes"
    if decision.action not in _ACTIONS:
        yield "nobody knows what is to be done with it"
    if decision.action != "copy" and not decision.reason:
        yield "it is not copied, for no reason"
    if decision.action != "refuse" and not decision.target:
        yield "it goes nowhere"


class Judged:
    """What the schema says of a partition's decisions; `named` shows a key."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self._named = named
        self._objects = 0
        self._faults: list[RowKey] = []
        self._faulty = 0
        self._refused: list[RowKey] = []
        self._refusals = 0
        self._places: Index[bool] = Index()

    def judge(self, batch: Sequence[Decision]) -> None:
        self._objects += len(batch)
        for each in batch:
            for fault in faults(each):
                self._fault(each, fault)
            if each.action == "refuse":
                self._refusals += 1
                if len(self._refused) < KEYS_SHOWN:
                    self._refused.append(RowKey(self._named(each.found.key), f"refused: {each.reason}"))
            # what goes to one target twice was refused before; this proves it
            if each.action == "copy":
                place = f"{each.target}\0{each.found.version}"
                if place in self._places:
                    self._fault(each, "another object goes to the same key")
                self._places.put(place, True)

    def _fault(self, decision: Decision, reason: str) -> None:
        self._faulty += 1
        if len(self._faults) < KEYS_SHOWN:
            self._faults.append(RowKey(self._named(decision.found.key), reason))

    def outcome(self, inventoried: int) -> CheckOutcome:
        passed = not self._faulty and inventoried == self._objects
        return CheckOutcome(
            SCHEMA,
            passed,
            True,
            f"{self._objects:,} decisions for {inventoried:,} objects, {self._faulty:,} of them faulty; "
            f"{self._refusals:,} objects are refused.",
            {
                "objects": inventoried,
                "decisions": self._objects,
                "faulty": self._faulty,
                "refused": self._refusals,
            },
            tuple((*self._faults, *self._refused)[:KEYS_SHOWN]),
        )
