"""pgloader: one table from PostgreSQL, MariaDB or SQLite into an empty one, told by a file of its own."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmark.cases import SCHEMA, Case
from benchmark.measuring import Command
from benchmark.task import Task

#: the smaller of its settings, with which it reads more rows before its heap is full
OPTIONS = "data only, workers = 2, concurrency = 1, prefetch rows = 10000"


@dataclass(frozen=True)
class Pgloader:
    name: str = "pgloader"
    at_most: int | None = 500_000
    makes_table: bool = False
    note: str = ""

    def takes_part(self, case: Case) -> bool:
        return not case.mapped

    def absent(self, peers: Path) -> str:
        return "" if shutil.which("pgloader") else "not installed; `apt-get install pgloader` on Debian"

    def command(self, task: Task) -> Command:
        file = task.folder / "pgloader.load"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(written(task))
        return Command(["pgloader", "--on-error-stop", "--root-dir", str(task.folder), str(file)])


def written(task: Task) -> str:
    """pgloader's own command."""
    target = _postgres(task.target)
    only = f"INCLUDING ONLY TABLE NAMES MATCHING '{task.table}'"
    named = f"ALTER TABLE NAMES MATCHING '{task.table}' RENAME TO '{task.case.table}';"
    if task.case.engine == "postgres":
        lines = [f"LOAD DATABASE FROM {_postgres(task.postgres)}", f"INTO {target}", f"WITH {OPTIONS}"]
        return "\n".join([*lines, f"{only} IN SCHEMA '{SCHEMA}'", named])
    if task.case.engine == "mariadb":
        schema = urlsplit(task.source).path.strip("/")
        lines = [f"LOAD DATABASE FROM {task.source}", f"INTO {target}", f"WITH {OPTIONS}"]
        return "\n".join([*lines, only, f"ALTER SCHEMA '{schema}' RENAME TO '{SCHEMA}'", named])
    file = unquote(task.source.removeprefix("sqlite:///"))
    lines = [f"LOAD DATABASE FROM sqlite:///{file.lstrip('/')}", f"INTO {target}", f"WITH {OPTIONS}"]
    return "\n".join([*lines, f"SET search_path TO '{SCHEMA}'", only.replace("MATCHING", "LIKE"), named])


def _postgres(url: str) -> str:
    """Its spelling of a URL whose host is the folder of a socket."""
    parts = urlsplit(url)
    if not parts.query.startswith("host="):
        return url
    user = parts.netloc.rpartition("@")[0] or "postgres"
    return f"postgresql://{user}@unix:{unquote(parts.query.partition('=')[2])}:5432{parts.path}"
