"""One table by itself in, its part of the proposal out, without references; pure."""

from collections.abc import Mapping, Sequence

from migration_assets.analyzer.catalog.model import CatalogColumn, CatalogTable
from migration_assets.analyzer.proposal import conditions, defaults, keys, names, partitions, personal, types
from migration_assets.analyzer.proposal.model import ProposedColumn, ProposedTable, Remark
from migration_assets.analyzer.proposal.values import Values
from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import TableName


def proposed_table(
    table: CatalogTable, name: str, place: TableName, backend: str, values: tuple[Values, ...]
) -> ProposedTable:
    """By itself, without its references."""
    columns = tuple(
        _column(column, table.name, backend, values[at])
        for at, column in enumerate(table.columns)
        if names.can_be_said(column.name)
    )
    of = {column.source.name: column for column in columns}
    remarks = [*names.remarks(table, place), *_table_remarks(table), *_column_remarks(table, columns)]
    unique = tuple(keys.unique(table, of))
    indexes = list(keys.indexes(table, of))
    remarks += [each for each in indexes if isinstance(each, Remark)]
    checks, left = _checks(table, of, backend)
    remarks += left
    parted = partitions.proposed(table, columns, values)
    if parted is None and partitions.is_large(table):
        what = "it is large, and no key's first column has enough different values for ranges: it stays whole"
        remarks.append(Remark("partitions", str(table.table), what))
    return ProposedTable(
        table,
        name,
        place,
        columns,
        tuple(of[key].name for key in table.primary_key) if keys.orderable(table.primary_key, of) else (),
        unique,
        indexes=tuple(each for each in indexes if not isinstance(each, Remark)),
        checks=checks,
        partitions=parted,
        remarks=tuple(remarks),
    )


def _checks(
    table: CatalogTable, columns: Mapping[str, ProposedColumn], backend: str
) -> tuple[dict[str, str], list[Remark]]:
    checks: dict[str, str] = {}
    left: list[Remark] = []
    for check in table.checks:
        condition = conditions.translated(check.condition, columns, backend)
        if condition is not None:
            checks[names.shortened(check.name)] = condition
        elif "json_valid" not in check.condition:
            what = f"its check {check.name} is not carried over: PostgreSQL may mean something else by it"
            left.append(Remark("check", str(table.table), what))
    return checks, left


def _column(column: CatalogColumn, table: str, backend: str, values: Values) -> ProposedColumn:
    found = types.chosen(column, backend, values)
    counts = column.identity if pgtypes.parse(found.type).family == "integer" else None
    fitting = all(len(label) <= (pgtypes.parse(found.type).length or len(label)) for label in column.enum)
    return ProposedColumn(
        column,
        names.shortened(column.name),
        found.type,
        found.logical,
        found.why,
        defaults.translated(column, found.type).default,
        counts,
        column.enum if fitting else (),
        personal.judged(column.name, found.type, values, table),
    )


def _table_remarks(table: CatalogTable) -> list[Remark]:
    place = str(table.table)
    found: list[Remark] = []
    if not table.keys:
        what = "it has no key: its rows are moved and proven, but bad ones can be named by number alone"
        found.append(Remark("no key", place, what))
    if table.inherits:
        what = f"its rows are read with those of {table.inherits}, too: keep one of the two contracts"
        found.append(Remark("inheritance", place, what))
    if table.children:
        what = f"the rows of its {len(table.children)} parts are moved with it"
        found.append(Remark("parts", place, what))
    return found


def _column_remarks(table: CatalogTable, columns: Sequence[ProposedColumn]) -> list[Remark]:
    place = str(table.table)
    said = {column.source.name for column in columns}
    found = [
        Remark("name", place, "its name has a line break in it, and no contract can say it", column.name)
        for column in table.columns
        if column.name not in said
    ]
    for column in columns:
        source = column.source
        if column.why:
            found.append(Remark("type", place, f"it becomes {column.type}: {column.why}", source.name))
        if source.generated is not None:
            what = "the source computes it; its values arrive as plain ones"
            found.append(Remark("generated", place, what, source.name))
        left = defaults.translated(source, column.type)
        if left.why:
            found.append(Remark("default", place, left.why, source.name))
    return found
