"""Sequences end past the highest key that was loaded, so that the next row gets a new one."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract, TableName
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.catalog import TargetTable, identifier
from migration_assets.tables.targets.locks import lock, transaction

COUNTED = ("smallint", "integer", "bigint", "numeric")


@dataclass(frozen=True)
class Filling:
    """A sequence that fills a column of a table."""

    column_name: str
    column_type: str
    schema: str
    name: str
    increment: int
    #: its last value of all
    highest: int
    #: whether the role may look at it, and move it
    readable: bool
    usable: bool

    @property
    def place(self) -> TableName:
        return TableName(self.schema, self.name)

    @property
    def is_counting(self) -> bool:
        """Whether a highest key says where it has to go on."""
        return self.increment > 0 and self.column_type in COUNTED


def filling(cursor: extensions.cursor, table: TargetTable) -> tuple[Filling, ...]:
    """The sequences of a table's columns."""
    return tuple(Filling(**row) for row in catalog.ask(cursor, "target_sequences", oid=table.oid))


def behind(cursor: extensions.cursor, table: TargetTable, sequence: Filling) -> int | None:
    """The highest key of the column where the sequence would give one that is there, or lower."""
    # numeric has NaN and infinity, which are above every number and no keys
    limit = sequence.highest if sequence.column_type == "numeric" else None
    key = _highest(cursor, table, sequence.column_name, limit)
    if key is None:
        return None
    cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(identifier(sequence.place)))
    last, called = cursor.fetchone() or (key, True)
    return key if must_move(last, called, key) else None


def must_move(last: int, called: bool, highest: int) -> bool:
    """Whether the sequence would give a number that is already there, or lower.

    last was given   highest key        move
    yes              above last         yes
    yes              last or below      no
    no               last or above      yes
    no               below last         no
    """
    return highest > last if called else highest >= last


def move_sequences(connection: extensions.connection, contract: Contract) -> tuple[str, ...]:
    """Moves the sequences of the contract's table past its highest keys, only ever upwards; commits."""
    place = catalog.place_of(contract)
    with transaction(connection) as cursor:
        table = catalog.find(cursor, place)
        if table is None or not table.is_table:
            return ()
        said = [_move(cursor, table, sequence) for sequence in filling(cursor, table)]
        return tuple(line for line in said if line)


def _move(cursor: extensions.cursor, table: TargetTable, sequence: Filling) -> str:
    what, column = sequence.place, f"{table.place}.{sequence.column_name}"
    if not sequence.is_counting:
        why = "it counts downwards" if sequence.increment < 0 else f"{column} is {sequence.column_type}"
        return f"Sequence {what} is left as it is: {why}."
    if not sequence.usable:
        return f"Sequence {what} is left as it is; run: GRANT SELECT, UPDATE on it to the role."
    # two loads of one table would otherwise overtake each other between looking and moving
    lock(cursor, "sequence", sequence.schema, sequence.name)
    key = behind(cursor, table, sequence)
    if key is None:
        return ""
    if key > sequence.highest:
        return f"Sequence {what} ends below the highest key of {column}: raise its MAXVALUE or type."
    cursor.execute("SELECT setval(%s::regclass, %s)", (catalog.spelled_out(what), key))
    return f"Sequence {what} goes on past the highest key of {column}."


def _highest(cursor: extensions.cursor, table: TargetTable, column: str, limit: int | None) -> int | None:
    """The highest key, up to the limit if there is one, rounded down; None without rows."""
    query = sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), identifier(table.place))
    if limit is not None:
        query += sql.SQL(" WHERE {} <= {}").format(sql.Identifier(column), sql.Literal(limit))
    cursor.execute(query)
    row = cursor.fetchone()
    value = row[0] if row else None
    return int(value // 1) if isinstance(value, Decimal) else value
