"""What is suggested of two catalogs, frozen; never a value."""

from collections.abc import Callable
from dataclasses import dataclass

from migration_assets.analyzer.catalog import Rows
from migration_assets.analyzer.catalog.model import CatalogTable
from migration_assets.contracts.model import TableName

#: some rows of a table, values as text
Sample = Callable[[CatalogTable], Rows]


@dataclass(frozen=True)
class Samples:
    """Where rows of both sides come from; they are hashed at once, and never leave the process."""

    source: Sample
    target: Sample


@dataclass(frozen=True)
class Suggestion:
    """A source's column, the target's column that may be its, and what speaks for it."""

    source: TableName
    column: str
    target: TableName
    target_column: str
    #: 0 to 1
    confidence: float
    reasons: tuple[str, ...]
