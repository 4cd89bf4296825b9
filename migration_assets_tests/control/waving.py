"""What Dagster would leave of a wave, said by a test: pre-flights, backfills, loads."""

import uuid
from datetime import UTC, datetime

import dagster as dg
from dagster._core.execution.backfill import BulkActionStatus
from dagster._core.storage.dagster_run import DagsterRun

from migration_assets.checks.from_contract import specs
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.control.names import STAGES
from migration_assets.control.records import key_of
from migration_assets.control.wave_attempts import Attempt, Scene, preflight_tags, steps_of
from migration_assets.control.wave_report import WaveReport
from migration_assets.control.wave_round import Round, make_round, reports
from migration_assets.defs import events
from migration_assets.waves.document import parsed
from migration_assets.waves.model import Wave
from migration_assets_tests.control.shop import CONTRACTS

KEYS = {"customers": ("all",), "orders": ("a", "b", "c", "d", "rest"), "countries": ("all",)}


class Waving:
    """The waves of a test, seen and moved on an instance."""

    def __init__(self, instance: dg.DagsterInstance, **texts: str) -> None:
        self.instance = instance
        self.scene = Scene(instance, CONTRACTS, KEYS, {})
        self.waves: dict[str, Wave] = {}
        for name, text in texts.items():
            self.says(name, text)

    def says(self, name: str, text: str) -> None:
        self.waves[name] = parsed(f"name: {name}\n{text}\n".encode(), f"waves/{name}.yaml")

    def round(self) -> Round:
        return make_round(self.scene, self.waves, datetime.now(UTC))

    def of(self, name: str) -> WaveReport:
        return reports(self.scene, self.waves, datetime.now(UTC))[name]

    def preflight(self, attempt: Attempt, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS) -> None:
        run = DagsterRun(
            job_name="preflight", run_id=str(uuid.uuid4()), status=status, tags=preflight_tags(attempt)
        )
        self.instance.add_run(run)

    def started(self) -> list[str]:
        """Rounds until nothing more starts by itself; the backfills that go on."""
        while asked := self.round().preflights:
            for attempt in asked:
                self.preflight(attempt)
        return self.open()

    def open(self) -> list[str]:
        return [
            each.backfill_id
            for each in self.instance.get_backfills()
            if each.status == BulkActionStatus.REQUESTED
        ]

    def load(self, contract: Contract, partition: str, rows: int = 10, *, checked: bool = True) -> None:
        """The storage takes a check of a partition once where no run makes it."""
        for stage in STAGES:
            key = key_of(contract, stage)
            self.instance.report_runless_asset_event(
                dg.AssetMaterialization(key, partition=partition, metadata={"rows": rows, "seconds": 0.1})
            )
            about = events.latest(self.instance, key, partition)
            for spec in specs(contract):
                if checked and spec.stage == stage:
                    outcome = CheckOutcome(spec.name, True, spec.blocking, "told")
                    self.instance.report_runless_asset_event(events.evaluated(key, partition, outcome, about))

    def end(self, backfill_id: str, *, without: str = "") -> None:
        """Ends the backfill; everything that it was asked for is loaded, but not `contract/partition`."""
        from migration_assets.control.dagster_daemon import asked_for

        asked = asked_for(self.instance, backfill_id)
        assert asked
        for step in steps_of(self.scene, asked):
            for partition in step.partitions:
                if f"{step.contract.name}/{partition}" != without:
                    self.load(step.contract, partition)
        ended = BulkActionStatus.COMPLETED_FAILED if without else BulkActionStatus.COMPLETED_SUCCESS
        backfill = self.instance.get_backfill(backfill_id)
        assert backfill
        self.instance.update_backfill(backfill.with_status(ended))
