"""Which rows a reading means, as SQLite's SQL: any value in SQLite's one order, text by its bytes."""

from decimal import Decimal
from typing import Any, assert_never

from migration_assets.contracts.model import Scalar
from migration_assets.tables.sources import bounds
from migration_assets.tables.sources.base import Reading, SourceColumn


def rows(reading: Reading) -> tuple[str, list[Any]]:
    """`FROM … WHERE …`, and its parameters."""
    parameters: list[Any] = []
    ways = [
        " AND ".join([_term(reading, term, parameters) for term in terms] or ["TRUE"])
        for terms in bounds.alternatives(reading.bounds)
    ]
    where = f"(\n{reading.where}\n) AND " if reading.where else ""
    table = quoted(reading.table.name.name)
    return f"FROM main.{table} WHERE {where}({' OR '.join(ways or ['FALSE'])})", parameters


def _term(reading: Reading, term: bounds.Term, parameters: list[Any]) -> str:
    place = compared(reading)
    match term:
        case bounds.AtLeast(value):
            parameters.append(parameter(value))
            return f"{place} >= ?"
        case bounds.Below(value):
            parameters.append(parameter(value))
            return f"{place} < ?"
        case bounds.Among(values) | bounds.NotAmong(values):
            parameters.extend(map(parameter, values))
            among = "IN" if isinstance(term, bounds.Among) else "NOT IN"
            return f"{place} {among} ({', '.join('?' * len(values))})"
        case bounds.Missing():
            return f"{place} IS NULL"
        case bounds.Present():
            return f"{place} IS NOT NULL"
        case _:
            assert_never(term)


def parameter(value: Scalar) -> int | float | str:
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else float(value)
    return float(value) if isinstance(value, Decimal) else bounds.text_of(value)


def compared(reading: Reading) -> str:
    assert reading.bounded is not None, "bounds speak of a column"
    return f"{place_of(reading, reading.bounded)} COLLATE BINARY"


def place_of(reading: Reading, column: SourceColumn) -> str:
    # SQLite takes a lone quoted name that it does not know for a text
    return f"{quoted(reading.table.name.name)}.{quoted(column.name)}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
