"""Which rights the role of the connection lacks to make and load a contract's table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.targets.catalog import ask, identifier, place_of
from migration_assets.tables.targets.locks import transaction


@dataclass(frozen=True)
class MissingRight:
    right: str
    contract: str
    role: str
    #: the statement that gives it
    grant: str

    def __str__(self) -> str:
        return f"The role {self.role} lacks {self.right} for contract {self.contract}; run: {self.grant}"


def missing_rights(connection: extensions.connection, contract: Contract) -> tuple[str, ...]:
    """One sentence a right that is missing, with the GRANT to run; none when all are there."""
    return tuple(map(str, lacking(connection, contract)))


def lacking(connection: extensions.connection, contract: Contract) -> tuple[MissingRight, ...]:
    """The rights that are missing, each by itself."""
    place = place_of(contract)
    with transaction(connection) as cursor:
        (found,) = ask(cursor, "target_rights", schema=place.schema, name=place.name)
        role = sql.Identifier(found["role"])
        return tuple(
            MissingRight(
                right,
                contract.name,
                found["role"],
                sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(right), on, role).as_string(cursor),
            )
            for right, on in _missing(contract, found)
        )


def _missing(contract: Contract, found: Mapping[str, Any]) -> Iterator[tuple[str, sql.Composable]]:
    """
    schema    table     rights needed
    absent    -         CREATE on the database
    present   absent    USAGE, CREATE on the schema
    present   present   USAGE on the schema; SELECT, INSERT and DELETE, or UPDATE for upsert, on the table
    """
    place = place_of(contract)
    if found["use_schema"] is None:
        if not found["create_schema"]:
            yield "CREATE", sql.SQL("DATABASE {}").format(sql.Identifier(found["database"]))
        return
    schema = sql.SQL("SCHEMA {}").format(sql.Identifier(place.schema or ""))
    if not found["use_schema"]:
        yield "USAGE", schema
    if found["select_rows"] is None:
        if not found["create_table"]:
            yield "CREATE", schema
        return
    changes = "UPDATE" if contract.load_mode == "upsert" else "DELETE"
    for right in ("SELECT", "INSERT", changes):
        if not found[f"{right.lower()}_rows"]:
            yield right, sql.SQL("TABLE {}").format(identifier(place))
