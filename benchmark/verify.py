"""`python -m benchmark.verify`: how fast two tables are compared, beside reading both of them at once.

The rows are TPC-H's lineitem in two databases of one PostgreSQL; then so many rows of the second one are
changed, scattered over all of it. Each round is a fresh process, and the contenders take turns.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmark.__main__ import folder
from benchmark.cases import CASES, SCHEMA
from benchmark.contenders.pipe import psql
from benchmark.data import statement
from benchmark.measuring import Command, Measured, measured
from benchmark.task import by_socket
from benchmark.world import World, opened
from migration_assets.demo.server import connected

CASE = CASES["postgres_identity"]
DIFFERENCES = (0, 1, 10, 1_000)
LIMIT = 600


@dataclass(frozen=True)
class Result:
    contender: str
    differences: int
    rounds: tuple[float, ...]
    median_s: float
    cpu_s: float
    peak_rss_mb: float | None
    exit_codes: tuple[int, ...]


@dataclass(frozen=True)
class Contender:
    name: str
    command: Command
    #: whether it is asked with differences too
    compares: bool = True


def contenders(world: World, other: str) -> Iterator[Contender]:
    out = f"COPY {SCHEMA}.{CASE.table} TO STDOUT"
    program = f"{shlex.quote(psql() or 'psql')} --no-psqlrc --quiet --set ON_ERROR_STOP=1"
    both = f'{program} -c "{out}" "$ONE" >/dev/null & {program} -c "{out}" "$TWO" >/dev/null & wait'
    urls = {"ONE": world.source, "TWO": other}
    yield Contender("read both", Command(["bash", "-c", both], urls), compares=False)
    environment = {
        "BENCH_SOURCE_URL": world.source,
        "BENCH_TARGET_URL": other,
        "MIGRATION_CONTRACTS": str(world.planned(CASE, world.source)),
        "MIGRATION_STAGING": str(world.folder / "round"),
        "DAGSTER_HOME": str(world.home),
    }
    program_of_ours = [sys.executable, "-m", "benchmark.programs.verify_alone", CASE.table]
    yield Contender("migration-assets", Command(program_of_ours, environment))
    reladiff = world.peers / "bin" / "reladiff"
    if reladiff.exists():
        table = f"{SCHEMA}.{CASE.table}"
        urls = [by_socket(world.source), table, by_socket(other), table]
        yield Contender("reladiff", Command([str(reladiff), *urls, *KEYED]))


KEYED = ("-k", "l_orderkey", "-k", "l_linenumber", "-c", "%", "--stats")


@contextmanager
def differing(url: str, number: int, total: int) -> Generator[None]:
    """Changes so many rows, chosen by chance, and puts them back."""
    with connected(url, transaction=True) as cursor:
        cursor.execute(
            f"SELECT l_orderkey, l_linenumber FROM {SCHEMA}.{CASE.table} TABLESAMPLE BERNOULLI (%s) "
            "REPEATABLE (1) ORDER BY random() LIMIT %s",
            (min(100.0, 200 * number / total), number),
        )
        chosen = cursor.fetchall()
        _quantity(cursor, chosen, "+ 1")
    try:
        yield
    finally:
        with connected(url, transaction=True) as cursor:
            _quantity(cursor, chosen, "- 1")
        with connected(url) as cursor:
            cursor.execute(f"VACUUM {SCHEMA}.{CASE.table}")


def _quantity(cursor: object, keys: Sequence[tuple[int, int]], change: str) -> None:
    cursor.executemany(  # type: ignore[attr-defined]
        f"UPDATE {SCHEMA}.{CASE.table} SET l_quantity = l_quantity {change} "
        "WHERE l_orderkey = %s AND l_linenumber = %s",
        keys,
    )


def copied(world: World) -> str:
    """A second database with the same table, made once."""
    name = f"verify_{world.rows.name}"
    url = world.source.replace(f"/{world.rows.name}?", f"/{name}?")
    with connected(world.source) as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is not None:
            return url
        cursor.execute(f'CREATE DATABASE "{name}"')
    with connected(url, transaction=True) as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(statement(CASE.table, (SCHEMA, CASE.table)))
    program = f"{shlex.quote(psql() or 'psql')} --no-psqlrc --quiet --set ON_ERROR_STOP=1"
    copy = f"COPY {SCHEMA}.{CASE.table}"
    line = f'{program} -c "{copy} TO STDOUT" "$ONE" | {program} -c "{copy} FROM STDIN" "$TWO"'
    urls = {"ONE": world.source, "TWO": url}
    subprocess.run(["bash", "-o", "pipefail", "-c", line], env={**os.environ, **urls}, check=True)
    with connected(url) as cursor:
        cursor.execute(f"ALTER TABLE {SCHEMA}.{CASE.table} ADD PRIMARY KEY (l_orderkey, l_linenumber)")
    with connected(url) as cursor:
        cursor.execute(f"VACUUM ANALYZE {SCHEMA}.{CASE.table}")
    return url


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--scale", type=float, default=1.0)
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--differences", type=int, nargs="*", default=list(DIFFERENCES))
    given.add_argument("--contenders", nargs="*", default=[])
    asked = given.parse_args()
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    (place / "logs").mkdir(exist_ok=True)
    with opened(place, asked.scale, ()) as world:
        other = copied(world)
        chosen = [
            each for each in contenders(world, other) if not asked.contenders or each.name in asked.contenders
        ]
        results: list[Result] = []
        for number in asked.differences:
            with differing(other, number, world.total):
                results += _raced(place, chosen, number, asked.rounds)
            file = place / "verify.json"
            file.write_text(json.dumps([asdict(each) for each in results], indent=2), encoding="utf-8")


def _raced(place: Path, chosen: Sequence[Contender], number: int, rounds: int) -> Iterator[Result]:
    found: dict[str, list[Measured]] = {}
    for at in range(rounds):
        for each in chosen:
            if number and not each.compares:
                continue
            done = measured(each.command, place / "logs" / f"verify-{each.name}-{number}-{at}.log", LIMIT)
            found.setdefault(each.name, []).append(done)
            figures = f"{done.seconds:.2f} s, CPU {done.cpu:.2f} s, {done.peak_mb or 0:.0f} MB"
            print(f"{number} differences, {each.name}: {figures}, exit code {done.exit_code}", flush=True)
    for name, rows in found.items():
        yield Result(
            name,
            number,
            tuple(round(row.seconds, 3) for row in rows),
            round(median(row.seconds for row in rows), 3),
            round(median(row.cpu for row in rows), 3),
            max((row.peak_mb or 0.0) for row in rows) or None,
            tuple(row.exit_code for row in rows),
        )


if __name__ == "__main__":
    main()
