"""sling: one table into an empty one."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmark.cases import SCHEMA, Case
from benchmark.contenders import peers as environment
from benchmark.measuring import Command
from benchmark.task import Task

PROGRAM = "sling_linux_amd64/bin/sling-linux-amd64"


@dataclass(frozen=True)
class Sling:
    name: str = "sling"
    at_most: int | None = 500_000
    makes_table: bool = False
    note: str = ""

    def takes_part(self, case: Case) -> bool:
        return not case.mapped

    def absent(self, peers: Path) -> str:
        return environment.installed(peers, PROGRAM)

    def command(self, task: Task) -> Command:
        program = str(next(task.peers.glob(f"lib/python*/site-packages/{PROGRAM}")))
        stream = {
            "postgres": f"{SCHEMA}.{task.table}",
            "mariadb": f"{urlsplit(task.source).path.strip('/')}.{task.table}",
            "sqlite": f"main.{task.table}",
        }[task.case.engine]
        way = ["--src-conn", "BENCH_FROM", "--src-stream", stream, "--tgt-conn", "BENCH_INTO"]
        # hard values go into a table of its own types, which asks less of it
        mode = "truncate" if task.case.timed else "full-refresh"
        return Command(
            [program, "run", *way, "--tgt-object", f"{SCHEMA}.{task.case.table}", "--mode", mode],
            {
                # its own spelling of a file is two slashes and the path
                "BENCH_FROM": task.source.replace("sqlite:///", "sqlite:////", 1),
                "BENCH_INTO": task.target,
                "SLING_HOME_DIR": str(task.folder / "sling"),
                "SLING_DISABLE_TELEMETRY": "true",
            },
        )
