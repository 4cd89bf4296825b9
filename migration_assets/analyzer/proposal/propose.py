"""Catalog and samples in, the proposal out; pure but for the look into the source that it is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from migration_assets.analyzer.catalog.model import Catalog, CatalogTable
from migration_assets.analyzer.proposal import keys, names, suggestions, waves
from migration_assets.analyzer.proposal.model import Proposal, ProposedReference, ProposedTable, Remark
from migration_assets.analyzer.proposal.one_table import proposed_table
from migration_assets.analyzer.proposal.suggestions import Guess
from migration_assets.analyzer.proposal.together import aligned, apart
from migration_assets.analyzer.proposal.values import columns_of
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
        tables[table.table] = proposed_table(table, called[table.table], place, catalog.backend, values)
    tables = apart(aligned(tables))
    tables = {place: _referring(table, tables) for place, table in tables.items()}
    tables = _suggesting(tables, catalog, missing)
    return _ordered(catalog, tables)


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
