"""The target's table before the load: made from the contract where it is missing, compared where it is."""

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract, TableName
from migration_assets.errors import StructureDiffers
from migration_assets.tables.targets import catalog, creation, finder, types
from migration_assets.tables.targets.differences import compared, differences
from migration_assets.tables.targets.finish import finish
from migration_assets.tables.targets.locks import lock, transaction

__all__ = ["differences", "finish", "prepare"]


def prepare(
    connection: extensions.connection,
    contract: Contract,
    *,
    keys_wait: bool = False,
    parted_by: str | None = None,
) -> None:
    """Makes schema and table where they are missing and commits; compares the table where it is there.

    `keys_wait`: primary key and unique constraints are left to `finish`; until then the rows of a
    partition are found by `parted_by`, the column that tells partitions apart.

    Raises StructureDiffers with all differences, MappingFault for types that the target does not know.
    """
    place = catalog.place_of(contract)
    with transaction(connection) as cursor:
        found = compared(cursor, contract, keys_wait=keys_wait)
        if found is None:
            # one lock a schema: the names of indexes are shared by all of its tables
            lock(cursor, "structure", place.schema or "")
            found = compared(cursor, contract, keys_wait=keys_wait)
        if found is None:
            _make(cursor, contract, keys_wait)
            if keys_wait and parted_by is not None:
                finder.make(cursor, contract, parted_by)
    if found:
        raise StructureDiffers(str(place), found)


def _make(cursor: extensions.cursor, contract: Contract, keys_wait: bool) -> None:
    place = catalog.place_of(contract)
    types.oids(cursor, contract)
    cursor.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (place.schema,))
    if cursor.fetchone() is None:  # IF NOT EXISTS alone asks for the right to make it, there or not
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema or "")))
    taken = catalog.names_taken(cursor, place, creation.names_wanted(contract))
    sequences = _missing_sequences(cursor, contract)
    for statement in creation.statements(contract, taken, sequences, keys=not keys_wait):
        cursor.execute(statement)


def _missing_sequences(cursor: extensions.cursor, contract: Contract) -> dict[str, TableName]:
    """The sequences that defaults call and that are not there, by the column that they fill."""
    missing: dict[str, TableName] = {}
    for column in contract.columns:
        called = creation.sequence_called(column)
        if called is None:
            continue
        cursor.execute("SELECT to_regclass(%s) IS NULL, parse_ident(%s)", (called, called))
        row = cursor.fetchone()
        if row and row[0]:
            *schema, name = row[1]
            place = TableName(schema[0] if schema else catalog.place_of(contract).schema, name)
            missing[column.name] = place
    return missing
