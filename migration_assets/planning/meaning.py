"""What of a contract decides which rows a partition has in the target, and how they are judged.

A partition is loaded again when this changes; a new description, owner, priority or schedule does not
change it. Which fields count is listed, not derived: `migration_assets_tests/planning/test_meaning.py`
pins the digest of an example, because another digest for the same contract would make every loaded
partition stale.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.model import (
    ByKey,
    ByTime,
    ByValue,
    Column,
    Contract,
    Partitioning,
    Quality,
    TableName,
)
from migration_assets.planning.partitions import OneOf, Partition, Range

#: hexadecimal digits: 128 bits
DIGITS = 32


def meanings(contract: Contract, partitions: Iterable[Partition]) -> dict[str, str]:
    """The digest of each partition, by its key."""
    base = json.dumps(_contract(contract), sort_keys=True, default=str)
    return {partition.key: _digest(base, partition) for partition in partitions}


def meaning(contract: Contract, partition: Partition) -> str:
    """The digest of one partition."""
    return meanings(contract, [partition])[partition.key]


def _digest(base: str, partition: Partition) -> str:
    match partition.bounds:
        case Range(lower, upper):
            bounds = f"{lower}..{upper}"
        case OneOf(values):
            bounds = ",".join(map(str, values))
        case _:
            # what lies outside of all others changes whenever another one comes
            bounds = ""
    text = f"{base}\0{partition.key}\0{bounds}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _contract(contract: Contract) -> dict[str, Any]:
    if contract.bucket is not None:
        return _bucket(contract.bucket)
    return {
        "source": [contract.source.name, *_table(contract.source_table)],
        "target": [contract.target.name, *_table(contract.target_table)],
        "where": contract.where,
        "partitions": _partitions(contract.partitioning),
        "load": contract.load_mode,
        "bad_rows": contract.bad_rows,
        "zero_dates": contract.zero_dates,
        "hook": contract.hook,
        "key": contract.primary_key,
        "unique": contract.unique,
        "checks": dict(contract.checks),
        "columns": [_column(column) for column in contract.columns],
        "quality": [_quality(rule) for rule in contract.quality],
        "references": [
            [each.columns, each.parent, each.parent_columns, each.deferred] for each in contract.references
        ],
    }


def _bucket(said: Bucket) -> dict[str, Any]:
    return {
        "source": [said.source.server.name, said.source.prefix],
        "target": [said.target.server.name, said.target.prefix],
        "from": [said.include, said.exclude],
        "partitions": type(said.ranges).__name__,
        "expressions": dict(said.expressions),
        "keep": sorted(said.keep),
        "conflict": said.conflict,
        "encryption": [said.encryption.sse, said.encryption.key] if said.encryption else [],
        "package": [said.package.format, [[rule.match, rule.format] for rule in said.package.rules]],
    }


def _table(name: TableName) -> list[str | None]:
    return [name.schema, name.name]


def _partitions(how: Partitioning) -> list[str]:
    match how:
        case ByTime():
            return [how.grain, how.column]
        case ByValue():
            return ["value", how.column]
        case ByKey():
            return ["key", how.column]
        case _:
            return []


def _column(column: Column) -> list[Any]:
    return [
        column.name,
        column.type,
        dict(column.options),
        column.required,
        column.unique,
        column.enum,
        column.sources,
        column.expression,
        column.check,
        [_quality(rule) for rule in column.quality],
    ]


def _quality(rule: Quality) -> list[Any]:
    return [
        rule.name,
        rule.kind,
        rule.blocking,
        rule.operator,
        rule.operand,
        rule.query,
        rule.metric,
        dict(rule.arguments),
        rule.unit,
    ]
