"""Row rules as a Pandera schema: whole batches, lazily, so that all faults of a batch are found.

A frame has a column for each part of a rule, and one for each required column, all of Arrow's types.
For limits, numbers and decimals are themselves, and moments are microseconds since 1970 (64-bit
integers), so that infinity and far years compare too; all else is text.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute
from pandera.errors import SchemaErrors

from migration_assets.checks.rules import LENGTH, RANGE, Rule

#: its functions are made when it is imported, so that no type checker knows them
pc: Any = pyarrow.compute

#: kinds of rules that a Pandera check can judge row by row
JUDGED = ("range", "length", "pattern", "enum", "null", "missing")


@dataclass(frozen=True)
class Verdict:
    """Positions in the batch (0-based) that break something."""

    #: by required column
    nulls: Mapping[str, frozenset[int]] = field(default_factory=dict)
    #: by the rule's name
    broken: Mapping[str, frozenset[int]] = field(default_factory=dict)


def parts(rule: Rule) -> tuple[Rule, ...]:
    """The rule as rules of the kinds in `JUDGED`, of the same name; none where nothing is judged row by
    row. What makes a value invalid may be several things."""
    if rule.kind != "invalid":
        return (rule,) if rule.kind in JUDGED else ()
    limits = {_BOUNDS.get(key, key): limit for key, limit in rule.limits.items()}
    found = [("enum", {"values": limits["validValues"]})] if "validValues" in limits else []
    for kind, keys in (("pattern", ("pattern",)), ("length", LENGTH), ("range", RANGE[:2])):
        if said := {key: limits[key] for key in keys if key in limits}:
            found.append((kind, said))
    return tuple(replace(rule, kind=kind, limits=said) for kind, said in found)


def column_of(part: Rule) -> str:
    """The frame's column of a rule's part."""
    return f"{part.kind} {part.name}"


def required_column(name: str) -> str:
    """The frame's column of a required column."""
    return f"required {name}"


class RuleSchema:
    """The rules' parts and the required columns as a Pandera schema of frames."""

    def __init__(self, rules: Sequence[Rule], required: Sequence[str]) -> None:
        self._rules = {column_of(part): part for part in rules}
        self._required = {required_column(name): name for name in required}
        checks = {name: self._check(name) for name in (*self._rules, *self._required)}
        self._schema = pandera.DataFrameSchema(
            {name: pandera.Column(checks=check, nullable=True) for name, check in checks.items()}
        )

    @property
    def empty(self) -> bool:
        return not self._schema.columns

    def judge(self, frame: pd.DataFrame) -> Verdict:
        """Validates the frame (index 0, 1, 2, …) and returns every place that breaks a rule."""
        try:
            self._schema.validate(frame, lazy=True)
        except SchemaErrors as found:
            failed = {str(name) for name in found.failure_cases["column"]}
        else:
            return Verdict()
        nulls: dict[str, frozenset[int]] = {}
        broken: dict[str, frozenset[int]] = {}
        for column, values in frame.items():
            column = str(column)
            if column not in failed:
                continue
            where = self._places(column, values)
            if column in self._required:
                nulls[self._required[column]] = where
            else:
                name = self._rules[column].name
                broken[name] = broken.get(name, frozenset()) | where
        return Verdict(nulls, broken)

    def _check(self, column: str) -> pandera.Check:
        # one answer for all rows: of rows that fail Pandera would make a table of their values, which
        # takes long, and fails where integers and text are among them
        return pandera.Check(lambda values: bool(self._holds(column, values).all()), ignore_na=False)

    def _holds(self, column: str, values: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each value, whether it passes."""
        made = pa.array(values.array)
        arrow = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
        if column in self._required:
            return pc.is_valid(arrow).to_numpy(zero_copy_only=False)
        rule = self._rules[column]
        passes_empty = rule.kind not in ("null", "missing")
        return pc.fill_null(_JUDGES[rule.kind](arrow, rule.limits), passes_empty).to_numpy(
            zero_copy_only=False
        )

    def _places(self, column: str, values: pd.Series) -> frozenset[int]:
        try:
            return frozenset(map(int, np.flatnonzero(~self._holds(column, values))))
        except Exception:
            # values that cannot be compared: no row of the batch was proven
            return frozenset(range(len(values)))


def _in_range(values: pa.Array, limits: Mapping[str, object]) -> pa.Array:
    good: list[pa.Array] = []
    for key, limit in limits.items():
        match key:
            case "minimum":
                good.append(pc.greater_equal(values, limit))
            case "maximum":
                good.append(pc.less_equal(values, limit))
            case "exclusiveMinimum":
                good.append(pc.greater(values, limit))
            case "exclusiveMaximum":
                good.append(pc.less(values, limit))
            case _:
                step = Decimal(str(limit))
                good.append(_each(values, lambda value, step=step: Decimal(str(value)) % step == 0))
    return reduce(pc.and_, good)


def _of_length(values: pa.Array, limits: Mapping[str, object]) -> pa.Array:
    length = pc.cast(pc.utf8_length(values), pa.float64())
    least, most = limits.get("minLength", 0), limits.get("maxLength", math.inf)
    return pc.and_(pc.greater_equal(length, float(str(least))), pc.less_equal(length, float(str(most))))


def _matches(values: pa.Array, limits: Mapping[str, object]) -> pa.Array:
    pattern = re.compile(str(limits["pattern"]))
    return _each(values, lambda value: pattern.search(value) is not None)


def _each(values: pa.Array, holds: Callable[..., bool]) -> pa.Array:
    """What holds for each distinct value, for the rows; null for NULL."""
    by_value = values.dictionary_encode()
    return pa.array([holds(value) for value in by_value.dictionary.to_pylist()], pa.bool_()).take(
        by_value.indices
    )


def _listed(values: pa.Array, limits: Mapping[str, object]) -> pa.Array:
    listed = [str(value) for value in limits["values"]]  # type: ignore[attr-defined]
    return pc.or_(pc.is_in(values, pa.array(listed, pa.string())), pc.is_null(values))


def _present(values: pa.Array, _: Mapping[str, object]) -> pa.Array:
    return pc.is_valid(values)


def _not_missing(values: pa.Array, limits: Mapping[str, object]) -> pa.Array:
    listed = limits.get("missingValues", ["", None])
    texts = [str(v) for v in listed if v is not None]  # type: ignore[attr-defined]
    return pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(texts, pa.string()))))


#: what passes, of an array of Arrow's; null is left to the caller
_JUDGES: Mapping[str, Callable[[pa.Array, Mapping[str, object]], pa.Array]] = {
    "range": _in_range,
    "length": _of_length,
    "pattern": _matches,
    "enum": _listed,
    "null": _present,
    "missing": _not_missing,
}

_BOUNDS = {"min": "minimum", "max": "maximum"}
