"""Next values: a sequence of the target that would give keys which are there already."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.catalog import TargetTable, identifier, place_of
from migration_assets.tables.targets.sequences import Filling, behind, filling


@dataclass(frozen=True)
class NextValue:
    """What is to be said of one sequence."""

    #: empty where only something is proposed
    finding: str
    #: a statement; empty where a person has to decide
    proposed: str


def next_values(cursor: extensions.cursor, contract: Contract) -> tuple[NextValue, ...]:
    """Of identities, serials and defaults that call a sequence; none where each goes on past its keys."""
    table = catalog.find(cursor, place_of(contract))
    return tuple(_looked_at(cursor, table)) if table is not None and table.is_table else ()


def _looked_at(cursor: extensions.cursor, table: TargetTable) -> Iterator[NextValue]:
    for sequence in filling(cursor, table):
        if not sequence.is_counting:
            continue
        if not sequence.readable:
            yield NextValue("", _granted(cursor, sequence))
            continue
        key = behind(cursor, table, sequence)
        column = f"{table.place}.{sequence.column_name}"
        if key is None:
            continue
        if key > sequence.highest:
            yield NextValue(f"sequence {sequence.place} ends below the highest key of {column}", "")
            continue
        said = f"sequence {sequence.place} is behind the highest key of {column}"
        yield NextValue(f"{said}: its next key is there already, or lower", _moved(cursor, table, sequence))


def _granted(cursor: extensions.cursor, sequence: Filling) -> str:
    grant = sql.SQL("GRANT SELECT ON SEQUENCE {} TO {};").format(
        identifier(sequence.place), sql.Identifier(cursor.connection.info.user)
    )
    return grant.as_string(cursor)


def _moved(cursor: extensions.cursor, table: TargetTable, sequence: Filling) -> str:
    """Looks for the highest key when it is run, and so holds no value of a row."""
    column = sql.Identifier(sequence.column_name)
    highest = sql.SQL("SELECT floor(max({0})) FROM {1} WHERE {0} <= {2}").format(
        column, identifier(table.place), sql.Literal(sequence.highest)
    )
    statement = sql.SQL("SELECT setval({}::regclass, ({})::bigint);").format(
        sql.Literal(catalog.spelled_out(sequence.place)), highest
    )
    return statement.as_string(cursor)
