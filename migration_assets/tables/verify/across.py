"""Across: orphans of a reference whose parent is in another database; the two meet here, key by key."""

from collections.abc import Iterator, Sequence

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.outcome import KEYS_SHOWN, RowKey
from migration_assets.contracts.model import Contract, Reference
from migration_assets.stores.postgres import classify
from migration_assets.tables.referential import Orphans, shown_column
from migration_assets.tables.targets import types
from migration_assets.tables.targets.catalog import find, identifier, place_of

#: distinct references that the parent is asked for at once
AT_ONCE = 10_000

#: the text of a reference's columns, and how many rows refer so
Referring = tuple[tuple[str, ...], int]


def outgoing(
    child: extensions.connection,
    parent: extensions.connection,
    contract: Contract,
    reference: Reference,
    parent_contract: Contract,
    where: sql.Composable,
) -> Orphans:
    """As `referential.outgoing`, with a connection to each of the two databases."""
    total, missing = 0, list[tuple[str, ...]]()
    try:
        for some in _referring(child, contract, reference, where):
            there = _there(parent, reference, parent_contract, [key for key, _ in some])
            alone = [(key, number) for key, number in some if key not in there]
            total += sum(number for _, number in alone)
            missing += [key for key, _ in alone][: KEYS_SHOWN - len(missing)]
        rows = _named(child, contract, reference, parent_contract, where, missing) if missing else ()
    except psycopg2.Error as error:
        raise classify(error) from None
    return Orphans(reference, total, rows, contract.name)


def _referring(
    child: extensions.connection, contract: Contract, reference: Reference, where: sql.Composable
) -> Iterator[Sequence[Referring]]:
    """The distinct references that are made, some at a time."""
    columns = [sql.Identifier(name) for name in reference.columns]
    query = sql.SQL("SELECT {}, count(*) FROM {} WHERE ({}) AND {} GROUP BY {}").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(column) for column in columns),
        identifier(place_of(contract)),
        where,
        sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(column) for column in columns),
        sql.SQL(", ").join(columns),
    )
    with child.cursor("migration_referring") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(AT_ONCE):
            yield [(tuple(row[:-1]), row[-1]) for row in rows]


def _there(
    parent: extensions.connection, reference: Reference, contract: Contract, keys: Sequence[tuple[str, ...]]
) -> frozenset[tuple[str, ...]]:
    """Those of the references that have a row, compared as the parent's columns are."""
    with parent.cursor() as cursor:
        if find(cursor, place_of(contract)) is None:
            return frozenset()
        names = [sql.Identifier("k", f"c{at}") for at in range(len(reference.columns))]
        same = [
            sql.SQL("p.{} = {}::{}").format(
                sql.Identifier(name), key, sql.SQL(types.spelled(contract.column(name).type))
            )
            for name, key in zip(reference.parent_columns, names, strict=True)
        ]
        query = sql.SQL(
            "SELECT {} FROM unnest({}) AS k ({}) WHERE EXISTS (SELECT FROM {} AS p WHERE {})"
        ).format(
            sql.SQL(", ").join(names),
            sql.SQL(", ").join(
                sql.SQL("{}::text[]").format(sql.Literal(list(column))) for column in zip(*keys, strict=True)
            ),
            sql.SQL(", ").join(sql.Identifier(f"c{at}") for at in range(len(names))),
            identifier(place_of(contract)),
            sql.SQL(" AND ").join(same),
        )
        cursor.execute(query)
        return frozenset(tuple(row) for row in cursor.fetchall())


def _named(
    child: extensions.connection,
    contract: Contract,
    reference: Reference,
    parent: Contract,
    where: sql.Composable,
    missing: Sequence[tuple[str, ...]],
) -> tuple[RowKey, ...]:
    columns = ", ".join(reference.columns)
    reason = f"{columns}: no row in {place_of(parent)} ({', '.join(reference.parent_columns)})"
    if not contract.primary_key:
        return (RowKey(columns, reason),)
    shown = sql.SQL(" || ', ' || ").join(shown_column(contract.column(name)) for name in contract.primary_key)
    query = sql.SQL("SELECT {} FROM {} AS c WHERE ({}) AND ({}) IN ({}) ORDER BY 1 LIMIT {}").format(
        shown,
        identifier(place_of(contract)),
        where,
        sql.SQL(", ").join(sql.SQL("c.{}::text").format(sql.Identifier(name)) for name in reference.columns),
        sql.SQL(", ").join(
            sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, key))) for key in missing
        ),
        sql.Literal(KEYS_SHOWN),
    )
    with child.cursor() as cursor:
        cursor.execute(query)
        return tuple(RowKey(key, reason) for (key,) in cursor.fetchall())
