"""Rules over frames: what passes, what breaks them, and what is said of values that cannot be compared."""

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from migration_assets.checks.pandera_schema import RuleSchema, column_of, parts, required_column
from migration_assets.checks.rules import Rule


def rule(kind: str, **limits: object) -> Rule:
    return Rule("r", kind, ("c",), True, "", limits)


def broken(one: Rule, values: pa.Array) -> frozenset[int]:
    split = parts(one)
    frame = pa.table({column_of(part): values for part in split}).to_pandas(types_mapper=pd.ArrowDtype)
    return RuleSchema(split, []).judge(frame).broken.get("r", frozenset())


TEXTS = pa.array(["ab", None, "", "Ä😀x", "b\n", "7"])
NUMBERS = pa.array([Decimal("1.50"), None, Decimal("-2.00"), Decimal("3.00")], pa.decimal128(10, 2))
BIG = pa.array([1 << 62, None, -(1 << 63), 5])


@pytest.mark.parametrize(
    ("one", "values", "expected"),
    [
        (rule("length", minLength=1), TEXTS, {2}),
        (rule("length", maxLength=2), TEXTS, {3}),
        # as Python reads a pattern: $ is before a newline at the end, too
        (rule("pattern", pattern="^[a-z]*$"), TEXTS, {3, 5}),
        (rule("pattern", pattern=r"\d"), TEXTS, {0, 2, 3, 4}),
        (rule("enum", values=("ab", 7)), TEXTS, {2, 3, 4}),
        (rule("null"), TEXTS, {1}),
        (rule("missing"), TEXTS, {1, 2}),
        (rule("missing", missingValues=["ab"]), TEXTS, {0, 1}),
        (rule("range", minimum=Decimal("1.5")), NUMBERS, {2}),
        (rule("range", exclusiveMinimum=Decimal("1.5"), maximum=Decimal("2.999")), NUMBERS, {0, 2, 3}),
        (rule("range", multipleOf="0.5"), NUMBERS, set[int]()),
        (rule("range", multipleOf="1"), NUMBERS, {0}),
        (rule("range", exclusiveMaximum=1 << 62), BIG, {0}),
        (rule("range", minimum=0), pa.array([1.0, float("nan"), None, float("-inf")]), {1, 3}),
        (rule("invalid", validValues=["ab", ""], pattern="a"), TEXTS, {2, 3, 4, 5}),
        (rule("invalid", min=0, max=5), BIG, {0, 2}),
        (rule("invalid"), TEXTS, set[int]()),
        # no value of the batch was proven
        (rule("range", minimum=3), TEXTS, {0, 1, 2, 3, 4, 5}),
        (rule("pattern", pattern="a"), pa.array([], pa.string()), set[int]()),
    ],
)
def test_a_rule_is_broken_by_these_rows(one: Rule, values: pa.Array, expected: set[int]) -> None:
    assert broken(one, values) == expected


def test_a_required_column_and_rules_of_other_types_are_judged_together() -> None:
    limits = Rule("limit", "range", ("n",), True, "", {"minimum": 0})
    frame = pa.table({required_column("c"): TEXTS[:4], column_of(limits): BIG})
    verdict = RuleSchema([limits], ["c"]).judge(frame.to_pandas(types_mapper=pd.ArrowDtype))
    assert verdict.nulls == {"c": {1}}
    assert verdict.broken == {"limit": {2}}
