"""References, unique sets and indexes of a table, as far as PostgreSQL can have them; pure."""

from collections.abc import Iterator, Mapping

from migration_assets.analyzer.catalog.model import CatalogTable, ForeignKey
from migration_assets.analyzer.proposal.model import ProposedColumn, ProposedReference, ProposedTable, Remark
from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import TableName
from migration_assets.contracts.pgtypes import PgType

#: families of types that a B-tree orders
_ORDERED = frozenset(
    {
        *("integer", "numeric", "float", "boolean", "text", "char", "bytes", "date", "timestamp"),
        *("timestamptz", "time", "timetz", "interval", "uuid", "jsonb", "bit", "array"),
    }
)
_ORDERED_TOO = frozenset({"inet", "cidr", "macaddr", "macaddr8", "money", "name", "oid", "pg_lsn"})
#: whose values are compared with one another
_TOGETHER = ({"integer", "numeric", "float"}, {"text", "char"}, {"timestamp", "timestamptz", "date"})


def unique(table: CatalogTable, columns: Mapping[str, ProposedColumn]) -> Iterator[tuple[str, ...]]:
    """Sets of the target's columns that are unique, beside the primary key."""
    seen = {frozenset(table.primary_key)}
    for key in table.uniques:
        if frozenset(key.columns) not in seen and orderable(key.columns, columns):
            seen.add(frozenset(key.columns))
            yield tuple(columns[name].name for name in key.columns)


def indexes(
    table: CatalogTable, columns: Mapping[str, ProposedColumn]
) -> Iterator[tuple[tuple[str, ...], bool] | Remark]:
    """Those of whole columns for all rows; of each other one, why it is left."""
    seen = set(table.keys)
    for index in table.indexes:
        why = (
            "it is of expressions or of parts of columns"
            if not index.columns
            else "it is of some rows"
            if index.condition
            else f"it is a {index.method} index"
            if index.method not in ("btree", "hash")
            else "PostgreSQL orders no values of its type"
            if not orderable(index.columns, columns)
            else ""
        )
        if why:
            what = f"its index {index.name} is not carried over: {why}"
            yield Remark("unique index" if index.unique else "index", str(table.table), what)
        elif index.columns not in seen:
            seen.add(index.columns)
            yield tuple(columns[name].name for name in index.columns), index.unique


def orderable(names: tuple[str, ...], columns: Mapping[str, ProposedColumn]) -> bool:
    return all(name in columns and _ordered(pgtypes.parse(columns[name].type)) for name in names)


def _ordered(pgtype: PgType) -> bool:
    return pgtype.family in _ORDERED or pgtype.name in _ORDERED_TOO


def reference(
    key: ForeignKey, child: ProposedTable, tables: Mapping[TableName, ProposedTable]
) -> ProposedReference | str:
    """The reference of a declared foreign key, or why a contract cannot have it."""
    parent = tables.get(key.parent)
    if parent is None:
        return f"its parent {key.parent} is not among the tables"
    own, far = _columns(child, key.columns), _columns(parent, key.parent_columns)
    if own is None or far is None or len(own) != len(far):
        return f"its columns are not those of {key.parent}"
    if not any(frozenset(key.parent_columns) == frozenset(each) for each in parent.source.keys):
        return f"{' + '.join(key.parent_columns)} is no key of {key.parent}"
    if any("." in column.name for column in (*own, *far)):
        return "a relationship cannot name a column with a dot in it"
    for one, other in zip(own, far, strict=True):
        if not comparable(one.type, other.type):
            return f"{one.name} is {one.type} and {other.name} of {key.parent} is {other.type}"
    return ProposedReference(
        tuple(column.name for column in own), parent.name, tuple(column.name for column in far)
    )


def comparable(one: str, other: str) -> bool:
    """Whether a foreign key may lead from the one type to the other one."""
    child, parent = pgtypes.parse(one), pgtypes.parse(other)
    if not _ordered(child) or not _ordered(parent):
        return False
    if child.family == parent.family:
        return child.family not in ("other", "array") or child == parent
    if {child.family, parent.family} <= {"integer", "numeric"}:
        # a numeric is no integer by itself, the other way round it is
        return parent.family == "numeric"
    return any({child.family, parent.family} <= together for together in _TOGETHER[1:])


def _columns(table: ProposedTable, names: tuple[str, ...]) -> list[ProposedColumn] | None:
    folded = {column.source.name.casefold(): column for column in table.columns}
    exact = {column.source.name: column for column in table.columns}
    found = [exact.get(name) or folded.get(name.casefold()) for name in names]
    return [column for column in found if column] if None not in found and names else None
