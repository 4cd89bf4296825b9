"""What a worker does with a bucket's partition: moves it, verifies it, or takes it back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from faults.buckets import plants
from faults.job import Job
from migration_assets.buckets.cloudsmith import client, settling, target
from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.s3 import flow, wire
from migration_assets.buckets.s3.server import Server
from migration_assets.contracts.model import Contract
from migration_assets.stages.report import StageReport
from migration_assets.stages.way import StageResult

#: seconds that a worker waits for an answer
READ_TIMEOUT = 1.5
#: seconds that a package is given to be synchronised
SYNCHRONISED = 3.0


def made_ready(job: Job) -> None:
    """The same waits as ever, only shorter, so that a trial takes seconds; then the job's plant."""
    begun = wire.Wire.__init__

    def impatient(self: wire.Wire, server: Server) -> None:
        begun(self, replace(server, read_timeout=min(server.read_timeout, READ_TIMEOUT)))

    wire.Wire.__init__ = impatient
    flow.LONGEST_WAIT *= job.hurry
    client.READ_TIMEOUT = READ_TIMEOUT
    client.FIRST_WAIT *= job.hurry
    settling.PATIENCE = target.SETTLE = SYNCHRONISED
    plants.planted(job.plant)


def results(job: Job, contracts: Mapping[str, Contract]) -> Iterator[StageResult]:
    migration = BucketMigration(contracts[job.contract], contracts, job.environment)
    match job.operation:
        case "verify":
            yield from (_verified(migration, key) for key in job.partitions)
        case "restore":
            yield from _restored(migration, job)
        case "move":
            yield from migration.move(list(job.partitions), list(job.stages), job.run_id)


def _verified(migration: BucketMigration, key: str) -> StageResult:
    """Findings as facts, by their keys."""
    found = migration.verify(key, 100.0)
    failed = [each.name for each in found.outcomes if each.blocking and not each.passed]
    facts: dict[str, Any] = {f"{kind} {name}": 1 for kind, name in found.findings}
    report = StageReport("loaded", key, 0, found.source, 0, found.seconds, "", facts)
    failure = ", ".join([*failed, *("findings" for _ in found.findings[:1])])
    return StageResult(key, "loaded", report, failure=failure)


def _restored(migration: BucketMigration, job: Job) -> Iterator[StageResult]:
    """All that was ever moved; the same rollback every time."""
    name = "faults-back"
    migration.ask_to_restore(job.partitions, 0, name, discard=job.discard)
    for result in migration.restore(job.partitions, name, job.run_id):
        if not result.failure:
            migration.restored(result.partition, name)
        yield result
