"""The contract's secondary indexes that its table does not have yet."""

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract, Index
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.catalog import TargetTable
from migration_assets.tables.targets.names import candidates, first_free
from migration_assets.tables.targets.work import Findings, Work


def missing_indexes(cursor: extensions.cursor, contract: Contract) -> Findings:
    """The indexes to be made; one that is there under any name counts."""
    table = catalog.find(cursor, catalog.place_of(contract))
    if table is None or not table.is_table:
        return (), ()
    wanted = [index for index in dict.fromkeys(contract.indexes) if not _is_there(table, index)]
    return tuple(_work(cursor, table, index) for index in wanted), ()


def _is_there(table: TargetTable, wanted: Index) -> bool:
    """
    wanted       there                                  counts
    unique       unique, the same columns, any order    yes
    not unique   any, the same columns in this order    yes
    """
    if wanted.unique:
        return table.unique_over(wanted.columns) is not None
    return any(index.columns == wanted.columns for index in table.indexes)


def _work(cursor: extensions.cursor, table: TargetTable, index: Index) -> Work:
    kind = "unique index" if index.unique else "index"
    names = candidates(table.place.name, *index.columns, "key" if index.unique else "idx")
    name = first_free(names, catalog.names_taken(cursor, table.place, names))
    statement = sql.SQL("CREATE {} {} ON {} ({})").format(
        sql.SQL(kind.upper()),
        sql.Identifier(name),
        catalog.identifier(table.place),
        catalog.column_list(index.columns),
    )
    return Work(f"{kind} on {table.place} ({', '.join(index.columns)})", (statement,))
