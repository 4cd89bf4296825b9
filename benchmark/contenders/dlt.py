"""dlt: one table through one of its backends, into a table that it makes."""

from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import SCHEMA, Case
from benchmark.contenders import peers as environment
from benchmark.measuring import Command
from benchmark.task import Task, by_socket

#: SQLAlchemy's scheme of each engine
SCHEMES = {"postgres": "postgresql+psycopg2", "mariadb": "mysql+pymysql", "sqlite": "sqlite"}


def for_sqlalchemy(task: Task) -> str:
    return f"{SCHEMES[task.case.engine]}://{task.source.partition('://')[2]}"


def schema(task: Task) -> str:
    return SCHEMA if task.case.engine == "postgres" else ""


@dataclass(frozen=True)
class Dlt:
    backend: str
    at_most: int | None = 200_000
    makes_table: bool = True
    note: str = ""

    @property
    def name(self) -> str:
        return f"dlt {self.backend}"

    def takes_part(self, case: Case) -> bool:
        return not case.mapped

    def absent(self, peers: Path) -> str:
        return environment.installed(peers, "dlt")

    def command(self, task: Task) -> Command:
        said = {
            "source": for_sqlalchemy(task),
            "connectorx": by_socket(task.source).replace(":unused@", "@"),
            "target": by_socket(task.target),
            "table": task.table,
            "into": task.case.table,
            "schema": schema(task),
            "backend": self.backend,
            "folder": str(task.folder),
        }
        file = environment.told(task, said)
        own = str(task.folder / "dlt")  # no settings of the user
        quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": own, "DLT_CONFIG_FOLDER": own}
        return Command([str(environment.python(task.peers)), environment.script("dlt_copy"), file], quiet)
