"""The statements that make a contract's table: all that must be there before rows come."""

import re
from collections.abc import Iterator, Mapping

from psycopg2 import sql

from migration_assets.contracts.model import Column, Contract, TableName
from migration_assets.tables.targets.catalog import column_list, identifier, place_of, spelled_out
from migration_assets.tables.targets.names import candidates, first_free
from migration_assets.tables.targets.types import is_required, is_serial, spelled

NEXTVAL = re.compile(
    r"\s*nextval\s*\(\s*'(?P<name>(?:[^']|'')+)'\s*(?:::\s*(?:pg_catalog\.)?(?:regclass|text)\s*)?\)\s*",
    re.IGNORECASE,
)


def sequence_called(column: Column) -> str | None:
    """The sequence's name, as SQL spells it, when the column's default is its next value."""
    found = NEXTVAL.fullmatch(column.default or "")
    return found["name"].replace("''", "'") if found else None


def names_wanted(contract: Contract) -> tuple[str, ...]:
    """Every name that a constraint of the table may get."""
    return tuple(name for words, _ in _worded(contract) for name in candidates(*words))


def statements(
    contract: Contract, taken: frozenset[str], sequences: Mapping[str, TableName], *, keys: bool = True
) -> Iterator[sql.Composable]:
    """What makes the table, in order.

    `taken` are names that others have; `sequences` those to be made, by the column that they fill;
    `keys` says whether its primary key and unique constraints come with it, or later.
    """
    place = place_of(contract)
    table = identifier(place)
    for sequence in dict.fromkeys(sequences.values()):
        yield sql.SQL("CREATE SEQUENCE IF NOT EXISTS {}").format(identifier(sequence))
    parts = [
        *(_column(contract, c, sequences) for c in contract.columns),
        *_constraints(contract, taken, keys),
    ]
    yield sql.SQL("CREATE TABLE {} (\n{}\n)").format(table, sql.SQL(",\n").join(parts))
    for name, sequence in sequences.items():
        if sequence.schema == place.schema:
            yield sql.SQL("ALTER SEQUENCE {} OWNED BY {}.{}").format(
                identifier(sequence), table, sql.Identifier(name)
            )
    yield from _comments(contract, table)


def unique_sets(contract: Contract) -> tuple[tuple[str, ...], ...]:
    """The sets of columns that the contract says are unique, each once, the primary key not among them."""
    said = [*contract.unique, *((column.name,) for column in contract.columns if column.unique)]
    sets = {frozenset(columns): columns for columns in reversed(said)}
    sets.pop(frozenset(contract.primary_key), None)
    return tuple(reversed(sets.values()))


def _column(contract: Contract, column: Column, sequences: Mapping[str, TableName]) -> sql.Composable:
    filled = column.identity is not None or column.default is not None
    written = column.type.strip().lower() if is_serial(column) and not filled else spelled(column.type)
    words: list[sql.Composable] = [sql.Identifier(column.name), sql.SQL(written)]
    if column.identity is not None:
        words.append(sql.SQL(f"GENERATED {column.identity.upper()} AS IDENTITY"))
    elif column.name in sequences:
        quoted = spelled_out(sequences[column.name])
        words.append(sql.SQL("DEFAULT nextval({}::regclass)").format(sql.Literal(quoted)))
    elif column.default is not None:
        words.append(_condition("DEFAULT", column.default))
    if is_required(contract, column):
        words.append(sql.SQL("NOT NULL"))
    return sql.SQL(" ").join(words)


def key_constraints(contract: Contract) -> dict[tuple[str, ...], tuple[tuple[str, ...], sql.Composable]]:
    """By their columns, the constraints that keep rows apart: the words of their names, what they say."""
    table = contract.target_table.name
    found: dict[tuple[str, ...], tuple[tuple[str, ...], sql.Composable]] = {}
    if contract.primary_key:
        clause = sql.SQL("PRIMARY KEY ({})").format(column_list(contract.primary_key))
        found[contract.primary_key] = (table, "pkey"), clause
    for columns in unique_sets(contract):
        found[columns] = (table, *columns, "key"), sql.SQL("UNIQUE ({})").format(column_list(columns))
    return found


def _constraints(contract: Contract, taken: frozenset[str], keys: bool) -> Iterator[sql.Composable]:
    used = {*taken, *contract.checks}
    for words, clause in _worded(contract) if keys else _column_checks(contract):
        name = first_free(candidates(*words), used)
        used.add(name)
        yield _constraint(name, clause)
    for name, condition in contract.checks.items():
        yield _constraint(name, _condition("CHECK", condition))


def _worded(contract: Contract) -> Iterator[tuple[tuple[str, ...], sql.Composable]]:
    """The constraints that have no name of their own: the words of their names, and what they say."""
    yield from key_constraints(contract).values()
    yield from _column_checks(contract)


def _column_checks(contract: Contract) -> Iterator[tuple[tuple[str, ...], sql.Composable]]:
    for column in contract.columns:
        if column.check is not None:
            words = (contract.target_table.name, column.name, "check")
            yield words, _condition("CHECK", column.check)


def _constraint(name: str, clause: sql.Composable) -> sql.Composable:
    return sql.SQL("CONSTRAINT {} {}").format(sql.Identifier(name), clause)


def _condition(keyword: str, expression: str) -> sql.Composable:
    # the line break ends a comment at the expression's end
    return sql.SQL("{} (").format(sql.SQL(keyword)) + sql.SQL(expression) + sql.SQL("\n)")


def _comments(contract: Contract, table: sql.Identifier) -> Iterator[sql.Composable]:
    if contract.description:
        yield sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(contract.description))
    for column in contract.columns:
        if column.description:
            yield sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                table, sql.Identifier(column.name), sql.Literal(column.description)
            )
