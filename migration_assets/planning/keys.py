"""A contract in, its partitions out: keys that never change, and what rows each one means."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import assert_never

from migration_assets.contracts import pgtypes
from migration_assets.contracts.bucket_model import ByDate, ByObjects, ByPrefix, OnePartition, Ranges
from migration_assets.contracts.carrying import carried
from migration_assets.contracts.model import (
    GRAINS,
    ByKey,
    ByTime,
    ByValue,
    Contract,
    Grain,
    Scalar,
    Whole,
)
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen, windows
from migration_assets.planning.key_ranges import beginning_with, dated, outside
from migration_assets.planning.partitions import (
    CEILING,
    REST,
    WHOLE,
    AllRows,
    Bounds,
    OneOf,
    Outside,
    Partition,
    Range,
)

#: the key of the empty text; no other key ends in a bare percent sign
EMPTY = "%"


def partitions(contract: Contract, now: datetime | None = None) -> tuple[Partition, ...]:
    """All partitions of the contract, `rest` last; reads no more than the plan file beside it.

    `now` (UTC) is until when windows go that have no end. PlanRefused above CEILING, or when the plan
    file is missing or another's."""
    how = contract.partitioning
    if contract.bucket is not None:
        return of_bucket(contract, contract.bucket.ranges, now)
    match how:
        case Whole():
            return (Partition(WHOLE, AllRows()),)
        case ByTime():
            return _placed(contract, how.column, _by_time(contract, how, now))
        case ByValue():
            return _placed(contract, how.column, _by_value(contract, how))
        case ByKey():
            return _placed(contract, how.column, _by_key(contract, frozen.read(contract)))
        case _:
            assert_never(how)


def windows_of(contract: Contract, now: datetime | None = None) -> tuple[Partition, ...]:
    """Partitions by windows of time, with their moments as bounds also where their bounds are keys."""
    how = contract.partitioning
    if contract.bucket is not None and isinstance(how, ByTime):
        return tuple(Partition(key, bounds) for key, bounds in _by_time(contract, how, now))
    return partitions(contract, now)


def extend(plan: frozen.Plan, new_bounds: tuple[Scalar, ...]) -> frozen.Plan:
    """The plan with more ranges (or values) at its end; no key that is there changes its name.

    The range that was the last one ends where the first new one begins. PlanRefused when a new lower
    bound is not above all the ones that are there."""
    known = set(plan.bounds)
    bounds = plan.bounds + tuple(bound for bound in new_bounds if bound not in known)
    kind = frozen.kind_of(bounds)
    if plan.by == "key" and not frozen.rises(bounds):
        raise PlanRefused(
            f"{plan.contract}: a plan grows at its end alone, and a new range would begin before it.",
            advice="Take only bounds above the highest one of the plan.",
        )
    return replace(plan, bounds=bounds, type=kind)


def value_key(value: Scalar) -> str:
    """The key of a value: the value itself, with what a key may not hold percent-encoded.

    Two values never have one key: `%` itself is encoded, the empty text is a bare `%`, and a value
    that reads like another partition's name (`rest`, `all`) has its first letter encoded.
    """
    text = str(value)
    if not text:
        return EMPTY
    if text in (REST, WHOLE):
        return _encoded(text[0]) + text[1:]
    dots = "..." in text
    last = len(text) - 1
    return "".join(
        sign
        if sign.isprintable()
        and sign not in ",|%"
        and not (dots and sign == ".")
        and not (sign == " " and at in (0, last))
        else _encoded(sign)
        for at, sign in enumerate(text)
    )


def _encoded(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


def _placed(contract: Contract, column: str, bounds: Iterator[tuple[str, Bounds]]) -> tuple[Partition, ...]:
    carrier = carried(contract.columns, column)
    if carrier is None:
        raise PlanRefused(
            f"{contract.name}: its partition column {column} does not reach the target untouched.",
            advice="Run `migrate contracts check`.",
        )
    source, target = carrier.sources[0], carrier.name
    return tuple(Partition(key, bound, source, target) for key, bound in bounds)


def of_bucket(
    contract: Contract, ranges: Ranges, now: datetime | None = None, plan: frozen.Plan | None = None
) -> tuple[Partition, ...]:
    """By bounds of what stands behind the source's prefix; `plan`: instead of the one beside the contract."""
    return tuple(Partition(key, bounds) for key, bounds in _of_bucket(contract, ranges, now, plan))


def _of_bucket(
    contract: Contract, ranges: Ranges, now: datetime | None, plan: frozen.Plan | None
) -> Iterator[tuple[str, Bounds]]:
    match ranges:
        case OnePartition():
            yield WHOLE, AllRows()
        case ByObjects():
            yield from _cut(plan or frozen.read(contract))
        case ByPrefix():
            prefixes = [str(prefix) for prefix in (plan or frozen.read(contract)).bounds]
            yield from _beginning({value_key(prefix): prefix for prefix in prefixes})
        case ByDate(grain, layout, start, end):
            windows_of = list(_by_time(contract, ByTime(grain, "key", start, end), now))[:-1]
            moments = [bounds.lower for _, bounds in windows_of if isinstance(bounds, Range)]
            prefixes = dated(layout, [moment for moment in moments if isinstance(moment, datetime)])
            yield from _beginning(dict(zip([key for key, _ in windows_of], prefixes, strict=True)))


def _cut(plan: frozen.Plan) -> Iterator[tuple[str, Bounds]]:
    """The first is open below and the last one above: every key is in exactly one."""
    edges: list[Scalar | None] = [None, *plan.bounds[1:], None]
    for at, (lower, upper) in enumerate(pairwise(edges), start=1):
        yield f"{at:0{plan.width}d}", Range(lower, upper)


def _beginning(prefixes: Mapping[str, str]) -> Iterator[tuple[str, Bounds]]:
    for key, prefix in prefixes.items():
        yield key, beginning_with(prefix)
    yield REST, outside(prefixes.values())


def _by_time(contract: Contract, how: ByTime, now: datetime | None) -> Iterator[tuple[str, Bounds]]:
    number = _windows(how, now)
    if number + 1 > CEILING:
        _refuse_many(contract, number + 1, _larger(how.grain))
    try:
        spans = windows.spans(how.grain, how.start, number)
    except (OverflowError, ValueError):
        raise PlanRefused(
            f"{contract.name}: its windows go beyond the year 9999.", advice="Give `end` an earlier day."
        ) from None
    for key, first, end in spans:
        yield key, Range(first, end)
    yield REST, Outside(below=spans[0][1], above=spans[-1][2])


def _windows(how: ByTime, now: datetime | None) -> int:
    if how.end is not None:
        return windows.count(how.grain, how.start, how.end - timedelta(microseconds=1))
    moment = now or datetime.now(UTC)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return windows.count(how.grain, how.start, moment)


def _larger(grain: Grain) -> str:
    later = GRAINS[GRAINS.index(grain) + 1 :]
    if later:
        return f"Take a larger grain: `by: {later[0]}`."
    return "Let `start` and `end` stand closer together."


def _by_value(contract: Contract, how: ByValue) -> Iterator[tuple[str, Bounds]]:
    values = _written(contract, how) if how.values else frozen.read(contract).bounds
    if len(values) + 1 > CEILING:
        _refuse_many(
            contract, len(values) + 1, "Take key ranges instead: `partitions: {by: key, rows: 500000}`."
        )
    for value in values:
        yield value_key(value), OneOf((value,))
    yield REST, Outside(values=values)


def _written(contract: Contract, how: ByValue) -> tuple[Scalar, ...]:
    """The contract's values, as numbers where the column holds numbers."""
    carrier = carried(contract.columns, how.column)
    family = pgtypes.parse(carrier.type).family if carrier else "text"
    try:
        if family == "integer":
            return tuple(int(value) for value in how.values)
        if family == "numeric":
            return tuple(Decimal(value) for value in how.values)
    except (ValueError, InvalidOperation):
        raise PlanRefused(
            f"{contract.name}: `partitions.values` are not all numbers, as {how.column} is.",
            advice="Correct the contract, then run `migrate contracts check`.",
        ) from None
    return how.values


def _by_key(contract: Contract, plan: frozen.Plan) -> Iterator[tuple[str, Bounds]]:
    bounds = plan.bounds
    number = max(1, len(bounds))
    if number + 1 > CEILING:
        _refuse_many(contract, number + 1, f"Take more rows a partition than `rows: {plan.rows}`.")
    edges: list[Scalar | None] = [*(bounds or (None,)), None]
    for at, (lower, upper) in enumerate(pairwise(edges), start=1):
        yield f"{at:0{plan.width}d}", Range(lower, upper)
    yield REST, Outside(below=bounds[0] if bounds else None)


def _refuse_many(contract: Contract, number: int, advice: str) -> None:
    raise PlanRefused(
        f"{contract.name}: {number:,} partitions are more than the {CEILING:,} that one contract may have.",
        advice=advice,
    )
