"""Business rules: the contract's SQL, asked of the target while the load is still invisible."""

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import specs
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.checks.rules import holds
from migration_assets.contracts.model import Column, Contract, Quality
from migration_assets.stores.postgres import classify
from migration_assets.tables.targets.catalog import identifier, place_of


def ask(cursor: extensions.cursor, contract: Contract) -> tuple[CheckOutcome, ...]:
    """The outcome of each SQL rule; a rule may read, and what it would write is undone."""
    of_columns = [(quality, column) for column in contract.columns for quality in column.quality]
    asked = [pair for pair in [(q, None) for q in contract.quality] + of_columns if pair[0].kind == "sql"]
    names = [spec.name for spec in specs(contract)][-len(asked) :] if asked else []
    return tuple(
        _outcome(cursor, contract, name, quality, column)
        for name, (quality, column) in zip(names, asked, strict=True)
    )


def _outcome(
    cursor: extensions.cursor, contract: Contract, name: str, quality: Quality, column: Column | None
) -> CheckOutcome:
    cursor.execute("SAVEPOINT business_rule")
    try:
        cursor.execute("SET LOCAL transaction_read_only = on")
        cursor.execute(_query(cursor, contract, quality.query, column))
        row = cursor.fetchone()
        value = float(row[0]) if row and row[0] is not None else 0.0
        passed = holds(value, quality.operator, quality.operand)
        summary = f"The query gives {value:g}; it {_words(quality)}."
        counts: dict[str, int | float | str] = {"found": value}
    except psycopg2.Error as error:
        fault = classify(error)
        if fault.passing:
            raise fault from None
        passed, summary, counts = False, f"The query cannot be run. {fault.what}", {}
    except (TypeError, ValueError):
        passed, summary, counts = False, "The query does not give one number.", {}
    cursor.execute("ROLLBACK TO SAVEPOINT business_rule")
    return CheckOutcome(name, passed, quality.blocking, summary, counts)


def _words(quality: Quality) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in quality.operator)
    return f"{words} {quality.operand}"


def _query(cursor: extensions.cursor, contract: Contract, query: str, column: Column | None) -> str:
    """The query with the standard's placeholders filled in."""
    table = identifier(place_of(contract)).as_string(cursor)
    for word in ("${object}", "{object}", "${table}", "{table}"):
        query = query.replace(word, table)
    if column is not None:
        name = sql.Identifier(column.name).as_string(cursor)
        for word in ("${property}", "{property}", "${column}", "{column}"):
            query = query.replace(word, name)
    return query
