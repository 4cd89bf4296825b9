"""pgcopydb: the data of one table from PostgreSQL into PostgreSQL, in one job."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import SCHEMA, Case
from benchmark.contenders.pipe import programs
from benchmark.measuring import Command
from benchmark.task import Task


@dataclass(frozen=True)
class Pgcopydb:
    name: str = "pgcopydb"
    at_most: int | None = None
    makes_table: bool = False
    note: str = "also vacuums the table"

    def takes_part(self, case: Case) -> bool:
        return case.engine == "postgres" and not case.mapped

    def absent(self, peers: Path) -> str:
        return "" if shutil.which("pgcopydb") else "not installed; `apt-get install pgcopydb` on Debian"

    def command(self, task: Task) -> Command:
        filters = task.folder / "filters.ini"
        filters.write_text(f"[include-only-table]\n{SCHEMA}.{task.table}\n")
        own = programs()
        path = os.pathsep.join([str(own), os.environ["PATH"]]) if own else os.environ["PATH"]
        words = "pgcopydb copy table-data --table-jobs 1 --index-jobs 1 --not-consistent --restart"
        return Command(
            [*words.split(), "--filters", str(filters), "--dir", str(task.folder / "pgcopydb")],
            {
                "PGCOPYDB_SOURCE_PGURI": task.postgres,
                "PGCOPYDB_TARGET_PGURI": task.target,
                "PATH": path,
            },
        )
