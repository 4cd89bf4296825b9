"""Definitions whose engine moves nothing, for a code server; told by a file what fails."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import Contract
from migration_assets.defs.build import build_definitions
from migration_assets.errors import LoadRefused
from migration_assets.planning.keys import partitions
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stages.way import StageResult, moved
from migration_assets_tests.control.shop import CONTRACTS

#: names a file: {"orders/b": "refused" | "killed once" | "slow"}
TOLD = "TOLD"


class Told:
    def __init__(
        self, contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
    ) -> None:
        self.contract = contract
        self.file = Path(environment[TOLD])
        self.told: dict[str, str] = json.loads(self.file.read_text())

    def move(self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str) -> Iterator[StageResult]:
        return moved(self, partitions, stages, run_id)

    def extract(self, partition_key: str, run_id: str) -> StageReport:
        return self._report("extracted", partition_key)

    def transform(self, partition_key: str, run_id: str) -> StageReport:
        return self._report("transformed", partition_key)

    def load(self, partition_key: str, run_id: str) -> StageReport:
        place = f"{self.contract.name}/{partition_key}"
        match self.told.get(place):
            case "refused":
                return self._report("loaded", partition_key, refused=True)
            case "killed once":
                self.file.write_text(json.dumps({**self.told, place: ""}))
                os._exit(9)
            case "slow":
                time.sleep(60)
            case _:
                pass
        with self.file.with_name("order").open("a") as order:
            order.write(f"{place}\n")
        return self._report("loaded", partition_key)

    def _report(self, stage: str, partition: str, refused: bool = False) -> StageReport:
        outcomes = tuple(
            CheckOutcome(spec.name, not (refused and spec.name == "count"), spec.blocking, "told")
            for spec in specs(self.contract)
            if spec.stage == stage
        )
        refusal = LoadRefused("It was told so.") if refused else None
        return StageReport(
            stage,  # type: ignore[arg-type]
            partition,
            generation=1,
            rows=10,
            bytes=100,
            seconds=0.01,
            fingerprint="f",
            outcomes=outcomes,
            refusal=refusal,
        )


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions(CONTRACTS, planner=partitions, checks=specs, engine=Told)
