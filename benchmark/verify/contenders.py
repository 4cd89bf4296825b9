"""What compares two tables: this project, reladiff, and the limit, which only reads them."""

import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmark.cases import CASES, SCHEMA, Case
from benchmark.data import TABLE
from benchmark.measuring import Command
from benchmark.task import by_socket
from benchmark.verify.results import PEER, READ
from benchmark.verify.tables import Key, program
from benchmark.world import World

#: the comparisons, by the case of the benchmark whose source and contract they have
VERIFICATIONS: dict[str, Case] = {
    "verify_postgres": CASES["postgres_identity"],
    "verify_mariadb": CASES["mariadb_identity"],
}
WHOLE, INSIDE = "migration-assets", "migration-assets in the database"
CONTENDERS: tuple[str, ...] = (READ, WHOLE, INSIDE, PEER)
_KEY = re.compile(r"^changed l_orderkey=(\d+), l_linenumber=(\d+)$", re.MULTILINE)
_UPDATED = re.compile(r"^(\d+) rows (updated|exclusive to table [AB] .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Contender:
    name: str
    command: Command
    #: whether what it printed names exactly these rows; None for what compares nothing
    told: Callable[[str, frozenset[Key]], bool | None]
    #: whether it is asked with rows that differ, too
    with_differences: bool = False


def contenders(case: Case, world: World, source: str, other: str) -> Iterator[Contender]:
    if (reading := _reading(case, source, other)) is not None:
        yield Contender(READ, reading, lambda _printed, _keys: None)
    environment = {
        "BENCH_SOURCE_URL": source,
        "BENCH_TARGET_URL": other,
        "MIGRATION_CONTRACTS": str(world.planned(case, source)),
        "MIGRATION_STAGING": str(world.folder / "round"),
    }
    ours = [sys.executable, "-m", "benchmark.programs.verify_alone", case.table]
    yield Contender(WHOLE, Command([*ours, "auto"], environment), _named, with_differences=True)
    if case.engine == "postgres":
        yield Contender(INSIDE, Command([*ours, "database"], environment), _named)
    if (reladiff := world.peers / "bin" / "reladiff").exists():
        yield Contender(PEER, _reladiff(case, reladiff, source, other), _counted)


def _reading(case: Case, source: str, other: str) -> Command | None:
    copy = f'{program()} -c "COPY {SCHEMA}.{TABLE} TO STDOUT"'
    if case.engine == "postgres":
        line = f'{copy} "$ONE" >/dev/null & {copy} "$TWO" >/dev/null & wait'
        return Command(["bash", "-c", line], {"ONE": source, "TWO": other})
    client = shutil.which("mariadb")
    if client is None:
        return None
    parts = urlsplit(source)
    where = f"-h {parts.hostname} -P {parts.port} -u {parts.username} {parts.path.removeprefix('/')}"
    theirs = f'{shlex.quote(client)} --no-defaults --quick -N {where} -e "SELECT * FROM {TABLE}"'
    line = f'{theirs} >/dev/null & {copy} "$TWO" >/dev/null & wait'
    return Command(["bash", "-c", line], {"TWO": other, "MYSQL_PWD": parts.password or ""})


def _reladiff(case: Case, reladiff: Path, source: str, other: str) -> Command:
    table = f"{SCHEMA}.{TABLE}"
    first = [by_socket(source), table] if case.engine == "postgres" else [source, TABLE]
    keyed = ("-k", "l_orderkey", "-k", "l_linenumber", "-c", "%", "--stats")
    return Command([str(reladiff), *first, by_socket(other), table, *keyed])


def _named(printed: str, keys: frozenset[Key]) -> bool:
    found = [(int(order), int(line)) for order, line in _KEY.findall(printed)]
    total = re.search(r"^(\d+) differ$", printed, re.MULTILINE)
    return sorted(found) == sorted(keys) and total is not None and int(total[1]) == len(keys)


def _counted(printed: str, keys: frozenset[Key]) -> bool:
    """With --stats it tells how many rows differ, and not which."""
    found = _UPDATED.findall(printed)
    return bool(found) and sum(int(number) for number, _ in found) == len(keys)
