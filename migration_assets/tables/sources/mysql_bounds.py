"""Which rows a reading means, as MySQL's SQL: numbers and moments in their order, text by its bytes.

A date without year, month or day is not in PostgreSQL's calendar; it counts as missing.
"""

from decimal import Decimal, InvalidOperation
from typing import assert_never

from migration_assets.contracts.model import Scalar
from migration_assets.errors import MappingFault
from migration_assets.tables.sources import bounds
from migration_assets.tables.sources.base import Reading, SourceColumn
from migration_assets.tables.sources.mysql_fields import known, plain
from migration_assets.tables.sources.mysql_types import Kind, declared


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def rows(reading: Reading) -> str:
    """`FROM … WHERE …`"""
    table = reading.table.name
    place = ".".join(quoted(part) for part in (table.schema, table.name) if part)
    where = f"(\n{reading.where}\n) AND " if reading.where else ""
    ways = [
        " AND ".join([_term(column(reading), term) for term in terms] or ["TRUE"])
        for terms in bounds.alternatives(reading.bounds)
    ]
    return f"FROM {place} WHERE {where}({' OR '.join(ways or ['FALSE'])})"


def column(reading: Reading) -> SourceColumn:
    assert reading.bounded is not None, "bounds speak of a column"
    return reading.bounded


def compared(bounded: SourceColumn) -> str:
    """The column as it is compared."""
    name = quoted(bounded.name)
    match declared(bounded).kind:
        case "text" | "bits" | "other":
            return f"CAST({plain(bounded, name)} AS BINARY)"
        case "float":
            return f"({name} + 0e0)"
        case "integer" | "number" | "moment" | "bytes":
            return name


def present(bounded: SourceColumn) -> str:
    name = quoted(bounded.name)
    real = known(bounded, name)
    return f"({name} IS NOT NULL AND {real})" if real else f"({name} IS NOT NULL)"


def literal(bounded: SourceColumn, value: Scalar) -> str:
    """The bound in the column's own kind: a number as a number, so that it is not compared as a double."""
    text = bounds.text_of(value)
    kind: Kind = declared(bounded).kind
    match kind:
        case "integer" | "number":
            return f"{_number(bounded, text):f}"
        case "float":
            return f"{_number(bounded, text):e}"
        case "moment":
            # the session's time zone is UTC, which the literal then does not say
            return f"'{_moment(bounded, text.removesuffix('+00'))}'"
        case "bytes":
            return f"X'{_hex(bounded, text)}'"
        case "text" | "bits" | "other":
            return f"X'{text.encode().hex()}'"


def _term(bounded: SourceColumn, term: bounds.Term) -> str:
    place = compared(bounded)
    match term:
        case bounds.AtLeast(value):
            return f"{place} >= {literal(bounded, value)}"
        case bounds.Below(value):
            return f"{place} < {literal(bounded, value)}"
        case bounds.Among(values):
            exactly = f"{place} IN ({_literals(bounded, values)})"
            if declared(bounded).kind != "text":
                return exactly
            # an index serves the column's own equality, which never tells apart what bytes do not
            loosely = ", ".join(f"_utf8mb4 {literal(bounded, value)}" for value in values)
            return f"({quoted(bounded.name)} IN ({loosely}) AND {exactly})"
        case bounds.NotAmong(values):
            return f"{place} NOT IN ({_literals(bounded, values)})"
        case bounds.Missing():
            return f"NOT {present(bounded)}"
        case bounds.Present():
            return present(bounded)
        case _:
            assert_never(term)


def _literals(bounded: SourceColumn, values: tuple[Scalar, ...]) -> str:
    return ", ".join(literal(bounded, value) for value in values)


def _number(bounded: SourceColumn, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _unlike(bounded, "numbers") from None
    if not number.is_finite():
        raise _unlike(bounded, "numbers")
    return number


def _moment(bounded: SourceColumn, text: str) -> str:
    if set(text) - set("0123456789-:. T"):
        raise _unlike(bounded, "dates and times")
    return text


def _hex(bounded: SourceColumn, text: str) -> str:
    try:
        return bytes.fromhex(text.removeprefix("\\x")).hex()
    except ValueError:
        raise _unlike(bounded, "bytes (`\\x` and hexadecimal digits)") from None


def _unlike(bounded: SourceColumn, those: str) -> MappingFault:
    return MappingFault(
        f"The partition column {bounded.name} holds {those} in the source, and a bound is none.",
        advice="Correct `partitions` in the contract, then run `migrate plan`.",
    )
