"""What a source's catalog says of itself, whole: frozen, without values of rows and without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from migration_assets.contracts.model import TableName
from migration_assets.tables.sources.base import SourceColumn, SourceTable

Identity = Literal["always", "by default"]


@dataclass(frozen=True)
class CatalogColumn:
    """A column as the source declares it."""

    name: str
    #: the source's own type, as it prints it
    declared: str
    #: the PostgreSQL type whose printed text is exactly what the source emits; None without that promise
    carries: str | None
    nullable: bool = True
    #: the default as the source's catalog prints it, in the source's dialect
    default: str | None = None
    #: it counts by itself: identity, serial, AUTO_INCREMENT, AUTOINCREMENT
    identity: Identity | None = None
    #: the expression that it is computed from, in the source's dialect
    generated: str | None = None
    #: the values that its declared type allows, in their order
    enum: tuple[str, ...] = ()
    comment: str = ""
    #: character set or collation, where it is not the database's own
    collation: str | None = None
    #: a text of which the source takes nothing but JSON (MariaDB's `json`)
    document: bool = False

    @property
    def source(self) -> SourceColumn:
        return SourceColumn(self.name, self.declared, self.carries, self.nullable, self.comment)


@dataclass(frozen=True)
class UniqueKey:
    """Columns that the source keeps unique for all rows; whole columns, no condition."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ForeignKey:
    name: str
    columns: tuple[str, ...]
    parent: TableName
    parent_columns: tuple[str, ...]
    deferrable: bool = False
    #: whether the source has judged every row by it (SQLite has not, nor NOT VALID, nor without checks)
    judged: bool = True


@dataclass(frozen=True)
class Index:
    name: str
    #: empty where it is of expressions
    columns: tuple[str, ...]
    unique: bool = False
    #: the rows that it is of, in the source's dialect
    condition: str | None = None
    #: btree, hash, gin, fulltext, …, in small letters
    method: str = "btree"


@dataclass(frozen=True)
class Check:
    name: str
    #: in the source's dialect
    condition: str


@dataclass(frozen=True)
class Sequence:
    """A counter, and how far it is."""

    schema: str | None
    name: str
    #: the next value would follow this one; None when it was never asked
    last: int | None
    maximum: int
    #: the table and the column that count by it
    table: TableName | None = None
    column: str | None = None


@dataclass(frozen=True)
class CatalogTable:
    schema: str | None
    name: str
    columns: tuple[CatalogColumn, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    #: those that are neither the primary key's nor a unique key's
    indexes: tuple[Index, ...] = ()
    checks: tuple[Check, ...] = ()
    comment: str = ""
    #: estimates of the source's own; None where it has none
    rows: int | None = None
    bytes: int | None = None
    #: tables whose rows are read with this one's: its partitions, or those that inherit from it
    children: tuple[TableName, ...] = ()
    #: the table whose reading has these rows too (inheritance; partitions are left out themselves)
    inherits: TableName | None = None
    #: InnoDB, MyISAM, WITHOUT ROWID, partitioned, foreign, …: where it makes a difference
    storage: str = ""

    @property
    def table(self) -> TableName:
        return TableName(self.schema, self.name)

    @cached_property
    def source(self) -> SourceTable:
        """As the sources describe it, for a `Reading`."""
        return SourceTable(
            self.table,
            tuple(column.source for column in self.columns),
            self.primary_key,
            tuple(key.columns for key in self.uniques),
        )

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The primary key and the unique ones."""
        primary = (self.primary_key,) if self.primary_key else ()
        return (*primary, *(key.columns for key in self.uniques))

    def column(self, name: str) -> CatalogColumn:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class LeftOut:
    """What is there and is no table to move: a view, a partition, a shadow table, one without the right."""

    table: TableName
    why: str


@dataclass(frozen=True)
class Catalog:
    #: the server's name in the contracts (`legacy`)
    server: str
    #: postgres, mysql, sqlite or sqlalchemy: the source that reads it
    backend: str
    #: PostgreSQL, MariaDB, MySQL, SQLite, or what SQLAlchemy calls it
    engine: str
    version: str
    #: of the database's text
    encoding: str
    tables: tuple[CatalogTable, ...]
    #: the schema (or database) that the connection takes where none is said
    default_schema: str | None = None
    sequences: tuple[Sequence, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[TableName, CatalogTable]:
        return {table.table: table for table in self.tables}
