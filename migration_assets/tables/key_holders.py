"""Key holders: the partitions whose rows in the target have keys of another partition's staged rows."""

from collections.abc import Iterator, Sequence

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.planning.partitions import Partition
from migration_assets.stores.postgres import classify
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.replace import keyed_as, put_aside, rows_of
from migration_assets.tables.targets.catalog import find, identifier, place_of
from migration_assets.tables.throttle_flow import Flowing

#: temporary tables: the staged rows, and where the rows of their keys stand
ARRIVING = sql.Identifier("migration_arriving")
HOLDING = sql.Identifier("migration_holding")


def key_holders(
    connection: extensions.connection, one: Arriving, partitions: Sequence[Partition], flow: Flowing
) -> frozenset[str]:
    """The other partitions that hold keys of these rows; nothing is changed, and no row leaves the target."""
    if one.partition.target_column is None:
        return frozenset()
    try:
        with connection.cursor() as cursor:
            if not any(_unique_keys(cursor, one.contract)):
                return frozenset()
            _find_rows(cursor, one, flow)
            return frozenset(_owners(cursor, one, partitions))
    except psycopg2.Error as error:
        raise classify(error) from None
    finally:
        if not connection.closed:
            connection.rollback()


def _find_rows(cursor: extensions.cursor, one: Arriving, flow: Flowing) -> None:
    """Leaves in HOLDING by what column's values the other rows with these keys are in their partitions."""
    put_aside(cursor, one.contract, ARRIVING, flow.held(one.folder.read(one.manifest)))
    cursor.execute(sql.SQL("ANALYZE {}").format(ARRIVING))
    column = sql.Identifier(one.partition.target_column or "")
    # apart from one another, so that each is a join
    found = [
        sql.SQL("SELECT {} AS at FROM {} WHERE {} AND ({}) IS NOT TRUE").format(
            column,
            identifier(place_of(one.contract)),
            keyed_as(key, ARRIVING),
            rows_of(one.contract, one.partition),
        )
        for key in _unique_keys(cursor, one.contract)
    ]
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT DISTINCT at AS {} FROM ({}) AS found"
        ).format(HOLDING, column, sql.SQL(" UNION ALL ").join(found))
    )


def _unique_keys(cursor: extensions.cursor, contract: Contract) -> Iterator[tuple[str, ...]]:
    """The columns of each unique index that the contract fills."""
    table = find(cursor, place_of(contract))
    known = {column.name for column in contract.columns}
    for index in table.indexes if table else ():
        if index.is_unique and known.issuperset(index.columns):
            yield index.columns


def _owners(cursor: extensions.cursor, one: Arriving, partitions: Sequence[Partition]) -> Iterator[str]:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(HOLDING))
    (left,) = cursor.fetchone() or (0,)
    for partition in partitions:
        if not left:
            return
        if partition.key != one.key:
            where = rows_of(one.contract, partition)
            cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(HOLDING, where))
            left -= cursor.rowcount
            if cursor.rowcount:
                yield partition.key
