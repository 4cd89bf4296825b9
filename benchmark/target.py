"""The target before a round: nothing in it but an empty table, where the contender wants one."""

from psycopg2 import errors, sql

from benchmark.cases import SCHEMA
from benchmark.data import statement
from migration_assets.demo.server import connected

#: what contenders leave; nothing else in the target is touched
LEFT = (SCHEMA, f"{SCHEMA}_staging", "migration", "pgcopydb")


def empty(url: str) -> None:
    with connected(url, transaction=True) as cursor:
        for schema in LEFT:
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def with_table(url: str, table: str) -> None:
    """An empty table without an index: the most favourable one for whoever only copies."""
    with connected(url, transaction=True) as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
        cursor.execute(statement(table, (SCHEMA, table)))


def settled(url: str) -> None:
    """Nothing of an earlier round is left to be written while the next one is measured."""
    try:
        with connected(url) as cursor:
            cursor.execute("CHECKPOINT")
    except errors.InsufficientPrivilege:
        return
