"""Row rules as a Pandera schema: whole batches, lazily, so that all faults of a batch are found.

A frame has one column for each column that a rule speaks of. Numbers and decimals are themselves;
dates and times are microseconds since 1970 (64-bit integers), so that infinity and far years
compare too; all else is text.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd
import pandera.pandas as pandera
from pandera.errors import SchemaErrors

from migration_assets.checks.rules import Rule

#: kinds of rules that a Pandera check can judge row by row
JUDGED = ("range", "length", "pattern", "enum", "null", "missing", "invalid")

NOT_NULL = "not_nullable"


@dataclass(frozen=True)
class Verdict:
    """Positions in the batch (0-based) that break something."""

    #: by required column
    nulls: Mapping[str, frozenset[int]] = field(default_factory=dict)
    #: by the rule's name
    broken: Mapping[str, frozenset[int]] = field(default_factory=dict)


def schema(rules: Sequence[Rule], required: Sequence[str]) -> pandera.DataFrameSchema:
    """The schema of the columns that the rules and `required` speak of."""
    checks: dict[str, list[pandera.Check]] = {name: [] for name in required}
    for rule in rules:
        if rule.kind in JUDGED:
            checks.setdefault(rule.columns[0], []).append(_check(rule))
    columns = {
        name: pandera.Column(checks=found, nullable=name not in required) for name, found in checks.items()
    }
    return pandera.DataFrameSchema(columns)


def judge(schema: pandera.DataFrameSchema, frame: pd.DataFrame) -> Verdict:
    """Validates the frame (index 0, 1, 2, …) and returns every place that breaks a rule."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases[["column", "check", "index"]]
    else:
        return Verdict()
    nulls: dict[str, frozenset[int]] = {}
    broken: dict[str, frozenset[int]] = {}
    for (column, check), rows in cases.groupby(["column", "check"], sort=False):
        # a check that failed as a whole has no index: then no row of the batch was proven
        places = rows["index"]
        where = frozenset(range(len(frame)) if places.isna().any() else (int(p) for p in places))
        if check == NOT_NULL:
            nulls[str(column)] = where
        else:
            name = str(check).removeprefix("rule ")
            broken[name] = broken.get(name, frozenset()) | where
    return Verdict(nulls, broken)


def _check(rule: Rule) -> pandera.Check:
    judges = {
        "range": _in_range,
        "length": _of_length,
        "pattern": _matches,
        "enum": _listed,
        "null": _present,
        "missing": _not_missing,
        "invalid": _valid,
    }
    judged = judges[rule.kind]

    def passes(values: pd.Series) -> pd.Series:
        return judged(values, rule.limits).fillna(False).astype(bool)

    # the name begins with a word that no check of Pandera's own has
    return pandera.Check(passes, name=f"rule {rule.name}", ignore_na=rule.kind not in ("null", "missing"))


def _in_range(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    good = pd.Series(True, index=values.index)
    for key, limit in limits.items():
        match key:
            case "minimum":
                good &= values >= limit
            case "maximum":
                good &= values <= limit
            case "exclusiveMinimum":
                good &= values > limit
            case "exclusiveMaximum":
                good &= values < limit
            case _:
                good &= values.map(lambda v, step=Decimal(str(limit)): Decimal(str(v)) % step == 0)
    return good


def _of_length(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    length = values.str.len()
    least, most = limits.get("minLength", 0), limits.get("maxLength", math.inf)
    return (length >= float(str(least))) & (length <= float(str(most)))


def _matches(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    pattern = re.compile(str(limits["pattern"]))
    return values.map(lambda value: pattern.search(value) is not None)


def _listed(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    return values.astype(str).isin([str(v) for v in limits["values"]])  # type: ignore[attr-defined]


def _present(values: pd.Series, _: Mapping[str, object]) -> pd.Series:
    return values.notna()


def _not_missing(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    listed = limits.get("missingValues", ["", None])
    texts = [str(v) for v in listed if v is not None]  # type: ignore[attr-defined]
    return values.notna() & ~values.astype(str).isin(texts)


def _valid(values: pd.Series, limits: Mapping[str, object]) -> pd.Series:
    good = pd.Series(True, index=values.index)
    if "validValues" in limits:
        good &= _listed(values, {"values": limits["validValues"]})
    if "pattern" in limits:
        good &= _matches(values.astype(str), limits)
    if "minLength" in limits or "maxLength" in limits:
        good &= _of_length(values.astype(str), limits)
    bounds = {k: v for k, v in limits.items() if k in ("minimum", "maximum", "min", "max")}
    return good & _in_range(values, {_BOUNDS.get(k, k): v for k, v in bounds.items()}) if bounds else good


_BOUNDS = {"min": "minimum", "max": "maximum"}
