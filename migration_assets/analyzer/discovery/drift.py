"""What changed in a source since its contracts were written; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migration_assets.analyzer.catalog.model import CatalogColumn, CatalogTable
from migration_assets.analyzer.discovery.record import labels_of, reference
from migration_assets.contracts.model import Contract, Recorded, RecordedColumn
from migration_assets.contracts.recorded import same_type


@dataclass(frozen=True)
class Change:
    """One difference between a contract's record and the source."""

    #: `column added`, `column dropped`, `column renamed`, `column retyped`, `key changed`,
    #: `unique changed`, `references changed`, `table added`, `table dropped`
    kind: str
    table: str
    column: str | None = None
    before: str = ""
    after: str = ""
    #: of a table that is there: its contract
    contract: str = ""

    def __str__(self) -> str:
        place = f"{self.table}.{self.column}" if self.column else self.table
        match self.kind:
            case "column renamed":
                return f"{self.table}: column {self.before} is called {self.after} now, by its place and type"
            case "column added":
                return f"{place}: a new column, {self.after}"
            case "column dropped":
                return f"{place}: the column is gone, it was {self.before}"
            case "column retyped":
                return f"{place}: it is {self.after} now, and was {self.before}"
            case "table added":
                return f"{place}: a table that no contract moves"
            case "table dropped":
                return (
                    f"{place}: the table is gone; its contract {self.contract} stays until it is taken away"
                )
            case _:
                thing = self.kind.removesuffix(" changed")
                return (
                    f"{place}: {thing} is {self.after or 'nothing'} now, and was {self.before or 'nothing'}"
                )


def changes(contract: Contract, table: CatalogTable) -> list[Change]:
    """Everything that is not as the contract's record has it."""
    if contract.recorded is None:
        return list(_unrecorded(contract, table))
    return [
        *_columns(contract.recorded, table, contract.name),
        *_keys(contract.recorded, table, contract.name),
    ]


def _unrecorded(contract: Contract, table: CatalogTable) -> Iterator[Change]:
    """Of a contract that a person wrote: the columns that it reads, and that are not there."""
    there = {column.name.casefold() for column in table.columns}
    for name in dict.fromkeys(name for column in contract.columns for name in column.sources):
        if name.casefold() not in there:
            yield Change("column dropped", str(table.table), name, "there", contract=contract.name)


def _columns(recorded: Recorded, table: CatalogTable, contract: str) -> Iterator[Change]:
    before = {column.name: column for column in recorded.columns}
    after = {column.name: column for column in table.columns}
    gone = [column for column in recorded.columns if column.name not in after]
    new = [column for column in table.columns if column.name not in before]
    place = str(table.table)
    for old, column in _renamed(recorded.columns, table.columns, gone, new):
        gone.remove(old)
        new.remove(column)
        yield Change("column renamed", place, old.name, old.name, column.name, contract)
    for old in gone:
        yield Change("column dropped", place, old.name, said(old.declared, old.required), "", contract)
    for column in new:
        now = said(column.declared, not column.nullable)
        yield Change("column added", place, column.name, "", now, contract)
    for name, column in after.items():
        old = before.get(name)
        if old is None:
            continue
        labels = labels_of(column)
        same = same_type(old.declared, column.declared) and old.labels == labels
        if not same or old.required == column.nullable:
            was = said(old.declared, old.required, old.labels)
            now = said(column.declared, not column.nullable, labels)
            yield Change("column retyped", place, name, was, now, contract)


def _renamed(
    before: Sequence[RecordedColumn],
    after: Sequence[CatalogColumn],
    gone: Sequence[RecordedColumn],
    new: Sequence[CatalogColumn],
) -> list[tuple[RecordedColumn, CatalogColumn]]:
    """Pairs in the same place and of the same type; a place counts from the front, or after a column."""
    pairs: list[tuple[RecordedColumn, CatalogColumn]] = []
    taken: set[str] = set()
    for old in gone:
        place = before.index(old)
        for column in new:
            if column.name in taken or not same_type(old.declared, column.declared):
                continue
            if after.index(column) == place or _neighbours(before, after, place, after.index(column)):
                taken.add(column.name)
                pairs.append((old, column))
                break
    return pairs


def _neighbours(before: Sequence[RecordedColumn], after: Sequence[CatalogColumn], old: int, new: int) -> bool:
    """Whether the columns before and behind are the same ones."""

    def around(names: Sequence[str], place: int) -> tuple[str, str]:
        padded = ["", *names, ""]
        return padded[place], padded[place + 2]

    return around([c.name for c in before], old) == around([c.name for c in after], new)


def _keys(recorded: Recorded, table: CatalogTable, contract: str) -> Iterator[Change]:
    place = str(table.table)
    sets = {tuple(key.columns) for key in table.uniques}
    if recorded.key != table.primary_key:
        was, now = ", ".join(recorded.key), ", ".join(table.primary_key)
        yield Change("key changed", place, None, was, now, contract)
    if set(recorded.unique) != sets:
        yield Change("unique changed", place, None, _sets(recorded.unique), _sets(sets), contract)
    references = {reference(key) for key in table.foreign_keys}
    if set(recorded.references) != references:
        was, now = "; ".join(sorted(recorded.references)), "; ".join(sorted(references))
        yield Change("references changed", place, None, was, now, contract)


def said(declared: str, required: bool, labels: Sequence[str] = ()) -> str:
    listed = f" ({', '.join(labels)})" if labels else ""
    return f"{declared or 'without a type'}{listed}{', required' if required else ''}"


def _sets(sets: Sequence[tuple[str, ...]] | set[tuple[str, ...]]) -> str:
    return "; ".join(" + ".join(columns) for columns in sorted(sets))
