"""Sources with a hazard in each table, their profile, and what a run then makes of them."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest

from migration_assets.analyzer.profile.model import Hazard, Profile
from migration_assets.analyzer.profile.survey import SAMPLE_ABOVE, Wanted, profile
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.planning.order import in_order
from migration_assets.tables.engine import TableMigration
from migration_assets_tests import mariadb
from migration_assets_tests.analyzer.profile.hazards import Case
from migration_assets_tests.tables.shop import ask

BadRows = Literal["fail", "quarantine"]


@dataclass
class Came:
    """What came of a contract: why it is not in the target, and the checks that did not hold."""

    why: str = ""
    outcomes: list[CheckOutcome] = field(default_factory=list)
    quarantined: int = 0

    @property
    def keys(self) -> set[str]:
        return {row.key for outcome in self.outcomes if not outcome.passed for row in outcome.rows}


@dataclass
class Place:
    """A source and a target, the contracts between them, and where files go."""

    source: str
    target: str
    folder: Path
    contracts: dict[str, Contract] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LEGACY_URL": self.source,
            "CLOUD_URL": self.target,
            "MIGRATION_STAGING": str(self.folder / "staging"),
        }

    def take(self, cases: Sequence[Case], bad_rows: BadRows) -> None:
        for case in cases:
            name = case.contract.name
            file = str(self.folder / case.contract.file)
            self.contracts[name] = replace(case.contract, bad_rows=bad_rows, file=file)
            if case.beforehand:
                ask(self.target, case.beforehand)

    def profile(self, *names: str, sample_above: int = SAMPLE_ABOVE) -> Profile:
        return profile(Wanted("legacy", names, sample_above), self.contracts, self.environment)

    def run(self) -> dict[str, Came]:
        """All contracts, parents first; a refusal ends its contract alone."""
        came: dict[str, Came] = {}
        for contract in in_order(self.contracts.values()):
            migration = TableMigration(contract, self.contracts, self.environment)
            found = came[contract.name] = Came()
            for stage in (migration.extract, migration.transform, migration.load):
                try:
                    report = stage("all", "run-1")
                except MigrationError as refusal:
                    found.why = refusal.what
                    break
                found.outcomes += report.outcomes
                found.quarantined = int(report.facts.get("quarantined") or 0)
                if report.refusal is not None:
                    found.why = report.refusal.what
                    break
        return came


def of(found: Profile, contract: str) -> list[Hazard]:
    return [hazard for hazard in found.all_hazards if hazard.contract == contract]


Sqlite = Callable[..., Place]


@pytest.fixture
def sqlite(new_database: Callable[[str], str], tmp_path: Path) -> Sqlite:
    """A SQLite source of these statements, and an empty target."""

    def make(*statements: str) -> Place:
        file = tmp_path / "source.db"
        connection = sqlite3.connect(file)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return Place(f"sqlite:///{file}", new_database("new"), tmp_path)

    return make


@pytest.fixture
def postgres(new_database: Callable[[str], str], tmp_path: Path) -> Sqlite:
    def make(*statements: str) -> Place:
        place = Place(new_database("old"), new_database("new"), tmp_path)
        if statements:
            ask(place.source, statements)
        return place

    return make


@pytest.fixture
def mysql(
    new_mysql_database: Callable[[str], str], new_database: Callable[[str], str], tmp_path: Path
) -> Sqlite:
    def make(*statements: str) -> Place:
        place = Place(new_mysql_database("old"), new_database("new"), tmp_path)
        mariadb.run(place.source, "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'", *statements)
        return place

    return make
