"""A source and an empty target, and the way of all tables between them, as an operator would send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Server, TableName
from migration_assets.errors import MigrationError
from migration_assets.planning.order import in_order
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.sources import source_of
from migration_assets_tests.real.catalogs import Catalog
from migration_assets_tests.real.comparing import Compared
from migration_assets_tests.real.draft import Wish, contract_name, draft

STAGES = ("extract", "transform", "load")


@dataclass
class Moved:
    """What came of one contract."""

    partitions: int = 0
    rows: int = 0
    quarantined: int = 0
    outcomes: list[CheckOutcome] = field(default_factory=list)
    #: why a partition is not in the target
    refusals: list[MigrationError] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Every partition is in the target, every check passed, and nothing was set aside."""
        return not self.refusals and not self.quarantined and all(o.passed for o in self.outcomes)

    def verdict(self, found: Compared) -> int | str:
        """The rows, when all of them are in the target exactly; else what became of them, in words."""
        lost = found.missing.total()
        if found.extra or found.same != self.rows or (self.rows and lost != self.quarantined):
            return f"changed on the way: {found}"
        if self.refusals:
            return "; ".join(self.reasons)
        if self.quarantined:
            rows = f"{self.rows} row{'' if self.rows == 1 else 's'}"
            return f"{rows}, {self.quarantined} in quarantine: {'; '.join(self.reasons)}"
        if not self.green or lost:
            return f"not green: {'; '.join(self.reasons)}"
        return self.rows

    @property
    def reasons(self) -> tuple[str, ...]:
        """The keys and reasons of the failed checks, or what was said where no check was reached."""
        found = [
            f"{row.key}: {row.reason}"
            for outcome in self.outcomes
            if not outcome.passed
            for row in outcome.rows
        ]
        return tuple(found or [refusal.what for refusal in self.refusals])


@dataclass
class World:
    """A source's URL, a target's, and a folder for contracts and staging."""

    source: str
    target: str
    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LEGACY_URL": self.source,
            "CLOUD_URL": self.target,
            "MIGRATION_STAGING": str(self.folder / "staging"),
        }

    def draft(
        self,
        catalog: Catalog,
        wishes: Mapping[str, Wish] | None = None,
        *,
        database: str | None = None,
        schema: str = "public",
        prefix: str = "",
    ) -> None:
        """Writes a contract for each table of the catalog."""
        backend, source = source_of(self.source)
        contracts = self.folder / "data_contracts"
        contracts.mkdir(exist_ok=True)
        with source.snapshot(Server("legacy", backend), self.source) as snapshot:
            for name in catalog.tables:
                table = source.describe(snapshot, TableName(database, name))
                wish = (wishes or {}).get(name, Wish())
                text = draft(table, catalog.of(name), backend, wish, schema=schema, prefix=prefix)
                file = contracts / f"{contract_name(prefix + name)}.odcs.yaml"
                assert not file.exists(), f"two tables would have the contract {file.name}"
                file.write_text(text, "utf-8")

    def move(self, run_id: str = "run-1") -> dict[str, Moved]:
        """All contracts, parents first, with all of their partitions; a refusal ends that partition alone."""
        contracts = load(self.folder / "data_contracts")
        moved: dict[str, Moved] = {}
        ordered = in_order(contracts.values())
        for contract in ordered:
            plan_partitions(contract, self.environment)
        for contract in ordered:
            migration = TableMigration(contract, contracts, self.environment)
            found = moved[contract.name] = Moved()
            for partition in migration.partitions():
                found.partitions += 1
                self._partition(migration, partition.key, run_id, found)
        return moved

    def _partition(self, migration: TableMigration, key: str, run_id: str, found: Moved) -> None:
        for stage in STAGES:
            try:
                report = getattr(migration, stage)(key, run_id)
            except MigrationError as refusal:
                found.refusals.append(refusal)
                return
            found.outcomes += report.outcomes
            if report.refusal is not None:
                found.refusals.append(report.refusal)
                return
        found.rows += report.rows
        found.quarantined += int(report.facts["quarantined"])
