"""TableMigration: one contract, taken through its three stages partition by partition."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cached_property

from migration_assets.contracts.model import Contract
from migration_assets.errors import MappingFault
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.restores import Asked
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import Partition
from migration_assets.stages.foreseen import Foreseen
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stages.way import StageResult
from migration_assets.staging.partition import StagedPartition
from migration_assets.staging.place import slug
from migration_assets.staging.root import staging_of
from migration_assets.stores.connections import url_of
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.completeness import Completeness
from migration_assets.tables.extract import EXTRACTED, extract
from migration_assets.tables.foreseen import foresee
from migration_assets.tables.going_back import GoingBack
from migration_assets.tables.key_holders import key_holders
from migration_assets.tables.load import Load
from migration_assets.tables.pruning import prune
from migration_assets.tables.reach import Reach
from migration_assets.tables.readiness import Readiness
from migration_assets.tables.reports import loaded_report, report
from migration_assets.tables.side_by_side import moved_side_by_side
from migration_assets.tables.sources import source_of
from migration_assets.tables.together import Together
from migration_assets.tables.transform import TRANSFORMED, transform

__all__ = ["StageReport", "TableMigration"]


class TableMigration:
    """Opens connections only while a stage runs; safe to make while definitions load."""

    def __init__(
        self, contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
    ) -> None:
        self.contract = contract
        self._contracts = contracts
        self._environment = environment
        self._reach = Reach(contract, environment)
        self._readiness = Readiness(contract)
        self._completeness = Completeness(contract, contracts, lambda: frozenset(self._partitions))

    @cached_property
    def _partitions(self) -> dict[str, Partition]:
        return {partition.key: partition for partition in partitions(self.contract)}

    def partitions(self) -> Sequence[Partition]:
        """All partitions of the contract; PlanRefused where they have to be planned first."""
        return tuple(self._partitions.values())

    def move(self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str) -> Iterator[StageResult]:
        """Each partition through the stages; side by side where they take long.

        A partition that fails leaves the others alone. Those whose rows stand in one another's way are
        loaded once more at the end, together. Whoever stops asking ends what is going on.
        """
        return self.move_beside(partitions, stages, run_id, frozenset[str])

    def move_beside(
        self,
        partitions: Sequence[str],
        stages: Sequence[Stage],
        run_id: str,
        beside: Callable[[], frozenset[str]],
    ) -> Iterator[StageResult]:
        """The same; partitions that the runs `beside` have staged, and could not load, are loaded with these
        where these cannot be loaded without them."""
        together = Together(self, self.contract.name, run_id, beside)
        results = moved_side_by_side(
            self, self.contract, self._contracts, self._environment, partitions, stages, run_id
        )
        with closing(results):
            yield from together.first(results)
        yield from together.then()

    def extract(self, partition_key: str, run_id: str) -> StageReport:
        """Stages the partition's rows as the source has them.

        Before a row is read, the target's table is made, or compared with the contract.
        """
        started = time.monotonic()
        partition = self._partition(partition_key)
        url = url_of(self.contract.source, self._environment)
        _, source = source_of(url)
        with ExitStack() as reading:
            flow = reading.enter_context(self._reach.throttle.flow(self.contract.source, url, run_id))
            reading.enter_context(self._reach.throttle.slot(self.contract.source))
            with self._reach.target() as connection:
                # before the snapshot: who loads newer rows from now on has a generation that fences these
                generation = self._reach.next_generation(connection, partition.key)
                snapshot = reading.enter_context(source.snapshot(self.contract.source, url))
                table = source.describe(snapshot, self.contract.source_table)
                self._readiness.look_at_keys(table, self._parted_by)
                self._readiness.bring_about(connection, self._parted_by)
            staged = self._folder(partition).begin(generation, run_id)
            manifest = extract(self.contract, partition, source, snapshot, staged, run_id, flow)
        return report(
            "extracted",
            manifest,
            time.monotonic() - started,
            {"snapshot": manifest.facts["snapshot"], **flow.facts},
        )

    def transform(self, partition_key: str, run_id: str) -> StageReport:
        """Maps and judges the staged rows; refused rows are in the outcomes."""
        started = time.monotonic()
        partition = self._partition(partition_key)
        folder = self._folder(partition)
        staged, extracted = folder.newest(EXTRACTED, run_id)
        done = transform(self.contract, extracted, folder, staged, run_id)
        return report(
            "transformed",
            done.manifest or extracted,
            time.monotonic() - started,
            {"quarantined": done.quarantined},
            rows=done.rows,
            outcomes=done.outcomes,
            refusal=done.refusal,
        )

    def load(self, partition_key: str, run_id: str) -> StageReport:
        """Loads what is staged, verified before it is visible; failed checks are in the outcomes."""
        return self.load_together([partition_key], run_id)[partition_key]

    def load_together(self, partitions: Sequence[str], run_id: str) -> dict[str, StageReport]:
        """The same of several partitions in one transaction, all of them or none."""
        started = time.monotonic()
        arriving = [self._arriving(key, run_id) for key in partitions]
        finished: dict[str, str] = {}
        with self._reach.flow(run_id) as flow, self._reach.target() as connection:
            self._readiness.bring_about_for(connection, arriving[0], self._parted_by)
            load = Load(self.contract, self._contracts, arriving, self._completeness.keys, flow)
            done = load.run(connection, self._reach.connect)
            if all(each.entry for each in done.values()):
                left = self._completeness.finish(connection)
                finished["finished"] = "; ".join(left) or "nothing left to do"
                for one in arriving:
                    prune(connection, self.contract, one.folder)
        seconds = (time.monotonic() - started) / len(arriving)
        facts = {**finished, **flow.facts}
        return {one.key: loaded_report(one, done[one.key], seconds, facts) for one in arriving}

    def held_by(self, partition_key: str, run_id: str) -> frozenset[str]:
        """The other partitions that have, in the target, keys of the rows that are staged of this one."""
        one = self._arriving(partition_key, run_id)
        with self._reach.flow(run_id) as flow, self._reach.target() as connection:
            return key_holders(connection, one, self.partitions(), flow)

    def foreseen(self, asked: Mapping[str, Asked | int | None]) -> Iterator[Foreseen]:
        """What a rollback would do of each partition of which anything can be taken back."""
        with self._reach.target() as connection:
            with connection, connection.cursor() as cursor:
                if not ledger.is_there(cursor):
                    return
            for key, what in asked.items():
                partition = self._partition(key)
                found = foresee(connection, self.contract, partition, self._folder(partition), what)
                if found:
                    yield found

    def ask_to_restore(self, partitions: Sequence[str], to: int | None, restore: str) -> None:
        """Notes a rollback that somebody asked for by tags of a run alone."""
        asked = [each.asked for each in self.foreseen(dict.fromkeys(partitions, to))]
        with self._reach.target() as connection, connection, connection.cursor() as cursor:
            if asked:
                restores.prepare(cursor)
                restores.ask(cursor, restore, asked, "a run's tags")

    def restore(self, partitions: Sequence[str], restore: str, run_id: str) -> Iterator[StageResult]:
        """Puts earlier generations of `loaded` back, as the rollback of that name has it in the ledger."""
        contract, contracts, reach = self.contract, self._contracts, self._reach
        going_back = GoingBack(contract, contracts, self._environment, reach.connect, self._completeness.keys)
        yield from going_back.results(partitions, restore, run_id)

    def restored(self, partition: str, restore: str) -> None:
        """Notes in the ledger that Dagster has the partition's rollback on record."""
        with self._reach.target() as connection, connection, connection.cursor() as cursor:
            restores.recorded(cursor, restore, self.contract.name, partition)

    def prune(self) -> int:
        """Removes staged sets of all partitions that no rollback and no run can need; how many."""
        with self._reach.target() as connection:
            with connection, connection.cursor() as cursor:
                if not ledger.is_there(cursor):
                    return 0
            return sum(prune(connection, self.contract, self._folder(p)) for p in self.partitions())

    def waits(self, partition_key: str, runs: frozenset[str]) -> bool:
        """Whether one of the runs has staged rows of it that are newer than those that were loaded last."""
        partition = self._partition(partition_key)
        newest = next((s for s in self._folder(partition).sets() if s.manifest(TRANSFORMED)), None)
        if newest is None or newest.run not in {slug(run) for run in runs}:
            return False
        with self._reach.target() as connection:
            return newest.generation >= self._reach.next_generation(connection, partition.key)

    def _partition(self, key: str) -> Partition:
        try:
            return self._partitions[key]
        except KeyError:
            raise MappingFault(
                f"{self.contract.name} has no partition {key}.",
                advice=f"`migrate plan {self.contract.name}` lists them.",
            ) from None

    def _folder(self, partition: Partition) -> StagedPartition:
        return staging_of(self._environment).partition(self.contract.name, partition.key)

    def _arriving(self, key: str, run_id: str) -> Arriving:
        partition = self._partition(key)
        folder = self._folder(partition)
        staged, manifest = folder.newest(TRANSFORMED, run_id)
        return Arriving(self.contract, partition, manifest, staged, folder, run_id)

    @property
    def _parted_by(self) -> str | None:
        """The target's column that tells partitions apart, None where there is one partition."""
        return next((partition.target_column for partition in self._partitions.values()), None)
