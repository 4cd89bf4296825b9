"""The check `schema`: decisions as Pandera judges them, a batch at a time."""

from collections.abc import Callable, Sequence

import pandas as pd
import pandera.pandas as pandera
from pandera.errors import SchemaErrors

from migration_assets.buckets.model import Decision
from migration_assets.checks.from_bucket import SCHEMA
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey

_ACTIONS = ("copy", "skip", "refuse")

_OBJECTS = pandera.DataFrameSchema(
    {
        "key": pandera.Column(checks=pandera.Check(lambda key: key.str.len() > 0, name="has a key")),
        "size": pandera.Column("int64", pandera.Check(lambda size: size >= 0, name="0 bytes or more")),
        "action": pandera.Column(checks=pandera.Check.isin(_ACTIONS)),
        "why": pandera.Column("bool", pandera.Check(lambda why: why, name="skips and refuses for a reason")),
        "target": pandera.Column("bool", pandera.Check(lambda goes: goes, name="goes somewhere")),
    }
)


class Judged:
    """What the schema says of a partition's decisions; `named` shows a key."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self._named = named
        self._objects = 0
        self._faults: list[RowKey] = []
        self._faulty = 0
        self._refused: list[RowKey] = []
        self._refusals = 0
        self._places: set[int] = set()

    def judge(self, batch: Sequence[Decision]) -> None:
        self._objects += len(batch)
        try:
            _OBJECTS.validate(_frame(batch), lazy=True)
        except SchemaErrors as found:
            for place, check in zip(found.failure_cases["index"], found.failure_cases["check"], strict=True):
                self._fault(batch[int(place)] if place is not None else batch[0], f"not so: {check}")
        for each in batch:
            if each.action == "refuse":
                self._refusals += 1
                if len(self._refused) < KEYS_SHOWN:
                    self._refused.append(RowKey(self._named(each.found.key), f"refused: {each.reason}"))
            # what goes to one target twice was refused before; this proves it
            place = hash((each.target, each.found.version))
            if each.action == "copy":
                if place in self._places:
                    self._fault(each, "another object goes to the same key")
                self._places.add(place)

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


def _frame(batch: Sequence[Decision]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": [each.found.key for each in batch],
            "size": pd.Series([each.found.size for each in batch], dtype="int64"),
            "action": [each.action for each in batch],
            "why": [bool(each.reason) or each.action == "copy" for each in batch],
            "target": [bool(each.target) or each.action == "refuse" for each in batch],
        }
    )
