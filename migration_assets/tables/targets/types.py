"""The contract's types as this target knows them."""

import re

import psycopg2
from psycopg2 import extensions

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Column, Contract
from migration_assets.errors import MappingFault

SERIALS = {
    "smallserial": "smallint",
    "serial2": "smallint",
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
}

#: which extension brings a type
EXTENSIONS = {
    "citext": "citext",
    "cube": "cube",
    "geography": "postgis",
    "geometry": "postgis",
    "hstore": "hstore",
    "isbn": "isn",
    "ltree": "ltree",
    "vector": "vector",
}


def is_serial(column: Column) -> bool:
    """Whether the type is short for an integer that a sequence of its own fills."""
    return column.type.strip().lower() in SERIALS


def is_required(contract: Contract, column: Column) -> bool:
    """Whether the target's column is NOT NULL; PostgreSQL makes keys and counted columns so."""
    counted = column.identity is not None or is_serial(column)
    return column.required or counted or column.name in contract.primary_key


def spelled(text: str) -> str:
    """The type as `format_type` prints it; ValueError when the text is not shaped like a type."""
    text = SERIALS.get(text.strip().lower(), text)
    unlimited = re.fullmatch(r"\s*(?:pg_catalog\s*\.\s*)?bpchar\s*(\[\d*\])*\s*", text, re.IGNORECASE)
    if unlimited:  # `character` without a length is character(1)
        return "bpchar[]" if unlimited[1] else "bpchar"
    return str(pgtypes.parse(text))


def oids(cursor: extensions.cursor, contract: Contract) -> dict[str, int]:
    """The target's type of each column by the column's name; MappingFault names all unknown ones."""
    known: dict[str, int | None] = {}
    for column in contract.columns:
        if column.type not in known:
            known[column.type] = _oid(cursor, column.type)
    unknown = [column for column in contract.columns if known[column.type] is None]
    if unknown:
        raise _unknown_types(contract, unknown)
    return {column.name: oid for column in contract.columns if (oid := known[column.type]) is not None}


def _oid(cursor: extensions.cursor, text: str) -> int | None:
    try:
        spelling = spelled(text)
    except ValueError:
        return None
    cursor.execute("SAVEPOINT type_lookup")
    try:
        cursor.execute("SELECT to_regtype(%s)::oid::bigint", (spelling,))
    except psycopg2.ProgrammingError:  # before PostgreSQL 16, for what cannot be a type
        cursor.execute("ROLLBACK TO SAVEPOINT type_lookup")
        return None
    row = cursor.fetchone()
    cursor.execute("RELEASE SAVEPOINT type_lookup")
    return row[0] if row else None


def _unknown_types(contract: Contract, columns: list[Column]) -> MappingFault:
    named = ", ".join(f"{column.type} (column {column.name})" for column in columns)
    first = columns[0]
    bare = first.type.split("(")[0].strip().split(".")[-1].strip('"').lower()
    if first.enum:
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in first.enum)
        way = f"`CREATE TYPE {first.type} AS ENUM ({labels})`"
    elif bare in EXTENSIONS:
        way = f"`CREATE EXTENSION {EXTENSIONS[bare]}`"
    else:
        way = "CREATE TYPE, CREATE DOMAIN or CREATE EXTENSION"
    return MappingFault(
        f"The target {contract.target.name} does not know {named} of contract {contract.name}; "
        "nothing was made.",
        advice=f"Correct `physicalType`, or make the type in the target first ({way}), "
        "then run `migrate plan`.",
    )
