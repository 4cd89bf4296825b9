"""What is profiled: a contract, the table that it reads, and which of its columns are about people."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from migration_assets.analyzer.catalog.model import CatalogTable
from migration_assets.analyzer.proposal import personal
from migration_assets.contracts import pgtypes
from migration_assets.contracts.expression import column_references
from migration_assets.contracts.model import Column, Contract
from migration_assets.contracts.pgtypes import PgType
from migration_assets.tables.sources.base import SourceColumn, SourceTable


@dataclass(frozen=True)
class Subject:
    """Contract and table; `catalog` is None where the catalog does not have the table."""

    contract: Contract
    table: SourceTable
    catalog: CatalogTable | None

    @cached_property
    def made_from(self) -> Mapping[str, tuple[Column, ...]]:
        """By source column, the target's columns that are made from it."""
        found: dict[str, list[Column]] = {}
        for column in self.contract.columns:
            for name in sources(column):
                source = self.table.column(name)
                if source is not None:
                    found.setdefault(source.name, []).append(column)
        return {name: tuple(columns) for name, columns in found.items()}

    @cached_property
    def personal(self) -> frozenset[str]:
        """The source's columns that the contract, or their names where it says nothing, make personal."""
        return frozenset(column.name for column in self.table.columns if self._is_personal(column))

    def _is_personal(self, source: SourceColumn) -> bool:
        columns = self.made_from.get(source.name, ())
        if any(column.personal for column in columns):
            return True
        said = bool(columns) and all(column.classification for column in columns)
        return not said and personal.judged(source.name, _type(source), ()) is not None

    @cached_property
    def guarded(self) -> Contract:
        """The contract with every column personal that is made from a personal one, so that no key
        of a row shows it."""
        hidden = {
            column.name
            for name in self.personal
            for column in self.made_from.get(name, ())
            if not column.personal
        }
        return replace(
            self.contract,
            columns=tuple(
                replace(column, classification="restricted") if column.name in hidden else column
                for column in self.contract.columns
            ),
        )

    def untouched(self, name: str) -> SourceColumn | None:
        """The source column whose values the target's column has; None where an expression makes it."""
        column = self.contract.column(name)
        return self.table.column(column.sources[0]) if column.untouched else None

    def target(self, source: SourceColumn) -> PgType | None:
        """The type of the one target column that takes the source's values untouched."""
        for column in self.made_from.get(source.name, ()):
            if column.untouched:
                return pgtypes.parse(column.type)
        return None

    @cached_property
    def key(self) -> tuple[tuple[str, SourceColumn], ...]:
        """The contract's key: its names, and the source columns; empty where an expression makes one."""
        found = [(name, self.untouched(name)) for name in self.contract.primary_key]
        return tuple((name, column) for name, column in found if column) if all(c for _, c in found) else ()


def sources(column: Column) -> Iterator[str]:
    """The source columns that a column is made from; none that an unreadable expression names."""
    yield from column.sources
    if column.expression is not None:
        try:
            yield from column_references(column.expression)
        except ValueError:
            return


def shown_key(subject: Subject, values: Sequence[object]) -> str:
    """`name=value` of the key's columns, personal values as a hash, as the checks of a run show it."""
    shown: list[str] = []
    for (name, source), value in zip(subject.key, values, strict=True):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if source.name in subject.personal:
            text = "#" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
        shown.append(f"{name}={text}")
    return ", ".join(shown)


def _type(source: SourceColumn) -> str:
    try:
        return str(pgtypes.parse(source.carries or "text"))
    except ValueError:
        return "text"
