"""Which rights the role of the connection lacks to make and load a contract's table."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.targets.catalog import ask, identifier, place_of
from migration_assets.tables.targets.locks import transaction


def missing_rights(connection: extensions.connection, contract: Contract) -> tuple[str, ...]:
    """One sentence a right that is missing, with the GRANT to run; none when all are there."""
    place = place_of(contract)
    with transaction(connection) as cursor:
        (found,) = ask(cursor, "target_rights", schema=place.schema, name=place.name)
        grants = [
            (right, sql.SQL("GRANT {} ON {}").format(sql.SQL(right), on))
            for right, on in _missing(contract, found)
        ]
        role = sql.Identifier(found["role"])
        return tuple(
            f"The role {found['role']} lacks {right} for contract {contract.name}; "
            f"run: {(grant + sql.SQL(' TO {}').format(role)).as_string(cursor)}"
            for right, grant in grants
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
