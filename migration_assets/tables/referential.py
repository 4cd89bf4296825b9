"""Rows whose parent is missing, for the check `referential`: how many, and the keys of the first ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.outcome import KEYS_SHOWN, RowKey
from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Column, Contract, Reference
from migration_assets.errors import MappingFault
from migration_assets.stores.postgres import classify
from migration_assets.tables.targets.catalog import find, identifier, place_of

#: how much of a key's text is shown
KEY_LENGTH = 100


@dataclass(frozen=True)
class Orphans:
    """Rows that refer to a parent that is not there."""

    reference: Reference
    total: int
    rows: tuple[RowKey, ...]
    #: the contract of the rows
    child: str = ""


def judgement(
    reference: Reference, contract: Contract, parent_complete_after_this_load: bool
) -> Literal["strict", "pending"]:
    """Whether an orphan keeps the partition from being loaded, or may still get its parent.

    reference         parent complete after this load   judgement
    normal            no                                strict
    normal            yes                               strict
    deferred          no                                pending
    deferred          yes                               strict
    to its own table  no                                pending
    to its own table  yes                               strict
    """
    may_wait = reference.deferred or reference.parent == contract.name
    return "pending" if may_wait and not parent_complete_after_this_load else "strict"


def outgoing(
    cursor: extensions.cursor,
    contract: Contract,
    reference: Reference,
    parent: Contract,
    where: sql.Composable,
    limit: int = KEYS_SHOWN,
) -> Orphans:
    """The orphans of one reference among the contract's rows for which the condition `where` holds.

    `where` speaks of the contract's columns by their bare names. A row with a NULL in the reference
    refers to nothing. Raises MappingFault when the two sides cannot be compared.
    """
    if contract.target.name != parent.target.name:
        raise MappingFault(
            f"Contract {contract.name} refers to {parent.name}, which is in another database.",
            advice="Bring both into one target, or take the relationship out of the contract.",
        )
    query = _Query(contract, reference, parent if find(cursor, place_of(parent)) else None, where)
    try:
        cursor.execute(query.total())
        total = int((cursor.fetchone() or (0,))[0])
        rows = _keys(cursor, query, parent, total, limit) if total else ()
    except psycopg2.errors.UndefinedFunction as error:
        raise _unlike(contract, reference, parent) or classify(error) from None
    except psycopg2.Error as error:
        raise classify(error) from None
    return Orphans(reference, total, rows, contract.name)


def taking_out(
    contract: Contract,
    reference: Reference,
    parent: Contract,
    where: sql.Composable,
    columns: sql.Composable,
) -> sql.Composable:
    """The statement that deletes the same orphans and returns these columns of them."""
    query = _Query(contract, reference, parent, where)
    return sql.SQL("DELETE FROM {child} AS c WHERE {referring} AND {missing} RETURNING {columns}").format(
        child=query.child(), referring=query.referring(), missing=query.missing(), columns=columns
    )


def incoming(
    cursor: extensions.cursor, parent: Contract, contracts: Mapping[str, Contract], limit: int = KEYS_SHOWN
) -> tuple[Orphans, ...]:
    """The orphans of each reference to this parent that waited for it, among all rows that are loaded.

    For the moment when the parent becomes complete; the parent's own references to itself are among them.
    """
    children = {**contracts, parent.name: parent}
    return tuple(
        outgoing(cursor, child, reference, parent, sql.SQL("true"), limit)
        for _, child in sorted(children.items())
        for reference in child.references
        if reference.parent == parent.name
        and (reference.deferred or child is parent)
        and find(cursor, place_of(child)) is not None
    )


@dataclass(frozen=True)
class _Query:
    """`c` is the child, `p` the parent; without a parent every row that refers is an orphan."""

    contract: Contract
    reference: Reference
    parent: Contract | None
    where: sql.Composable

    def total(self) -> sql.Composable:
        """How many rows are orphans; each distinct reference is looked up once."""
        name = "rows"
        while name in self.reference.columns:
            name += "_"
        return sql.SQL(
            "SELECT coalesce(sum(c.{rows}), 0) FROM ("
            "SELECT {columns}, count(*) AS {rows} FROM {child} AS c WHERE {referring} GROUP BY {columns}"
            ") AS c WHERE {missing}"
        ).format(
            rows=sql.Identifier(name),
            columns=self._columns(),
            child=self.child(),
            referring=self.referring(),
            missing=self.missing(),
        )

    def keys(self, shown: sql.Composable, order: sql.Composable, limit: int) -> sql.Composable:
        """The first orphans' keys as one text each."""
        return sql.SQL(
            "SELECT {shown} FROM {child} AS c WHERE {referring} AND {missing} ORDER BY {order} LIMIT {limit}"
        ).format(
            shown=shown,
            child=self.child(),
            referring=self.referring(),
            missing=self.missing(),
            order=order,
            limit=sql.Literal(limit),
        )

    def child(self) -> sql.Composable:
        return identifier(place_of(self.contract))

    def _columns(self) -> sql.Composable:
        return sql.SQL(", ").join(sql.Identifier("c", name) for name in self.reference.columns)

    def referring(self) -> sql.Composable:
        there = [sql.SQL("{} IS NOT NULL").format(sql.Identifier("c", n)) for n in self.reference.columns]
        return sql.SQL("({}) AND {}").format(self.where, sql.SQL(" AND ").join(there))

    def missing(self) -> sql.Composable:
        if self.parent is None:
            return sql.SQL("true")
        pairs = zip(self.reference.columns, self.reference.parent_columns, strict=True)
        same = [
            sql.SQL("{} = {}").format(sql.Identifier("p", theirs), sql.Identifier("c", ours))
            for ours, theirs in pairs
        ]
        return sql.SQL("NOT EXISTS (SELECT FROM {} AS p WHERE {})").format(
            identifier(place_of(self.parent)), sql.SQL(" AND ").join(same)
        )


def _keys(
    cursor: extensions.cursor, query: _Query, parent: Contract, total: int, limit: int
) -> tuple[RowKey, ...]:
    contract, reference = query.contract, query.reference
    columns = ", ".join(reference.columns)
    reason = f"{columns}: no row in {place_of(parent)} ({', '.join(reference.parent_columns)})"
    if not contract.primary_key:
        return (RowKey(columns, f"{total} rows; {reason}"),)
    shown = sql.SQL(" || ', ' || ").join(shown_column(contract.column(name)) for name in contract.primary_key)
    order = sql.SQL(", ").join(sql.Identifier("c", name) for name in contract.primary_key)
    cursor.execute(query.keys(shown, order, limit))
    return tuple(RowKey(key, reason) for (key,) in cursor.fetchall())


def shown_column(column: Column) -> sql.Composable:
    """SQL for `column=value`, or `column=#` and the beginning of the value's sha256 when it is personal."""
    shown = "left({value}, {length})"
    if column.personal:
        shown = "'#' || left(encode(sha256(convert_to({value}, 'UTF8')), 'hex'), 8)"
    return sql.SQL("{} || ").format(sql.Literal(f"{column.name}=")) + sql.SQL(shown).format(
        value=sql.SQL("{}::text").format(sql.Identifier("c", column.name)), length=sql.Literal(KEY_LENGTH)
    )


def _unlike(contract: Contract, reference: Reference, parent: Contract) -> MappingFault | None:
    """The fault that names the pairs of columns whose types are of different families."""
    unlike: list[str] = []
    for ours, theirs in zip(reference.columns, reference.parent_columns, strict=True):
        types = contract.column(ours).type, parent.column(theirs).type
        if pgtypes.parse(types[0]).family != pgtypes.parse(types[1]).family:
            unlike.append(f"{contract.name}.{ours} ({types[0]}) and {parent.name}.{theirs} ({types[1]})")
    if not unlike:
        return None
    return MappingFault(
        f"{'; '.join(unlike)} cannot be compared, so the relationship cannot be checked.",
        advice="Give both columns one `physicalType`, then run `migrate plan`.",
    )
