"""The rights that the target's role needs, one by one, and which of them it lacks."""

from collections.abc import Mapping, Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.analyzer.preflight.finding import Finding
from migration_assets.analyzer.preflight.sides.postgres import ask
from migration_assets.contracts.model import Contract
from migration_assets.tables.targets.catalog import identifier, place_of
from migration_assets.tables.targets.rights import MissingRight, lacking

#: contracts that are named in a sentence
NAMED = 5


def rights(
    connection: Connection, chosen: Sequence[Contract], contracts: Mapping[str, Contract]
) -> tuple[Finding, ...]:
    """One finding a right; the statements that give what is missing are its advice."""
    missing = [each for contract in chosen for each in lacking(connection, contract)]
    missing += _references(connection, chosen, contracts)
    needed = dict.fromkeys(("CREATE", "USAGE", "SELECT", "INSERT"))
    needed |= dict.fromkeys("DELETE" if each.load_mode == "replace" else "UPDATE" for each in chosen)
    needed |= dict.fromkeys(["REFERENCES"] if any(each.references for each in chosen) else [])
    upserts = any(each.load_mode == "upsert" for each in chosen)
    return (
        *(_right(right, [each for each in missing if each.right == right]) for right in needed),
        *_database(connection, upserts=upserts),
    )


def _right(right: str, missing: Sequence[MissingRight]) -> Finding:
    name = f"right {right}"
    if not missing:
        return Finding(name, "target", True, True, "there for every contract that needs it")
    contracts = list(dict.fromkeys(each.contract for each in missing))
    more = f" and {len(contracts) - NAMED} more" if len(contracts) > NAMED else ""
    found = f"{missing[0].role} lacks it for {', '.join(contracts[:NAMED])}{more}"
    grants = dict.fromkeys(each.grant for each in missing)
    return Finding(name, "target", False, True, found, "; ".join(grants) + ";")


def _references(
    connection: Connection, chosen: Sequence[Contract], contracts: Mapping[str, Contract]
) -> list[MissingRight]:
    pairs = [
        (contract.name, place_of(contracts[reference.parent]))
        for contract in chosen
        for reference in contract.references
        if reference.parent in contracts
    ]
    found = ask(
        connection,
        "preflight_target_parents",
        schemas=[place.schema for _, place in pairs],
        names=[place.name for _, place in pairs],
    )
    (who,) = ask(connection, "preflight_target_more")
    role = who["role"]
    grant = sql.SQL("GRANT REFERENCES ON TABLE {} TO {}")
    return [
        MissingRight(
            "REFERENCES",
            name,
            role,
            grant.format(identifier(place), sql.Identifier(role)).as_string(connection),
        )
        for (name, place), row in zip(pairs, found, strict=True)
        if row["barred"]
    ]


def _database(connection: Connection, *, upserts: bool) -> tuple[Finding, Finding]:
    (found,) = ask(connection, "preflight_target_more")
    role = sql.Identifier(found["role"])
    on_database = sql.SQL("DATABASE {}").format(sql.Identifier(found["database"]))

    def grant(words: str, on: sql.Composable) -> str:
        return sql.SQL("GRANT {} ON {} TO {};").format(sql.SQL(words), on, role).as_string(connection)

    temporary = Finding(
        "right TEMP",
        "target",
        found["temporary"],
        upserts,
        "temporary tables can be made"
        if found["temporary"]
        else f"{found['role']} may make no temporary tables, which "
        + ("an upsert goes through" if upserts else "the estimate measures with"),
        "" if found["temporary"] else grant("TEMPORARY", on_database),
    )
    schema = sql.SQL("SCHEMA migration")
    if found["ledger"]:
        fits = found["use_ledger"] and found["write_ledger"]
        said = "migration.load and migration.quarantine can be written"
        way = " ".join(
            (
                grant("USAGE", schema),
                grant("SELECT, INSERT", sql.SQL("TABLE migration.load")),
                grant("INSERT", sql.SQL("TABLE migration.quarantine")),
            )
        )
    elif found["ledger_schema"]:
        # the database's CREATE is asked for even where the schema is there
        fits = found["use_ledger"] and found["create_in_ledger"] and found["create_schema"]
        said = "its tables can be made"
        way = " ".join((grant("USAGE, CREATE", schema), grant("CREATE", on_database)))
    else:
        fits, said = found["create_schema"], "its schema `migration` can be made"
        way = grant("CREATE", on_database)
    ledger = Finding(
        "ledger",
        "target",
        fits,
        True,
        said if fits else f"{found['role']} has not the right to it",
        "" if fits else way,
    )
    return temporary, ledger
