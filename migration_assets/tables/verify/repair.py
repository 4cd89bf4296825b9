"""Repair: only the rows that differ, each only while it still is what was compared.

One transaction a partition. A row that somebody wrote since is left as it is: the statement that changes
it asks for the very text of all its columns, and PostgreSQL asks again once a writer that it waited for
has committed. Rows are changed in their places, so that nothing that refers to them is touched.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.errors import PlanRefused
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import repairs
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables.row_key import shown_key
from migration_assets.tables.targets.catalog import columns_of, identifier, place_of
from migration_assets.tables.verify.findings import Rows

#: milliseconds that a repair waits for a row that somebody else is writing
PATIENCE = 30_000
WAS, WANTED = sql.Identifier("migration_was"), sql.Identifier("migration_wanted")


@dataclass(frozen=True)
class Repaired:
    """What was done to the rows of one partition."""

    #: key and what was done: inserted, updated, deleted
    done: tuple[tuple[str, str], ...] = ()
    #: rows that were left as they are, as they were written since or are there more than once
    left: int = 0


def refuse_unfit(contract: Contract) -> None:
    """PlanRefused for a contract whose rows cannot be repaired one by one."""
    if not contract.primary_key:
        raise PlanRefused(
            f"{contract.name} has no primary key, by which its rows could be repaired one by one.",
            advice=f"Load its partitions again: `migrate run {contract.name}`.",
        )


def repair(
    contract: Contract, partition: str, rows: Rows, environment: Mapping[str, str], repaired_by: str
) -> Repaired:
    """Brings the rows of these keys to what the source has; LoadRefused where the target refuses one, and
    Passing where somebody holds a row for long: then none was changed."""
    refuse_unfit(contract)
    alone = [k for k in rows.keys if all(_number(side, k) < 2 for side in (rows.source, rows.target))]
    was = [line for key in alone for line in rows.target.get(key, ())]
    wanted = [line for key in alone for line in rows.source.get(key, ())]
    if not alone:
        return Repaired(left=len(rows.keys))
    url = url_of(contract.target, environment)
    with closing(connect(contract.target, url)) as connection:
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE)])
                ledger.lock(cursor, contract.name, partition)
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                for table, lines in ((WAS, was), (WANTED, wanted)):
                    _filled(cursor, contract, table, lines)
                done = _done(cursor, contract)
                repairs.prepare(cursor)
                repairs.record(cursor, contract.name, partition, done, repaired_by)
        except psycopg2.Error as error:
            raise classify(error) from None
    return Repaired(tuple(done), len(rows.keys) - len(done))


def _number(side: Mapping[tuple[bytes, ...], Mapping[bytes, int]], key: tuple[bytes, ...]) -> int:
    return sum(side.get(key, {}).values())


def _filled(
    cursor: extensions.cursor, contract: Contract, table: sql.Identifier, lines: Sequence[bytes]
) -> None:
    columns, place = columns_of(contract), identifier(place_of(contract))
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(
            table, columns, place
        )
    )
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    cursor.copy_expert(copy.as_string(cursor), io.BytesIO(b"".join(lines)))


def _done(cursor: extensions.cursor, contract: Contract) -> list[tuple[str, str]]:
    """Changes what is there, takes away what should not be, adds what is missing; keys and what was done."""
    key = contract.primary_key
    names = [column.name for column in contract.columns]
    others = [name for name in names if name not in key]
    parts = {
        "table": identifier(place_of(contract)),
        "was": WAS,
        "wanted": WANTED,
        "columns": columns_of(contract),
        "as_it_was": _pairs(
            [c.name for c in contract.columns], "{t}::text IS NOT DISTINCT FROM {w}::text", "w"
        ),
        "its_was": _pairs(key, "{t} = {w}", "w"),
        "its_wanted": _pairs(key, "{t} = {w}", "n"),
        "wanted_was": sql.SQL(" AND ").join(
            sql.SQL("n.{0} = w.{0}").format(sql.Identifier(name)) for name in key
        ),
        "sets": sql.SQL(", ").join(sql.SQL("{0} = n.{0}").format(sql.Identifier(name)) for name in others),
        "shown": sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(name)) for name in key),
    }
    statements = {
        "deleted": "DELETE FROM {table} AS t USING {was} AS w WHERE {its_was} AND {as_it_was} "
        "AND NOT EXISTS (SELECT FROM {wanted} AS n WHERE {its_wanted}) RETURNING {shown}",
        "inserted": "INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} "
        "FROM {wanted} AS n WHERE NOT EXISTS (SELECT FROM {was} AS w WHERE {wanted_was}) "
        "AND NOT EXISTS (SELECT FROM {table} AS t WHERE {its_wanted}) "
        "ON CONFLICT DO NOTHING RETURNING {shown}",
    }
    if others:
        statements["updated"] = (
            "UPDATE {table} AS t SET {sets} FROM {wanted} AS n, {was} AS w "
            "WHERE {its_wanted} AND {its_was} AND {as_it_was} RETURNING {shown}"
        )
    found: list[tuple[str, str]] = []
    for what, statement in statements.items():
        cursor.execute(sql.SQL(statement).format(**parts))  # pyright: ignore[reportArgumentType]
        found += [
            (shown_key(contract, dict(zip(key, row, strict=True)), 0), what) for row in cursor.fetchall()
        ]
    return found


def _pairs(names: Sequence[str], condition: str, alias: str) -> sql.Composable:
    """The condition for each column of the table and of another one."""
    return sql.SQL(" AND ").join(
        sql.SQL(condition).format(t=sql.Identifier("t", name), w=sql.Identifier(alias, name))  # pyright: ignore[reportArgumentType]
        for name in names
    )
