"""The contract's foreign keys that the target does not have yet."""

from collections.abc import Callable, Iterator, Mapping

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract, Reference
from migration_assets.tables.targets import catalog
from migration_assets.tables.targets.catalog import TargetForeignKey, TargetTable, column_list, identifier
from migration_assets.tables.targets.names import candidates, first_free
from migration_assets.tables.targets.work import Findings, Work

#: before it, a partitioned table takes no foreign key that is not yet validated
NOT_VALID_ON_PARTITIONED = 18_00_00


def touching(
    contract: Contract, contracts: Mapping[str, Contract], complete: Callable[[str], bool]
) -> tuple[tuple[Contract, Reference, Contract], ...]:
    """Child, reference and parent of each foreign key from or to the contract, both sides complete."""
    others = [one for name, one in sorted(contracts.items()) if name != contract.name]
    known = {**contracts, contract.name: contract}
    return tuple(
        (child, reference, known[reference.parent])
        for child in (contract, *others)
        for reference in child.references
        if (child is contract or reference.parent == contract.name)
        and reference.parent in known
        and all(complete(name) for name in {child.name, reference.parent})
    )


def missing_foreign_key(
    cursor: extensions.cursor, child: Contract, reference: Reference, parent: Contract
) -> Findings:
    """The foreign key to be made or validated; or why it cannot be, in words."""
    what = (
        f"foreign key of {catalog.place_of(child)} ({', '.join(reference.columns)}) "
        f"to {catalog.place_of(parent)} ({', '.join(reference.parent_columns)})"
    )
    if child.target.name != parent.target.name:
        return (), (f"The {what} is left out: the tables are in different databases.",)
    tables = [catalog.find(cursor, catalog.place_of(one)) for one in (child, parent)]
    if any(table is None or not table.is_table for table in tables):
        return (), (f"The {what} is left out: one of the tables is not there.",)
    ours, theirs = (table for table in tables if table is not None)
    pairs = frozenset(zip(reference.columns, reference.parent_columns, strict=True))
    there = [k for k in catalog.foreign_keys(cursor, ours) if k.parent_oid == theirs.oid and k.pairs == pairs]
    if there:
        return _to_validate(ours, what, there), tuple(_said(cursor, ours, what, there))
    unique = theirs.unique_over(reference.parent_columns)
    if unique is None or not unique.is_immediate:
        return (), (f"The {what} is left out: no unique index keeps the parent's columns unique.",)
    return (_work(cursor, ours, reference, theirs, what),), ()


def _remark(ours: TargetTable, reference: Reference, theirs: TargetTable) -> str:
    columns = reference.columns
    if any(set(index.columns[: len(columns)]) == set(columns) for index in ours.indexes):
        return ""
    return (
        f"No index of {ours.place} begins with ({', '.join(columns)}): each row that leaves {theirs.place} "
        "costs a scan of it; add the index to the contract."
    )


def _to_validate(table: TargetTable, what: str, there: list[TargetForeignKey]) -> tuple[Work, ...]:
    if any(key.validated for key in there):
        return ()
    return (Work(f"validation of the {what}", (_validate(table, there[0].name),)),)


def _said(
    cursor: extensions.cursor, table: TargetTable, what: str, there: list[TargetForeignKey]
) -> Iterator[str]:
    for key in there:
        if not key.deferrable:
            way = sql.SQL("ALTER TABLE {} ALTER CONSTRAINT {} DEFERRABLE").format(
                identifier(table.place), sql.Identifier(key.name)
            )
            yield (
                f"The {what} is not deferrable, so that rows of the parent cannot be replaced; "
                f"as the table's owner, run: {way.as_string(cursor)}."
            )


def _work(
    cursor: extensions.cursor, ours: TargetTable, reference: Reference, theirs: TargetTable, what: str
) -> Work:
    names = candidates(ours.place.name, *reference.columns, "fkey")
    name = first_free(names, catalog.names_taken(cursor, ours.place, names))
    table, constraint = identifier(ours.place), sql.Identifier(name)
    add = sql.SQL(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) DEFERRABLE INITIALLY IMMEDIATE"
    ).format(
        table,
        constraint,
        column_list(reference.columns),
        identifier(theirs.place),
        column_list(reference.parent_columns),
    )
    remark = _remark(ours, reference, theirs)
    if ours.is_partitioned and cursor.connection.server_version < NOT_VALID_ON_PARTITIONED:
        return Work(what, (add,), remark=remark)
    undo = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(table, constraint)
    return Work(what, (add + sql.SQL(" NOT VALID"), _validate(ours, name)), undo, remark)


def _validate(table: TargetTable, name: str) -> sql.Composable:
    return sql.SQL("ALTER TABLE {} VALIDATE CONSTRAINT {}").format(
        identifier(table.place), sql.Identifier(name)
    )
