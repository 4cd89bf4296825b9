"""World: the servers and the data of a benchmark, in one folder, and what is planned in it."""

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmark import data, mariadb
from benchmark.cases import Case
from benchmark.data import Rows
from migration_assets.contracts.loader import load
from migration_assets.demo.server import LocalServer, connected, running
from migration_assets.tables.plan import plan_partitions

#: into so many the table is divided
PARTITIONS = 4
#: no checkpoint and no vacuum in the middle of somebody's round; all else as PostgreSQL comes
SETTINGS = {"max_wal_size": "8GB", "checkpoint_timeout": "1h", "autovacuum": "off"}
CONTRACTS = Path(__file__).parent / "contracts"
INSTANCE = "telemetry: {enabled: false}\n"


@dataclass(frozen=True)
class World:
    """Both databases of PostgreSQL are there, with the rows of the scale in the source."""

    folder: Path
    rows: Rows
    source: str
    target: str
    #: rows of lineitem
    total: int
    #: shorter tables that are there too
    first: tuple[int, ...]

    @property
    def peers(self) -> Path:
        return self.folder / "peers"

    @contextmanager
    def source_of(self, case: Case) -> Generator[str]:
        """The URL of the case's source, its server running."""
        if case.engine == "mariadb":
            with mariadb.running(self.folder / "mariadb") as server:
                yield data.into_mariadb(self.rows, server, self.first)
        elif case.engine == "sqlite":
            yield data.into_sqlite(self.rows, self.folder / "sqlite", self.first)
        else:
            yield self.source

    def rows_of(self, case: Case) -> int:
        return self.total if case.table == data.TABLE else data.count(self.source, case.table)

    def machine(self) -> str:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        with connected(self.target) as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()
        return f"{os.cpu_count()} cores, {memory:.0f} GB, PostgreSQL {version[0] if version else '?'}"

    def planned(self, case: Case, url: str) -> Path:
        """The case's contract with its partitions planned, divided for this scale."""
        folder = self.folder / "contracts" / case.name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(CONTRACTS / case.name, folder)
        for file in folder.glob("*.odcs.yaml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(divided(text, math.ceil(self.total / PARTITIONS)), encoding="utf-8")
        environment: Mapping[str, str] = {"BENCH_SOURCE_URL": url}
        for contract in load(folder).values():
            plan_partitions(contract, environment)
        return folder

    @cached_property
    def home(self) -> Path:
        """A home of Dagster whose storage is made, as a user's is before a run."""
        folder = self.folder / "dagster"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "dagster.yaml").write_text(INSTANCE)
        made = "import dagster; dagster.DagsterInstance.get().dispose()"
        environment = {**os.environ, "DAGSTER_HOME": str(folder)}
        subprocess.run([sys.executable, "-c", made], env=environment, check=True)
        return folder


def divided(contract: str, rows: int) -> str:
    """The contract's text with so many rows in a partition by key."""
    return re.sub(r"(by: key, rows: )\d+", rf"\g<1>{rows}", contract)


@contextmanager
def opened(folder: Path, scale: float, shorter: tuple[int, ...]) -> Generator[World]:
    """The servers of the environment, or an embedded one with its data in the folder."""
    source, target = os.environ.get("BENCH_SOURCE_URL"), os.environ.get("BENCH_TARGET_URL")
    rows = Rows(scale, folder / "rows")
    rows.forget()
    with ExitStack() as stack:
        if not (source and target):
            server = stack.enter_context(running(folder / "postgres"))
            source, target = _databases(server, rows)
        stack.callback(rows.forget)
        total = data.into_postgres(rows, source)
        first = tuple(number for number in shorter if number < total)
        for number in first:
            data.first_in_postgres(source, number)
        data.settled(source)
        yield World(folder, rows, source, target, total, first)


def _databases(server: LocalServer, rows: Rows) -> tuple[str, str]:
    with connected(server.url("postgres")) as cursor:
        for name, value in SETTINGS.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = %s", (value,))
        cursor.execute("SELECT pg_reload_conf()")
    for name in (rows.name, "target"):
        if not server.has(name):
            server.create(name)
    return server.url(rows.name), server.url("target")
