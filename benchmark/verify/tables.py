"""The second table of a comparison: a copy of the first one, and rows of it that differ for a while."""

import os
import shlex
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

from psycopg2 import extensions, sql

from benchmark.cases import SCHEMA
from benchmark.contenders.pipe import psql
from benchmark.data import TABLE, statement
from benchmark.world import World
from migration_assets.demo.server import connected

PLACE = sql.Identifier(SCHEMA, TABLE)
#: order key and line number
Key = tuple[int, int]


def program() -> str:
    return f"{shlex.quote(psql() or 'psql')} --no-psqlrc --quiet --set ON_ERROR_STOP=1"


def copied(world: World) -> str:
    """The URL of a second database with the same table: one beside the source's, which is made once and
    kept, or the target where servers were named."""
    if "BENCH_TARGET_URL" in os.environ:
        return _filled(world, world.target)
    name = f"verify_{world.rows.name}"
    url = world.source.replace(f"/{world.rows.name}?", f"/{name}?")
    with connected(world.source) as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is not None:
            return url
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return _filled(world, url)


def _filled(world: World, url: str) -> str:
    schema = sql.Identifier(SCHEMA)
    with connected(url, transaction=True) as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}").format(schema))
        cursor.execute(statement(TABLE, (SCHEMA, TABLE)))
    copy = f"COPY {SCHEMA}.{TABLE}"
    line = f'{program()} -c "{copy} TO STDOUT" "$ONE" | {program()} -c "{copy} FROM STDIN" "$TWO"'
    urls = {"ONE": world.source, "TWO": url}
    subprocess.run(["bash", "-o", "pipefail", "-c", line], env={**os.environ, **urls}, check=True)
    with connected(url) as cursor:
        cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (l_orderkey, l_linenumber)").format(PLACE))
    with connected(url) as cursor:
        cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(PLACE))
    return url


@contextmanager
def differing(url: str, number: int, total: int) -> Generator[frozenset[Key]]:
    """Changes so many rows, scattered over all of the table, and puts them back."""
    if not number:
        yield frozenset()
        return
    with connected(url, transaction=True) as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT l_orderkey, l_linenumber FROM {} TABLESAMPLE BERNOULLI (%s) "
                "ORDER BY random() LIMIT %s"
            ).format(PLACE),
            (min(100.0, 100 * (2 * number + 50) / total), number),
        )
        chosen = cursor.fetchall()
        assert len(chosen) == number, "the table is too small for so many differences"
        _quantity(cursor, chosen, 1)
    try:
        yield frozenset(chosen)
    finally:
        with connected(url, transaction=True) as cursor:
            _quantity(cursor, chosen, -1)
        with connected(url) as cursor:
            cursor.execute(sql.SQL("VACUUM {}").format(PLACE))


def _quantity(cursor: extensions.cursor, keys: list[Key], more: int) -> None:
    cursor.executemany(
        sql.SQL(
            "UPDATE {} SET l_quantity = l_quantity + %s WHERE l_orderkey = %s AND l_linenumber = %s"
        ).format(PLACE),
        [(more, *key) for key in keys],
    )
