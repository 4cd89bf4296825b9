"""Which rows a reading means, as SQLAlchemy's expressions; text by its bytes where the dialect can."""

from datetime import date
from decimal import Decimal
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from migration_assets.contracts.model import Scalar
from migration_assets.tables.sources import bounds
from migration_assets.tables.sources.base import Reading, SourceColumn

#: collations that compare by bytes; elsewhere text compares as its column says
_BY_BYTES = {
    "postgresql": "C",
    "sqlite": "BINARY",
    "mysql": "utf8mb4_bin",
    "mariadb": "utf8mb4_bin",
    "mssql": "Latin1_General_100_BIN2_UTF8",
    "oracle": "BINARY",
}
_TEXTS = ("CHAR", "TEXT", "CLOB", "STRING")


def table_of(reading: Reading) -> sa.TableClause:
    name = reading.table.name
    return sa.table(name.name, schema=name.schema)


def conditions(snapshot: Connection, reading: Reading) -> list[sa.ColumnElement[bool]]:
    ways = [
        sa.and_(sa.true(), *(_term(snapshot, reading, term) for term in terms))
        for terms in bounds.alternatives(reading.bounds)
    ]
    meant = sa.or_(sa.false(), *ways)
    if not reading.where:
        return [meant]
    return [sa.literal_column(f"(\n{reading.where}\n)", sa.Boolean()), meant]


def _term(snapshot: Connection, reading: Reading, term: bounds.Term) -> sa.ColumnElement[bool]:
    place = compared(snapshot, reading)
    match term:
        case bounds.AtLeast(value):
            return place >= bound(snapshot, reading, value)
        case bounds.Below(value):
            return place < bound(snapshot, reading, value)
        case bounds.Among(values):
            return place.in_([bound(snapshot, reading, value) for value in values])
        case bounds.NotAmong(values):
            return place.not_in([bound(snapshot, reading, value) for value in values])
        case bounds.Missing():
            return place.is_(None)
        case bounds.Present():
            return place.is_not(None)
        case _:
            assert_never(term)


def compared(snapshot: Connection, reading: Reading) -> sa.ColumnElement[Any]:
    assert reading.bounded is not None, "bounds speak of a column"
    place = sa.column(reading.bounded.name)
    collation = _BY_BYTES.get(snapshot.dialect.name)
    return sa.collate(place, collation) if collation and _is_text(reading.bounded) else place


def _is_text(column: SourceColumn) -> bool:
    return any(word in column.declared.upper() for word in _TEXTS)


def bound(snapshot: Connection, reading: Reading, value: Scalar) -> sa.ColumnElement[Any]:
    sqlite = snapshot.dialect.name == "sqlite"
    if isinstance(value, date) and (sqlite or (reading.bounded and _is_text(reading.bounded))):
        return sa.literal(bounds.text_of(value))
    return sa.literal(float(value) if sqlite and isinstance(value, Decimal) else value)
