"""The contract's primary key and unique constraints that its table does not have yet."""

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.creation import key_constraints
from migration_assets.tables.targets.names import candidates, first_free
from migration_assets.tables.targets.work import Findings, Work


def missing_keys(cursor: extensions.cursor, contract: Contract) -> Findings:
    """The keys to be made; a table that has them, under any name, needs none."""
    table = catalog.find(cursor, catalog.place_of(contract))
    if table is None or not table.is_table:
        return (), ()
    work: list[Work] = []
    for columns, (words, clause) in key_constraints(contract).items():
        primary = columns == contract.primary_key
        if table.unique_over(columns) is None or (primary and not any(i.is_primary for i in table.indexes)):
            names = candidates(*words)
            name = first_free(names, catalog.names_taken(cursor, table.place, names))
            statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                catalog.identifier(table.place), sql.Identifier(name), clause
            )
            kind = "primary key" if primary else "unique constraint"
            work.append(Work(f"{kind} of {table.place} ({', '.join(columns)})", (statement,)))
    return tuple(work), ()
