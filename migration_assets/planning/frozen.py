"""The plan file `<contract stem>.partitions.json`: bounds that were read from the source once.

It stands beside the contract and never changes its keys, so that definitions load without a
connection and a partition means the same rows for ever.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast

from migration_assets.contracts.model import ByKey, ByValue, Contract, Scalar
from migration_assets.errors import PlanRefused

SUFFIX = ".partitions.json"
Kind = Literal["integer", "text", "decimal"]
_Sizes = Sequence[tuple[int, int]]
_Facts = Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """What was planned. By key: the lower bounds of the ranges, rising (text in the order of its
    bytes), the last one open; by value: the distinct values. Both without NULL."""

    contract: str
    by: Literal["key", "value"]
    #: the partition column, as the contract says it
    column: str
    #: UTC, ISO 8601
    planned_at: str
    #: rows in a range, as asked for; 0 by value
    rows: int
    type: Kind
    bounds: tuple[Scalar, ...]
    #: digits of a key, fixed when the plan was made
    width: int = 4
    #: of a bucket: objects and bytes of each range as they were then, `rest` last where there is one
    sizes: tuple[tuple[int, int], ...] = ()
    #: of a bucket: what its inventory came to then
    facts: Mapping[str, int] = field(default_factory=dict)


def plan_file(contract: Contract) -> Path:
    """Where the contract's plan stands, whether there is one or not."""
    file = Path(contract.file)
    return file.with_name(file.name.removesuffix(".yaml").removesuffix(".odcs") + SUFFIX)


def is_planned_from_source(contract: Contract) -> bool:
    """Whether the contract's partitions need a plan file."""
    how = contract.partitioning
    return isinstance(how, ByKey) or (isinstance(how, ByValue) and not how.values)


def freeze(
    contract: Contract,
    bounds: tuple[Scalar, ...],
    now: datetime | None = None,
    *,
    sizes: tuple[tuple[int, int], ...] = (),
    facts: Mapping[str, int] | None = None,
) -> Plan:
    """A plan of these bounds, for `write`; PlanRefused when they are not what a plan can hold."""
    how = contract.partitioning
    if not isinstance(how, ByKey | ByValue):
        raise PlanRefused(f"{contract.name}: its partitions are not planned from the source.")
    by: Literal["key", "value"] = "key" if isinstance(how, ByKey) else "value"
    moment = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    plan = Plan(
        contract=contract.name,
        by=by,
        column=how.column,
        planned_at=moment,
        rows=how.rows if isinstance(how, ByKey) else 0,
        type=kind_of(bounds),
        bounds=bounds,
        width=max(4, len(str(len(bounds)))),
        sizes=sizes,
        facts=facts or {},
    )
    _refuse_disorder(contract, plan)
    return plan


def kind_of(bounds: tuple[Scalar, ...]) -> Kind:
    """The one type that all bounds have; PlanRefused where they differ or are of another type."""
    found = {type(bound) for bound in bounds}
    finite = all(bound.is_finite() for bound in bounds if isinstance(bound, Decimal))
    if found <= {int}:
        return "integer"
    if found == {str}:
        return "text"
    if found <= {int, Decimal} and finite:
        return "decimal"
    raise PlanRefused(
        "The source gave keys that are neither all whole numbers, nor all decimals, nor all text.",
        advice="Partition by a column of another type.",
    )


def rises(bounds: tuple[Scalar, ...]) -> bool:
    """Whether each bound is above the one before it; text in the order of its bytes."""
    numbers = cast(tuple[int, ...], bounds)
    return all(lower < upper for lower, upper in pairwise(numbers))


def read(contract: Contract) -> Plan:
    """The contract's plan; PlanRefused when there is none, or when it is another column's."""
    file = plan_file(contract)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PlanRefused(
            f"{contract.name}: its partitions are planned from the source, and no plan is there yet.",
            advice=f"Run `migrate plan {contract.name}`.",
        ) from None
    plan = _parsed(contract, file, text)
    _refuse_misfit(contract, file, plan)
    _refuse_disorder(contract, plan)
    return plan


def write(contract: Contract, plan: Plan) -> Path:
    """Puts the plan beside the contract, whole or not at all."""
    file = plan_file(contract)
    document: dict[str, object] = {
        "contract": plan.contract,
        "by": plan.by,
        "column": plan.column,
        "planned_at": plan.planned_at,
        "rows": plan.rows,
        "type": plan.type,
        "width": plan.width,
        "bounds": [str(bound) if plan.type == "decimal" else bound for bound in plan.bounds],
    }
    if plan.facts:
        document |= {"sizes": plan.sizes, "facts": dict(plan.facts)}
    text = json.dumps(document, indent=1, ensure_ascii=True)
    handle, aside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise
    _settle(file.parent)
    return file


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(contract: Contract, file: Path, text: str) -> Plan:
    damaged = PlanRefused(f"{contract.name}: its plan {file.name} is damaged.", advice=_again(contract, file))
    try:
        said: Mapping[str, object] = json.loads(text)
        kind = said["type"]
        raw = said["bounds"]
        wanted = {"integer": int, "text": str, "decimal": str}[str(kind)]
        if not isinstance(raw, list) or any(type(bound) is not wanted for bound in raw):
            raise damaged
        scalars = cast(list[int | str], raw)
        return Plan(
            contract=str(said["contract"]),
            by=cast(Literal["key", "value"], said["by"]),
            column=str(said["column"]),
            planned_at=str(said["planned_at"]),
            rows=int(cast(int, said["rows"])),
            type=cast(Kind, kind),
            bounds=tuple(Decimal(bound) if kind == "decimal" else bound for bound in scalars),
            width=int(cast(int, said.get("width", 4))),
            sizes=tuple((int(objects), int(size)) for objects, size in cast(_Sizes, said.get("sizes", ()))),
            facts={name: int(fact) for name, fact in cast(_Facts, said.get("facts", {})).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        raise damaged from None


def _refuse_misfit(contract: Contract, file: Path, plan: Plan) -> None:
    how = contract.partitioning
    if not isinstance(how, ByKey | ByValue):
        return
    by = "key" if isinstance(how, ByKey) else "value"
    differs = [
        f"its {word} is {planned}, the contract's is {said}"
        for word, planned, said in (
            ("contract", plan.contract, contract.name),
            ("kind", f"by {plan.by}", f"by {by}"),
            ("column", plan.column, how.column),
        )
        if planned != said
    ]
    if differs:
        raise PlanRefused(
            f"{contract.name}: its plan {file.name} is not this contract's any more: {'; '.join(differs)}.",
            advice=_again(contract, file),
        )


def _refuse_disorder(contract: Contract, plan: Plan) -> None:
    bounds = plan.bounds
    if len(set(bounds)) != len(bounds):
        raise PlanRefused(
            f"{contract.name}: its plan names a bound twice.", advice=_again(contract, plan_file(contract))
        )
    if plan.by == "key" and not rises(bounds):
        raise PlanRefused(
            f"{contract.name}: the ranges of its plan do not rise (text is ordered by its bytes).",
            advice=_again(contract, plan_file(contract)),
        )


def _again(contract: Contract, file: Path) -> str:
    return (
        f"Delete {file}, then run `migrate plan {contract.name}`; partitions that were loaded under "
        "the old plan have to be loaded again."
    )
