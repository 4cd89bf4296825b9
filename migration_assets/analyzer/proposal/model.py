"""What is proposed for a source, frozen; the words of the contracts, with the reasons beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable, Identity
from migration_assets.contracts.model import TableName


@dataclass(frozen=True)
class Remark:
    """What a person should know of a proposal: a hazard, or something that was left out, and why."""

    #: a word or two: `no key`, `long name`, `type`, `default`, `cycle`, …
    kind: str
    table: str
    what: str
    column: str | None = None

    def __str__(self) -> str:
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place}: {self.what}" if place else self.what


@dataclass(frozen=True)
class Personal:
    """Why a column is taken for personal data; never a value."""

    #: e-mail, phone, name, card number, address, IP address, …
    what: str
    classification: str
    evidence: str


@dataclass(frozen=True)
class ProposedColumn:
    source: CatalogColumn
    #: in the target
    name: str
    #: PostgreSQL's
    type: str
    logical_type: str
    #: why it is of that type, where that is no matter of course
    why: str = ""
    default: str | None = None
    identity: Identity | None = None
    enum: tuple[str, ...] = ()
    personal: Personal | None = None


@dataclass(frozen=True)
class ProposedReference:
    #: names in the target
    columns: tuple[str, ...]
    #: the parent's contract
    parent: str
    parent_columns: tuple[str, ...]
    deferred: bool = False
    #: of a suggestion: what speaks for it
    why: str = ""


@dataclass(frozen=True)
class ByRange:
    """Partitions by ranges of a key."""

    column: str
    rows: int


@dataclass(frozen=True)
class ProposedTable:
    source: CatalogTable
    #: the contract's name, and its file's
    name: str
    target: TableName
    columns: tuple[ProposedColumn, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[ProposedReference, ...] = ()
    #: references that nothing enforces
    suggested: tuple[ProposedReference, ...] = ()
    #: columns, and whether unique
    indexes: tuple[tuple[tuple[str, ...], bool], ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    partitions: ByRange | None = None
    wave: int = 1
    priority: int = 0
    remarks: tuple[Remark, ...] = ()

    def column_of(self, source: str) -> ProposedColumn:
        """The column that carries the source's; KeyError where none does."""
        for column in self.columns:
            if column.source.name == source:
                return column
        raise KeyError(source)


@dataclass(frozen=True)
class Proposal:
    catalog: Catalog
    tables: tuple[ProposedTable, ...]
    #: contracts that wait for one another, each cycle from its first name on
    cycles: tuple[tuple[str, ...], ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return tuple(remark for table in self.tables for remark in table.remarks)

    @property
    def waves(self) -> tuple[tuple[str, ...], ...]:
        """Contracts that may move together, each wave after all that it refers to."""
        last = max((table.wave for table in self.tables), default=0)
        return tuple(
            tuple(table.name for table in self.tables if table.wave == number)
            for number in range(1, last + 1)
        )
