"""A backfill that goes on: what has come of its partitions so far, and what came of it in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import Contract
from migration_assets.control import dagster_daemon, records
from migration_assets.control.names import STAGES, Stage
from migration_assets.control.plan import Step
from migration_assets.control.progress import Progress
from migration_assets.control.records import Failure, Materialized
from migration_assets.control.verdict import ContractVerdict, judge


@dataclass
class Watch:
    """What has come in so far; each look reads only what is new."""

    instance: dg.DagsterInstance
    steps: Sequence[Step]
    backfill: str
    since: int
    #: by asset, then by partition
    there: dict[dg.AssetKey, dict[str, Materialized]] = field(default_factory=dict)
    failed: dict[tuple[str, str], Failure] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    _runs: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._step_of = {
            records.key_of(step.contract, stage): step for step in self.steps for stage in STAGES
        }

    def look(self) -> None:
        for place, key, found in records.materialized_anywhere(self.instance, self.since):
            self.since = place
            step = self._step_of.get(key)
            if step and found.partition in step.wanted:
                self.there.setdefault(key, {})[found.partition] = found
                if key.path[-1] == "loaded":
                    self.failed.pop((step.contract.name, found.partition), None)
        self._look_at_failed_runs()

    def stage(self, contract: Contract, stage: Stage) -> dict[str, Materialized]:
        return self.there.get(records.key_of(contract, stage), {})

    def _look_at_failed_runs(self) -> None:
        statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
        tags = {"dagster/backfill": self.backfill}
        for run in self.instance.get_runs(dg.RunsFilter(statuses=statuses, tags=tags)):
            if run.run_id in self._runs:
                continue
            self._runs.add(run.run_id)
            named = records.failures(self.instance, run)
            if not named and run.status == dg.DagsterRunStatus.FAILURE:
                self.dead.append(run.run_id)
            for failure in named:
                self.failed[failure.contract, failure.partition] = failure

    def progress(self, seconds: float, hosting: bool) -> Progress:
        done = [each.rows for step in self.steps for each in self.stage(step.contract, "loaded").values()]
        total = sum(len(step.partitions) for step in self.steps)
        return Progress(total, len(done), len(self.failed), sum(done), seconds, hosting)


def verdict_of(watch: Watch, step: Step, status: str) -> ContractVerdict:
    """What came of one contract; `status` is how the backfill ended."""
    contract = step.contract
    stages = [watch.stage(contract, stage) for stage in STAGES]
    loaded = watch.stage(contract, "loaded")
    return judge(
        contract,
        step.partitions,
        loaded={partition: found.rows for partition, found in loaded.items()},
        failed={partition: each for (name, partition), each in watch.failed.items() if name == contract.name},
        checks=records.tallies(watch.instance, contract, specs(contract), step.partitions),
        otherwise=_why_not(watch, contract, status),
        seconds=sum(found.seconds for stage in stages for found in stage.values()),
        quarantined=sum(found.quarantined for found in loaded.values()),
    )


def _why_not(watch: Watch, contract: Contract, status: str) -> str:
    """Why a partition is not there that no run speaks of."""
    if status == "CANCELED":
        return "The run was canceled."
    requested: Mapping[str, Step] = {step.contract.name: step for step in watch.steps}
    for reference in contract.references:
        parent = requested.get(reference.parent)
        if parent is None or reference.deferred or reference.parent == contract.name:
            continue
        if len(watch.stage(parent.contract, "loaded")) < len(parent.partitions):
            return f"Its parent {reference.parent} is not wholly loaded."
    if watch.dead:
        return f"The process of its run ended without a word (run {watch.dead[0]})."
    error = dagster_daemon.error_of(watch.instance, watch.backfill)
    if error == dagster_daemon.UNKNOWN_PARTITIONS:
        return (
            "Dagster's daemon does not know these partitions: it read the definitions before they were "
            "planned. It reads them again every minute, and at once when the code location is reloaded in "
            "the UI; then run the same command again."
        )
    return f"The backfill ended as {status}{f' by {error}' if error else ''}."
