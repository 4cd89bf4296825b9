"""What the target's catalog says of a table, as data; reading only, by the queries of `tables/sql`."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract, TableName


@dataclass(frozen=True)
class TargetColumn:
    name: str
    #: as `format_type` prints it
    type: str
    type_oid: int
    required: bool
    #: has a default of its own or of its domain
    filled: bool
    #: "a" always, "d" by default, "" none
    identity: str
    #: "s" stored, "v" virtual, "" none
    generated: str


@dataclass(frozen=True)
class TargetIndex:
    """A valid B-tree index of columns alone, over all rows."""

    name: str
    is_unique: bool
    is_primary: bool
    #: a deferrable constraint's index is not; no foreign key can point to it
    is_immediate: bool
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TargetForeignKey:
    name: str
    parent_oid: int
    validated: bool
    deferrable: bool
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(zip(self.columns, self.parent_columns, strict=True))


@dataclass(frozen=True)
class ActingForeignKey:
    """A foreign key of another table that changes its rows when rows of this one are deleted."""

    name: str
    schema: str
    child: str
    #: "c" deletes them, "n" sets them NULL, "d" sets their default
    action: str
    #: whether the role may look at the child's rows
    readable: bool


@dataclass(frozen=True)
class TargetTable:
    """A relation of the target; the columns and indexes of a view are not looked at."""

    oid: int
    place: TableName
    #: pg_class.relkind
    kind: str
    columns: tuple[TargetColumn, ...] = ()
    indexes: tuple[TargetIndex, ...] = ()

    @property
    def is_table(self) -> bool:
        return self.kind in ("r", "p")

    @property
    def is_partitioned(self) -> bool:
        return self.kind == "p"

    def unique_over(self, columns: tuple[str, ...]) -> TargetIndex | None:
        """The unique index whose columns are exactly these, in any order; immediate ones first."""
        fitting = [i for i in self.indexes if i.is_unique and set(i.columns) == set(columns)]
        return min(fitting, key=lambda index: not index.is_immediate, default=None)


def place_of(contract: Contract) -> TableName:
    """The target's table with its schema: the contract's, the server's, else `public`."""
    table = contract.target_table
    return TableName(table.schema or contract.target.schema or "public", table.name)


def identifier(place: TableName) -> sql.Identifier:
    """The qualified name, quoted."""
    return sql.Identifier(*(part for part in (place.schema, place.name) if part is not None))


def spelled_out(place: TableName) -> str:
    """The qualified name as text that PostgreSQL reads as that name again (`::regclass`)."""
    parts = (part for part in (place.schema, place.name) if part is not None)
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def columns_of(contract: Contract, table: str | None = None) -> sql.Composable:
    """The contract's columns as a list, of the table's alias where one is given."""
    return sql.SQL(", ").join(
        sql.Identifier(table, c.name) if table else sql.Identifier(c.name) for c in contract.columns
    )


def column_list(columns: tuple[str, ...]) -> sql.Composed:
    """The columns, quoted and parted by commas."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def find(cursor: extensions.cursor, place: TableName) -> TargetTable | None:
    """The relation of that name with its columns and indexes; None where there is none."""
    rows = ask(cursor, "target_table", schema=place.schema, name=place.name)
    if not rows:
        return None
    oid, kind = rows[0]["oid"], rows[0]["kind"]
    if kind not in ("r", "p"):
        return TargetTable(oid, place, kind)
    columns = tuple(TargetColumn(**row) for row in ask(cursor, "target_columns", oid=oid))
    indexes = tuple(TargetIndex(**row) for row in ask(cursor, "target_indexes", oid=oid))
    return TargetTable(oid, place, kind, columns, indexes)


def foreign_keys(cursor: extensions.cursor, table: TargetTable) -> tuple[TargetForeignKey, ...]:
    return tuple(TargetForeignKey(**row) for row in ask(cursor, "target_foreign_keys", oid=table.oid))


def acting_foreign_keys(cursor: extensions.cursor, table: TargetTable) -> tuple[ActingForeignKey, ...]:
    return tuple(ActingForeignKey(**row) for row in ask(cursor, "target_acting_foreign_keys", oid=table.oid))


def names_taken(cursor: extensions.cursor, place: TableName, names: tuple[str, ...]) -> frozenset[str]:
    """Those of the names that a relation of the schema or a constraint of the table has."""
    rows = ask(cursor, "target_names_taken", schema=place.schema, table=place.name, names=list(names))
    return frozenset(row["name"] for row in rows)


def ask(cursor: extensions.cursor, query: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows of one of the queries of `tables/sql`, by column name; arrays as tuples."""
    cursor.execute(_text(query), parameters)
    names = [column.name for column in cursor.description or ()]
    rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return [{n: tuple(v) if isinstance(v, list) else v for n, v in row.items()} for row in rows]


@cache
def _text(query: str) -> str:
    return (resources.files("migration_assets.tables") / "sql" / f"{query}.sql").read_text("utf-8")
