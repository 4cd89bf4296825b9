"""Catalog and samples in, the proposal out; pure but for the look into the source that it is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable
from migration_assets.analyzer.proposal import (
    conditions,
    defaults,
    keys,
    names,
    partitions,
    personal,
    suggestions,
    types,
    waves,
)
from migration_assets.analyzer.proposal.model import (
    Proposal,
    ProposedColumn,
    ProposedReference,
    ProposedTable,
    Remark,
)
from migration_assets.analyzer.proposal.suggestions import Guess
from migration_assets.analyzer.proposal.values import Values, columns_of
from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import TableName

#: rows of a table that are looked at
SAMPLED = 200
#: what priorities of two waves that follow one another differ by
STEP = 10

Sample = Callable[[CatalogTable], Sequence[tuple[str | None, ...]]]
#: values that the parent has not, and values looked at
Missing = Callable[[Guess], tuple[int, int]]


def proposal(
    catalog: Catalog,
    sample: Sample,
    missing: Missing,
    *,
    target_schema: str = "public",
    known: Mapping[TableName, str] = MappingProxyType({}),
    taken: Sequence[str] = (),
) -> Proposal:
    """A contract a table. `known` are names that tables' contracts have, `taken` those of others."""
    called = names.contract_names(catalog, known, taken)
    tables: dict[TableName, ProposedTable] = {}
    for table in catalog.tables:
        values = columns_of(sample(table), len(table.columns))
        place = names.target_place(table, catalog, target_schema)
        tables[table.table] = _table(table, called[table.table], place, catalog.backend, values)
    tables = _apart(_aligned(tables))
    tables = {place: _referring(table, tables) for place, table in tables.items()}
    tables = _suggesting(tables, catalog, missing)
    return _ordered(catalog, tables)


def _table(
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
    checks: dict[str, str] = {}
    for check in table.checks:
        condition = conditions.translated(check.condition, of, backend)
        if condition is not None:
            checks[names.shortened(check.name)] = condition
        elif "json_valid" not in check.condition:
            what = f"its check {check.name} is not carried over: PostgreSQL may mean something else by it"
            remarks.append(Remark("check", str(table.table), what))
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


def _aligned(tables: Mapping[TableName, ProposedTable]) -> dict[TableName, ProposedTable]:
    """A whole number that refers takes the type of what it refers to, or no foreign key could be made."""
    done = dict(tables)
    for _ in range(len(tables)):
        changed = False
        for place, table in done.items():
            wanted: dict[str, str] = {}
            for key in table.source.foreign_keys:
                parent = done.get(key.parent)
                for own, far in zip(key.columns, key.parent_columns, strict=False):
                    wanted |= _wanted(table, own, parent, far)
            if wanted:
                changed = True
                columns = tuple(
                    replace(column, type=wanted[column.name], logical_type="integer")
                    if column.name in wanted
                    else column
                    for column in table.columns
                )
                done[place] = replace(table, columns=columns)
        if not changed:
            return done
    return done


def _wanted(table: ProposedTable, own: str, parent: ProposedTable | None, far: str) -> dict[str, str]:
    try:
        child, other = table.column_of(own), parent.column_of(far) if parent else None
    except KeyError:
        return {}
    if other is None or other.type != "bigint" or child.type != "numeric(20,0)":
        return {}
    return {child.name: "bigint"}


def _apart(tables: Mapping[TableName, ProposedTable]) -> dict[TableName, ProposedTable]:
    """Two tables that would be one in the target get names of their own."""
    seen: set[TableName] = set()
    apart: dict[TableName, ProposedTable] = {}
    for place, table in tables.items():
        target, number = table.target, 2
        while target in seen:
            target = TableName(table.target.schema, names.shortened(f"{table.target.name}_{number}"))
            number += 1
        seen.add(target)
        if target != table.target:
            what = f"another table goes to {table.target}: it becomes {target}"
            table = replace(
                table, target=target, remarks=(*table.remarks, Remark("name collision", str(place), what))
            )
        apart[place] = table
    return apart


def _referring(table: ProposedTable, tables: Mapping[TableName, ProposedTable]) -> ProposedTable:
    references: list[ProposedReference] = []
    remarks = list(table.remarks)
    for key in table.source.foreign_keys:
        found = keys.reference(key, table, tables)
        if isinstance(found, str):
            what = f"its foreign key {key.name} is not carried over: {found}"
            remarks.append(Remark("reference", str(table.source.table), what))
        elif found not in references:
            references.append(found)
    return replace(table, references=tuple(references), remarks=tuple(remarks))


def _suggesting(
    tables: Mapping[TableName, ProposedTable], catalog: Catalog, missing: Missing
) -> dict[TableName, ProposedTable]:
    suggested: dict[TableName, list[ProposedReference]] = {}
    for guess in suggestions.guesses(catalog):
        child, parent = tables[guess.child.table], tables[guess.parent.table]
        try:
            own, far = child.column_of(guess.column), parent.column_of(guess.parent_column)
        except KeyError:
            continue
        if not keys.comparable(own.type, far.type):
            continue
        why = suggestions.confirmed(guess, *missing(guess))
        if why:
            made = ProposedReference((own.name,), parent.name, (far.name,), why=why)
            suggested.setdefault(guess.child.table, []).append(made)
    return {
        place: replace(table, suggested=tuple(suggested.get(place, ()))) for place, table in tables.items()
    }


def _ordered(catalog: Catalog, tables: Mapping[TableName, ProposedTable]) -> Proposal:
    """With waves, priorities, and references that wait where tables wait for one another."""
    by_name = {table.name: table for table in tables.values()}
    required = {
        (table.name, column.name): not column.source.nullable
        for table in tables.values()
        for column in table.columns
    }
    edges = [
        waves.Edge(
            table.name, reference.parent, not any(required[table.name, name] for name in reference.columns)
        )
        for table in tables.values()
        for reference in table.references
    ]
    order = waves.order(tuple(by_name), edges)
    waiting = {(edge.child, edge.parent) for edge in order.deferred}
    last = max(order.wave.values(), default=1)
    done: list[ProposedTable] = []
    for table in tables.values():
        references = tuple(
            replace(each, deferred=True) if (table.name, each.parent) in waiting else each
            for each in table.references
        )
        remarks = table.remarks
        for cycle in order.cycles:
            if table.name in cycle and any(each.deferred for each in references):
                way = " → ".join((*cycle, cycle[0]))
                what = f"these tables wait for one another: {way}; its reference waits until both are there"
                remarks = (*remarks, Remark("cycle", str(table.source.table), what))
        wave = order.wave[table.name]
        priority = (last - wave) * STEP
        done.append(replace(table, references=references, wave=wave, priority=priority, remarks=remarks))
    return Proposal(catalog, tuple(done), order.cycles)
