"""pandas: `read_sql_table` in chunks, `to_sql` into an empty table."""

from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import Case
from benchmark.contenders import peers as environment
from benchmark.contenders.dlt import for_sqlalchemy, schema
from benchmark.measuring import Command
from benchmark.task import Task


@dataclass(frozen=True)
class ToSql:
    name: str = "pandas.to_sql"
    at_most: int | None = 200_000
    makes_table: bool = False
    note: str = ""

    def takes_part(self, case: Case) -> bool:
        return not case.mapped

    def absent(self, peers: Path) -> str:
        return environment.installed(peers, "pandas")

    def command(self, task: Task) -> Command:
        said = {
            "source": for_sqlalchemy(task),
            "target": task.target.replace("postgresql://", "postgresql+psycopg2://", 1),
            "table": task.table,
            "into": task.case.table,
            "schema": schema(task),
            # hard values go into a table of its own types, which asks less of it
            "first": "append" if task.case.timed else "replace",
        }
        file = environment.told(task, said)
        return Command([str(environment.python(task.peers)), environment.script("to_sql"), file])
