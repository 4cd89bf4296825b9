"""PostgreSQL's catalog, whole, in seven questions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.analyzer.catalog import model, postgres_parts
from migration_assets.analyzer.catalog.base import SHOWN, Rows
from migration_assets.analyzer.catalog.model import Catalog, CatalogTable, LeftOut
from migration_assets.analyzer.catalog.postgres_parts import Relation
from migration_assets.analyzer.catalog.queries import query
from migration_assets.contracts.model import Server, TableName
from migration_assets.stores import postgres
from migration_assets.tables.sources.postgres import snapshot

__all__ = ["missing", "read", "sample", "snapshot"]

_WHY = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table: its rows are another server's",
}
#: rows above which a sample is of pages here and there
_SPREAD = 20_000


def read(snapshot: Connection, server: Server, schemas: Sequence[str]) -> Catalog:
    version, encoding, default_schema = _ask(snapshot, "server")[0]
    relations = [Relation(*row) for row in _ask(snapshot, "tables", schemas=list(schemas))]
    tables, left_out = _sorted(relations)
    sequences = tuple(
        model.Sequence(schema, name, last, maximum, TableName(*place) if all(place) else None, column)
        for schema, name, last, maximum, *place, column in _ask(snapshot, "sequences", schemas=list(schemas))
    )
    return Catalog(
        server.name,
        "postgres",
        "PostgreSQL",
        version.split()[0],
        encoding,
        tuple(_tables(snapshot, tables, relations)),
        default_schema,
        sequences,
        tuple(left_out),
    )


def sample(snapshot: Connection, table: CatalogTable, rows: int) -> Rows:
    some = sql.SQL("")
    if table.rows and table.rows > _SPREAD and not table.children:
        share = min(100.0, 100.0 * 20 * rows / table.rows)
        some = sql.SQL(" TABLESAMPLE SYSTEM ({}) REPEATABLE (1)").format(sql.Literal(round(share, 4)))
    statement = sql.SQL("SELECT {} FROM {}{} LIMIT {}")
    place = sql.Identifier(table.schema or "public", table.name)
    columns = sql.SQL(", ").join(
        sql.SQL("left({}::text, {})").format(sql.Identifier(column.name), sql.Literal(SHOWN))
        for column in table.columns
    )
    found = _fetched(snapshot, statement.format(columns, place, some, sql.Literal(rows)))
    if not found and table.rows:
        found = _fetched(snapshot, statement.format(columns, place, sql.SQL(""), sql.Literal(rows)))
    return found


def missing(
    snapshot: Connection,
    child: CatalogTable,
    columns: Sequence[str],
    parent: CatalogTable,
    parent_columns: Sequence[str],
    most: int,
) -> tuple[int, int]:
    pairs = list(zip(columns, parent_columns, strict=True))
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM {parent} p WHERE {same})), count(*) FROM "
        "(SELECT DISTINCT {columns} FROM (SELECT {columns} FROM {child} WHERE {there} LIMIT {some}) s "
        "LIMIT {most}) c"
    ).format(
        parent=sql.Identifier(parent.schema or "public", parent.name),
        child=sql.Identifier(child.schema or "public", child.name),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        same=sql.SQL(" AND ").join(
            sql.SQL("p.{} = c.{}").format(sql.Identifier(far), sql.Identifier(own)) for own, far in pairs
        ),
        there=sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(c)) for c in columns),
        some=sql.Literal(most * 20),
        most=sql.Literal(most),
    )
    absent, looked = _fetched(snapshot, statement)[0]
    return absent, looked


def _sorted(relations: Sequence[Relation]) -> tuple[list[Relation], list[LeftOut]]:
    """Tables to move, and what is none."""
    tables: list[Relation] = []
    left_out: list[LeftOut] = []
    names = {relation.oid: relation.table for relation in relations}
    for relation in relations:
        why = _WHY.get(relation.kind)
        if relation.partition:
            parent = names.get(relation.parent or 0)
            why = f"a partition of {parent}, with which its rows are moved" if parent else "a partition"
        elif relation.extension:
            why = f"belongs to the extension {relation.extension}"
        elif why is None and not relation.readable:
            why = "the role may not read it: GRANT SELECT"
        elif why is None and relation.hidden:
            why = "a policy hides rows of it from the role: take one with BYPASSRLS"
        if why:
            left_out.append(LeftOut(relation.table, why))
        else:
            tables.append(relation)
    return tables, left_out


def _tables(
    snapshot: Connection, tables: Sequence[Relation], relations: Sequence[Relation]
) -> Iterator[CatalogTable]:
    below = _below(relations)
    oids = [table.oid for table in tables]
    parts = [relation.oid for relation in relations if relation.partition]
    columns = _grouped(_ask(snapshot, "columns", oids=oids))
    indexes = _grouped(_ask(snapshot, "indexes", oids=oids))
    keys = _grouped(_ask(snapshot, "foreign_keys", oids=[*oids, *parts]))
    checks = _grouped(_ask(snapshot, "checks", oids=oids))
    names = {relation.oid: relation.table for relation in relations}
    shared = postgres_parts.shared_sequences(row[5] for rows in columns.values() for row in rows)
    for table in tables:
        yield postgres_parts.table(
            table,
            columns[table.oid],
            indexes[table.oid],
            postgres_parts.foreign_keys(table, keys, below[table.oid]),
            checks[table.oid],
            below[table.oid],
            names,
            shared,
        )


def _below(relations: Sequence[Relation]) -> Mapping[int, list[Relation]]:
    """All partitions and heirs of each relation, however deep."""
    direct: defaultdict[int, list[Relation]] = defaultdict(list)
    for relation in relations:
        if relation.parent:
            direct[relation.parent].append(relation)

    def deep(oid: int) -> Iterator[Relation]:
        for relation in direct.get(oid, ()):
            yield relation
            yield from deep(relation.oid)

    return defaultdict(list, {relation.oid: list(deep(relation.oid)) for relation in relations})


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    grouped: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return grouped


def _ask(snapshot: Connection, question: str, **parameters: object) -> list[tuple[Any, ...]]:
    return _fetched(snapshot, query(f"postgres_{question}"), parameters)


def _fetched(
    snapshot: Connection, statement: str | sql.Composable, parameters: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    try:
        with snapshot.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall()
    except psycopg2.Error as error:
        raise postgres.classify(error) from None
