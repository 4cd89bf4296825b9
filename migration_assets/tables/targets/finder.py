"""The finder: while a table has no key, an index of next to no size that finds a partition's rows.

Each load deletes and reads back the rows of its partition. Without any index that would be a look at
all rows for each partition. A block range index (BRIN) costs nothing row by row; rows of a partition
lie together, as they were loaded together.
"""

from psycopg2 import extensions, sql

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Contract
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.locks import SHORT_PATIENCE, transaction
from migration_assets.tables.targets.names import candidates

#: blocks of 8 kB that are told apart
RANGE = 32


def make(cursor: extensions.cursor, contract: Contract, column: str) -> None:
    """`column` is the target's column that tells partitions apart."""
    place = sql.Identifier(column)
    if pgtypes.parse(contract.column(column).type).family in ("text", "char"):
        place = sql.SQL('{} COLLATE "C"').format(place)  # as partitions are told apart
    cursor.execute(
        sql.SQL("CREATE INDEX {} ON {} USING brin ({}) WITH (pages_per_range = {})").format(
            sql.Identifier(_name(contract)),
            catalog.identifier(catalog.place_of(contract)),
            place,
            sql.Literal(RANGE),
        )
    )


def keep_up(connection: extensions.connection, contract: Contract) -> None:
    """Takes the rows that came last into the finder, where there is one."""
    with transaction(connection) as cursor:
        if (oid := _there(cursor, contract)) is not None:
            cursor.execute("SELECT brin_summarize_new_values(%s::regclass)", (oid,))


def remove(connection: extensions.connection, contract: Contract) -> None:
    """Once all rows are there, the keys find them; Passing when others hold the table."""
    with transaction(connection, SHORT_PATIENCE) as cursor:
        if _there(cursor, contract) is not None:
            schema = catalog.place_of(contract).schema or ""
            cursor.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(schema, _name(contract))))


def _name(contract: Contract) -> str:
    return candidates(contract.target_table.name, "migration", "finder")[0]


def _there(cursor: extensions.cursor, contract: Contract) -> int | None:
    rows = catalog.ask(
        cursor, "target_finder", schema=catalog.place_of(contract).schema, name=_name(contract)
    )
    return rows[0]["oid"] if rows else None
