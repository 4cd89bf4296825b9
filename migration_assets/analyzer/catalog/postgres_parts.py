"""Rows of PostgreSQL's catalog in, the parts of a table out; pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migration_assets.analyzer.catalog.model import (
    CatalogColumn,
    CatalogTable,
    Check,
    ForeignKey,
    Index,
    UniqueKey,
)
from migration_assets.contracts.model import TableName

_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'::regclass\)")
_VALUE = re.compile(r"\bVALUE\b")

#: a row of a query, its first field being the relation's oid
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Relation:
    oid: int
    schema: str
    name: str
    #: pg_class.relkind
    kind: str
    partition: bool
    comment: str
    rows: int | None
    bytes: int | None
    readable: bool
    #: a policy hides some of its rows from the role
    hidden: bool
    extension: str | None
    #: what it is a partition of, or inherits from
    parent: int | None

    @property
    def table(self) -> TableName:
        return TableName(self.schema, self.name)


def table(
    relation: Relation,
    columns: Sequence[Row],
    indexes: Sequence[Row],
    foreign_keys: tuple[ForeignKey, ...],
    checks: Sequence[Row],
    below: Sequence[Relation],
    names: Mapping[int, TableName],
    shared: frozenset[str],
) -> CatalogTable:
    primary, uniques, others = _indexes(indexes)
    made = [column(row, shared) for row in columns]
    # a partitioned table has no rows but those of its partitions
    whole = [each for each in (relation, *below) if each.kind == "r"]
    return CatalogTable(
        relation.schema,
        relation.name,
        tuple(made),
        primary,
        uniques,
        foreign_keys,
        others,
        (*(Check(name, condition) for _, name, condition in checks), *_of_domains(columns)),
        relation.comment,
        _sum(each.rows for each in whole),
        _sum(each.bytes for each in whole),
        tuple(each.table for each in below),
        names.get(relation.parent or 0),
        "partitioned" if relation.kind == "p" else "",
    )


def column(row: Row, shared: frozenset[str]) -> CatalogColumn:
    _, name, declared, carries, nullable, default, identity, generated, labels, comment, *_, collation = row
    counts = {"a": "always", "d": "by default"}.get(identity)
    sequence = _NEXTVAL.fullmatch(default or "")
    if sequence and sequence[1] not in shared:
        counts, default = "by default", None
    return CatalogColumn(
        name,
        declared,
        carries,
        nullable,
        default,
        counts,  # type: ignore[arg-type]
        generated,
        tuple(labels),
        comment,
        collation,
    )


def shared_sequences(defaults: Iterable[str | None]) -> frozenset[str]:
    """Sequences that more than one column counts by."""
    counted = Counter(found[1] for text in defaults if (found := _NEXTVAL.fullmatch(text or "")))
    return frozenset(name for name, times in counted.items() if times > 1)


def foreign_keys(
    relation: Relation, keys: Mapping[int, Sequence[Row]], below: Sequence[Relation]
) -> tuple[ForeignKey, ...]:
    """Those of the table, and those that each of its partitions has for itself."""
    own = [_foreign_key(row) for row in keys.get(relation.oid, ())]
    leaves = [each for each in below if each.partition and each.kind == "r"]
    if leaves:
        of_parts = [{_said(row): _foreign_key(row) for row in keys.get(each.oid, ())} for each in leaves]
        known = {_said(row) for row in keys.get(relation.oid, ())}
        own += [
            key
            for said, key in of_parts[0].items()
            if said not in known and all(said in part for part in of_parts[1:])
        ]
    return tuple(own)


def _said(row: Row) -> tuple[object, ...]:
    _, _, schema, parent, _, _, columns, parent_columns = row
    return schema, parent, tuple(columns), tuple(parent_columns)


def _foreign_key(row: Row) -> ForeignKey:
    _, name, schema, parent, deferrable, judged, columns, parent_columns = row
    return ForeignKey(
        name, tuple(columns), TableName(schema, parent), tuple(parent_columns), deferrable, judged
    )


def _indexes(rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[UniqueKey, ...], tuple[Index, ...]]:
    primary: tuple[str, ...] = ()
    uniques: list[UniqueKey] = []
    others: list[Index] = []
    for _, name, is_primary, unique, expressions, condition, method, columns in rows:
        whole = () if expressions else tuple(columns)
        if is_primary:
            primary = whole
        elif unique and whole and condition is None:
            uniques.append(UniqueKey(name, whole))
        else:
            others.append(Index(name, whole, unique, condition, method))
    return primary, tuple(uniques), tuple(others)


def _of_domains(columns: Sequence[Row]) -> Iterable[Check]:
    """The conditions of a column's domain, as conditions on the column."""
    for row in columns:
        name, conditions = row[1], row[-2]
        for number, condition in enumerate(conditions, 1):
            quoted = '"' + name.replace('"', '""') + '"'
            if "'" not in condition:
                yield Check(f"{name}_domain_{number}", _VALUE.sub(lambda _, q=quoted: q, condition))


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
