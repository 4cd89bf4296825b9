"""This project: through Dagster as a user runs it, and its engine alone."""

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmark.cases import Case
from benchmark.measuring import Command
from benchmark.task import Task

WHOLE = "migration-assets"


@dataclass(frozen=True)
class Project:
    name: str
    #: module of `benchmark.programs`
    program: str
    #: partitions side by side; None as the project decides
    lanes: int | None = None
    at_most: int | None = None
    makes_table: bool = True
    note: str = ""

    def takes_part(self, case: Case) -> bool:
        return case.timed or self.name == WHOLE

    def absent(self, peers: Path) -> str:
        return ""

    def command(self, task: Task) -> Command:
        environment = {
            "BENCH_SOURCE_URL": task.source,
            "BENCH_TARGET_URL": task.target,
            "MIGRATION_CONTRACTS": str(task.contracts),
            "MIGRATION_STAGING": str(task.folder / "staging"),
            "DAGSTER_HOME": str(task.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        if self.lanes:
            environment["MIGRATION_LANES"] = str(self.lanes)
        program = f"benchmark.programs.{self.program}"
        arguments = [sys.executable, "-m", program, task.case.table, str(task.folder / "stages.json")]
        return Command(arguments, environment)
