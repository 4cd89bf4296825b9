"""What is left to do at a target's table, as data, and the doing of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import psycopg2
from psycopg2 import errorcodes, extensions, sql

from migration_assets.contracts.model import TableName
from migration_assets.errors import LoadRefused
from migration_assets.stores.postgres import classify
from migration_assets.tables.targets.locks import (
    OTHERS_PATIENCE,
    SHORT_PATIENCE,
    lock,
    patiently,
    transaction,
    wait_at_most,
)

REASONS = {
    errorcodes.FOREIGN_KEY_VIOLATION: "the parents of some rows are missing (see the check `referential`)",
    errorcodes.DATATYPE_MISMATCH: "the types of the columns do not fit",
    errorcodes.INSUFFICIENT_PRIVILEGE: "the role may not do it; as the table's owner, run",
}


@dataclass(frozen=True)
class Work:
    """One thing to make; each statement is committed before the next."""

    #: what it is, for the reader ("index on crm.orders (status)")
    what: str
    statements: tuple[sql.Composable, ...]
    #: takes back what the first statement made, when a later one is refused
    undo: sql.Composable | None = None
    #: what the reader should know once it is made
    remark: str = ""


#: what is left to do, and sentences on what cannot be done
Findings = tuple[tuple[Work, ...], tuple[str, ...]]


def do_missing(
    connection: extensions.connection,
    look: Callable[[extensions.cursor], Findings],
    tables: Sequence[TableName],
) -> tuple[str, ...]:
    """Does what is missing at the tables, each piece under one lock and after a second look; tells it in
    words.

    Raises LoadRefused for an index that the rows do not allow, after all else is done, and where others
    hold the tables.
    """
    with transaction(connection) as cursor:
        missing, said = look(cursor)
    doubled: list[str] = []
    for work in missing:
        try:
            do = partial(_do, connection, work, look)
            said = (*said, *patiently(connection, f"the {work.what}", tables, do))
        except psycopg2.errors.UniqueViolation:
            doubled.append(work.what)
    if doubled:
        raise LoadRefused(
            f"The {' and the '.join(doubled)} cannot be made: rows share a key.",
            advice="Find them with a check of `metric: duplicateValues`, or correct the contract.",
        )
    return said


def _do(
    connection: extensions.connection, work: Work, look: Callable[[extensions.cursor], Findings]
) -> tuple[str, ...]:
    begun = False
    try:
        with connection, connection.cursor() as cursor:
            wait_at_most(cursor, OTHERS_PATIENCE)
            lock(cursor, "finish")
            wait_at_most(cursor, SHORT_PATIENCE)
            still = next((one for one in look(cursor)[0] if one.what == work.what), None)
            if still is None:
                return ()
            work = still
            cursor.execute(work.statements[0])
        begun = True
        for statement in work.statements[1:]:
            with connection, connection.cursor() as cursor:
                wait_at_most(cursor, SHORT_PATIENCE)
                cursor.execute(statement)
    except psycopg2.errors.UniqueViolation:
        raise
    except psycopg2.Error as error:
        return (_left_out(connection, work, error, undo=begun),)
    return tuple(filter(None, (f"The {work.what} is made.", work.remark)))


def _left_out(connection: extensions.connection, work: Work, error: psycopg2.Error, *, undo: bool) -> str:
    reason = REASONS.get(error.pgcode or "")
    if reason is None:
        raise classify(error) from None
    with transaction(connection) as cursor:
        if undo and work.undo is not None:
            cursor.execute(work.undo)
        ways = "; ".join(statement.as_string(cursor) for statement in work.statements)
    way = f": {ways}" if error.pgcode == errorcodes.INSUFFICIENT_PRIVILEGE else ""
    return f"The {work.what} is left out: {reason}{way}."
