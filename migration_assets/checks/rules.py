"""Row rules as data: what the contract's options, enumerations and metrics ask of each row."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from migration_assets.contracts.model import Column, Contract, Quality

RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
LENGTH = ("minLength", "maxLength")


@dataclass(frozen=True)
class Rule:
    """One rule on the values of one column (or, for `unique`, of several together)."""

    name: str
    #: range, length, pattern, enum, unique, null (no NULL), missing, invalid, rows
    kind: str
    columns: tuple[str, ...]
    blocking: bool
    description: str
    limits: Mapping[str, object] = field(default_factory=dict)
    #: a tolerance: the operator and operand of the standard, on the number of rows that break the
    #: rule (or their share in percent); None: no row may break it
    tolerance: tuple[str, object, str] | None = None

    @property
    def names_rows(self) -> bool:
        """Whether a row that breaks it is a bad row by itself."""
        return self.blocking and self.tolerance is None and self.kind != "rows"


def rules(contract: Contract) -> tuple[Rule, ...]:
    """All row rules of the contract, each with a name of its own."""
    named: dict[str, Rule] = {}
    for rule in _all(contract):
        name, number = rule.name, 2
        while name in named:
            name, number = f"{rule.name}_{number}", number + 1
        named[name] = replace(rule, name=name)
    return tuple(named.values())


def _all(contract: Contract) -> Iterator[Rule]:
    if contract.primary_key:
        yield _unique("key_unique", contract.primary_key)
    for columns in contract.unique:
        yield _unique(f"{slug('_'.join(columns))}_unique", columns)
    for column in contract.columns:
        yield from _of_column(column, alone=(column.name,) in (contract.primary_key, *contract.unique))
    for quality in contract.quality:
        if quality.kind == "metric":
            yield _metric(quality, None)


def _unique(name: str, columns: tuple[str, ...]) -> Rule:
    return Rule(name, "unique", columns, True, f"No two rows have the same {' + '.join(columns)}.")


def _of_column(column: Column, *, alone: bool) -> Iterator[Rule]:
    name, options = slug(column.name), column.options
    if column.unique and not alone:
        yield _unique(f"{name}_unique", (column.name,))
    for kind, keys in (("range", RANGE), ("length", LENGTH), ("pattern", ("pattern",))):
        limits = {key: options[key] for key in keys if key in options}
        if limits:
            said = ", ".join(f"{key} {value}" for key, value in limits.items())
            yield Rule(f"{name}_{kind}", kind, (column.name,), True, f"{column.name}: {said}.", limits)
    if column.enum:
        said = f"{column.name} is one of {len(column.enum)} listed values."
        yield Rule(f"{name}_enum", "enum", (column.name,), True, said, {"values": column.enum})
    for quality in column.quality:
        if quality.kind == "metric":
            yield _metric(quality, column)


def _metric(quality: Quality, column: Column | None) -> Rule:
    """A library metric of the standard: a row rule when none may break it, else a tolerance."""
    kinds = {
        "nullValues": "null",
        "missingValues": "missing",
        "invalidValues": "invalid",
        "duplicateValues": "unique",
        "rowCount": "rows",
    }
    kind = kinds[quality.metric]
    exact = quality.operator == "mustBe" and str(quality.operand) == "0" and kind != "rows"
    several = quality.arguments.get("properties")
    columns = tuple(map(str, several)) if isinstance(several, list) else ((column.name,) if column else ())
    return Rule(
        quality.name,
        kind,
        columns,
        quality.blocking,
        quality.description or f"{quality.metric} {quality.operator} {quality.operand}",
        dict(quality.arguments),
        None if exact else (quality.operator, quality.operand, quality.unit),
    )


def holds(value: float, operator: str, operand: object) -> bool:
    """Whether the number satisfies the standard's comparison; ValueError for an unknown operator."""
    if operator in ("mustBeBetween", "mustNotBeBetween"):
        low, high = (float(str(end)) for end in operand)  # type: ignore[attr-defined]
        return (low <= value <= high) is (operator == "mustBeBetween")
    limit = float(str(operand))
    match operator:
        case "mustBe":
            return value == limit
        case "mustNotBe":
            return value != limit
        case "mustBeGreaterThan":
            return value > limit
        case "mustBeGreaterOrEqualTo":
            return value >= limit
        case "mustBeLessThan":
            return value < limit
        case "mustBeLessOrEqualTo":
            return value <= limit
        case _:
            raise ValueError(f"unknown operator {operator}")


def slug(text: str) -> str:
    """Letters, digits and underscores of a name."""
    return re.sub(r"[^a-zA-Z0-9_]+", "_", text).strip("_") or "column"
