"""What became of the rows, as the databases themselves say: counts and hashes of source and target."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql

from benchmark.cases import SCHEMA, Case
from benchmark.data import SQL
from migration_assets.demo.server import connected

#: values as their types print them, the same in both sessions
SESSION = "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'postgres'"
HASHED = sql.SQL((SQL / "rows_hash.sql").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True)
class Relation:
    """A table, or what a query answers, with its columns in order."""

    query: sql.Composable
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Finding:
    """Whether the same rows arrived with the same values, and what is to be said of it."""

    exact: bool
    note: str = ""


@dataclass(frozen=True)
class Wanted:
    """What should arrive, with its hash: taken once for all contenders."""

    url: str
    relation: Relation
    hash: tuple[int, int, int]


def wanted(url: str, table: str, query: str = "SELECT * FROM {table}") -> Wanted:
    """Of the source PostgreSQL: its table as it is, or what a query makes of it."""
    relation = _described(url, sql.SQL(query).format(table=sql.Identifier(SCHEMA, table)))
    names = [column.name for column in relation.columns]
    return Wanted(url, relation, rows_hash(url, relation.query, names))


def mapped(case: Case) -> str:
    """The case's own query of what its contract has to make."""
    return (SQL / f"{case.name}.sql").read_text(encoding="utf-8")


def _described(url: str, query: sql.Composable) -> Relation:
    with connected(url, transaction=True) as cursor:
        cursor.execute(sql.SQL("CREATE TEMP VIEW described AS {}").format(query))
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'pg_temp.described'::regclass AND attnum > 0 ORDER BY attnum"
        )
        columns = tuple(Column(name, kind) for name, kind in cursor.fetchall())
        cursor.execute("DROP VIEW pg_temp.described")
    return Relation(query, columns)


def compared(wanted: Wanted, url: str, table: str) -> Finding:
    """
    target                             exact   note
    no such table, or columns missing  no      says so
    another number of rows             no      how many
    other values                       no      the columns in which they differ
    the same values                    yes     columns of another type, where there are any
    """
    with connected(url) as cursor:
        cursor.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.{table}",))
        if cursor.fetchone() == (None,):
            return Finding(False, "no table arrived")
    arrived = _described(url, sql.SQL("SELECT * FROM {}").format(sql.Identifier(SCHEMA, table)))
    types = {column.name: column.type for column in arrived.columns}
    names = [column.name for column in wanted.relation.columns]
    absent = [name for name in names if name not in types]
    if absent:
        return Finding(False, f"columns missing: {', '.join(absent)}")
    there = rows_hash(url, arrived.query, names)
    if there[0] != wanted.hash[0]:
        return Finding(False, f"{there[0]:,} of {wanted.hash[0]:,} rows arrived")
    changed = _changed_types(wanted.relation, types)
    if there == wanted.hash:
        return Finding(True, changed)
    damaged = [
        name
        for name in names
        if rows_hash(url, arrived.query, [name]) != rows_hash(wanted.url, wanted.relation.query, [name])
    ]
    said = f"values changed: {', '.join(damaged) or 'none alone, but rows are mixed up'}"
    return Finding(False, "; ".join(filter(None, (said, changed))))


def rows_hash(url: str, query: sql.Composable, columns: Sequence[str]) -> tuple[int, int, int]:
    """Number of rows, and the sums of two hashes of the rows' text, which no order of rows changes."""
    row = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    with connected(url) as cursor:
        cursor.execute(SESSION)
        cursor.execute(HASHED.format(row=row, query=query))
        found = cursor.fetchone()
    assert found is not None
    return int(found[0]), int(found[1] or 0), int(found[2] or 0)


def _changed_types(wanted: Relation, types: dict[str, str]) -> str:
    changed = [
        f"{column.name} {types[column.name]}"
        for column in wanted.columns
        if types[column.name] != column.type
    ]
    return f"other types: {', '.join(changed)}" if changed else ""
