"""A world to measure the control side in: an embedded PostgreSQL, tiny tables, a Dagster instance."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmark import scale_contracts
from benchmark.scale_cpu import Cost, Watched
from migration_assets.demo.server import connected, running

#: rows of a partition
ROWS = 5
_INSTANCE = Path(__file__).parents[1] / "dagster.yaml"
_TABLE = """
CREATE TABLE old.{name} AS
SELECT id, id AS parent_id, {mapped}, {ruled}, {plain}
FROM generate_series(1, {rows}) AS id
"""


@dataclass(frozen=True)
class World:
    """A folder with contracts, an instance, and the variables that lead to them."""

    folder: Path
    environment: Mapping[str, str]

    def command(self, *arguments: str, out: Path | None = None) -> Cost:
        """Runs Python with these arguments; CPU by the operating system's own account."""
        with open(out or os.devnull, "w") as file:
            return Watched([sys.executable, *arguments], self.environment, file).cost()

    def migrate(self, *arguments: str, out: Path | None = None) -> Cost:
        return self.command("-c", "from migration_assets.cli.main import main; main()", *arguments, out=out)


@contextmanager
def world(
    folder: Path, contracts: int, partitions: int, *, rows: bool = True, server: Path | None = None
) -> Generator[World]:
    """So many contracts of so many partitions each; `rows` also makes the tables they are read from."""
    scale_contracts.write(folder / "contracts", contracts, partitions)
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE.read_text().replace(".migration/", f"{home}/"))
    environment = {**os.environ, "MIGRATION_CONTRACTS": str(folder / "contracts"), "DAGSTER_HOME": str(home)}
    if not rows:
        yield World(folder, environment)
        return
    with running(server or folder / "postgres") as started:
        for database in ("legacy", "cloud"):
            started.drop(database)
            started.create(database)
            environment[f"{database.upper()}_URL"] = started.url(database)
        _fill(started.url("legacy"), contracts, partitions)
        with connected(started.url("cloud")) as cursor:
            cursor.execute("CREATE SCHEMA new")
        yield World(folder, environment)


def _fill(url: str, contracts: int, partitions: int) -> None:
    with connected(url, transaction=True) as cursor:
        cursor.execute("CREATE SCHEMA old")
        for number in range(contracts):
            cursor.execute(
                _TABLE.format(
                    name=scale_contracts.name_of(number),
                    mapped=", ".join(f"'TEXT   ' AS text_{at}" for at in range(3)),
                    ruled=", ".join(f"{at} AS number_{at}" for at in range(6)),
                    plain=", ".join(f"'text' AS text_{at}" for at in range(3, 12)),
                    rows=ROWS * max(1, partitions - 1),
                )
            )
