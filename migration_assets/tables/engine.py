"""TableMigration: one contract, taken through its three stages partition by partition."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property

from psycopg2 import extensions

from migration_assets.contracts.model import ByKey, Contract
from migration_assets.errors import MappingFault
from migration_assets.ledger import postgres as ledger
from migration_assets.ledger import restores
from migration_assets.ledger.restores import Asked
from migration_assets.planning import frozen
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import Partition
from migration_assets.stages.foreseen import Foreseen
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stages.way import StageResult, partition_moved
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition
from migration_assets.staging.place import slug
from migration_assets.staging.root import staging_of
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import connect
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.extract import EXTRACTED, extract, table_of
from migration_assets.tables.foreseen import foresee
from migration_assets.tables.going_back import GoingBack
from migration_assets.tables.key_holders import key_holders
from migration_assets.tables.lanes import Lanes, number_of_lanes
from migration_assets.tables.late_keys import keys_may_wait
from migration_assets.tables.load import Load, Loaded
from migration_assets.tables.mapping import mapping
from migration_assets.tables.pruning import prune
from migration_assets.tables.sources import source_of
from migration_assets.tables.sources.base import SourceTable
from migration_assets.tables.targets.finish import finish
from migration_assets.tables.targets.structure import prepare
from migration_assets.tables.throttle import Throttle
from migration_assets.tables.together import Together
from migration_assets.tables.transform import TRANSFORMED, transform

__all__ = ["StageReport", "TableMigration"]

#: of a contract whose partitions are not known: a key that none has, so that it is never complete
_UNPLANNED = frozenset({""})
#: Opening lanes costs about half a second. It is worth it at once for partitions of so many rows,
#: and else once a partition has taken so many seconds.
MANY_ROWS, LONG = 200_000, 2.0


class TableMigration:
    """Opens connections only while a stage runs; safe to make while definitions load."""

    def __init__(
        self, contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
    ) -> None:
        self.contract = contract
        self._contracts = contracts
        self._environment = environment
        self._ready = False
        self._keys_wait = False
        self._throttle = Throttle(contract.name, contract.source, contract.target, self._connect_target)

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
        with closing(self._one_by_one(partitions, stages, run_id)) as results:
            yield from together.first(results)
        yield from together.then()

    def _one_by_one(
        self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str
    ) -> Generator[StageResult]:
        waiting = list(partitions)
        lanes = number_of_lanes(self._environment)
        long = isinstance(self.contract.partitioning, ByKey) and self.contract.partitioning.rows >= MANY_ROWS
        while waiting and not (long and min(lanes, len(waiting)) > 1):
            started = time.monotonic()
            yield from partition_moved(self, waiting.pop(0), stages, run_id)
            long = time.monotonic() - started > LONG
        if waiting:
            with Lanes(self.contract, self._contracts, self._environment, min(lanes, len(waiting))) as opened:
                yield from opened.moved(waiting, stages, run_id)

    def extract(self, partition_key: str, run_id: str) -> StageReport:
        """Stages the partition's rows as the source has them.

        Before a row is read, the target's table is made, or compared with the contract.
        """
        started = time.monotonic()
        partition = self._partition(partition_key)
        url = url_of(self.contract.source, self._environment)
        _, source = source_of(url)
        with ExitStack() as reading:
            flow = reading.enter_context(self._throttle.flow(self.contract.source, url, run_id))
            reading.enter_context(self._throttle.slot(self.contract.source))
            with self._target() as connection:
                # before the snapshot: who loads newer rows from now on has a generation that fences these
                generation = self._next_generation(connection, partition)
                snapshot = reading.enter_context(source.snapshot(self.contract.source, url))
                table = source.describe(snapshot, self.contract.source_table)
                self._look_at_keys(table)
                self._prepare(connection)
            staged = self._folder(partition).begin(generation, run_id)
            manifest = extract(self.contract, partition, source, snapshot, staged, run_id, flow)
        return _report(
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
        return _report(
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
        url = url_of(self.contract.target, self._environment)
        finished: dict[str, str] = {}
        with self._throttle.flow(self.contract.target, url, run_id) as flow, self._target() as connection:
            self._make_ready(connection, arriving[0])
            load = Load(self.contract, self._contracts, arriving, self._keys, flow)
            done = load.run(connection, self._connect_target)
            if all(each.entry for each in done.values()):
                finished["finished"] = "; ".join(self._finish(connection)) or "nothing left to do"
                for one in arriving:
                    prune(connection, self.contract, one.folder)
        seconds = (time.monotonic() - started) / len(arriving)
        return {one.key: _loaded(one, done[one.key], seconds, {**finished, **flow.facts}) for one in arriving}

    def held_by(self, partition_key: str, run_id: str) -> frozenset[str]:
        """The other partitions that have, in the target, keys of the rows that are staged of this one."""
        one = self._arriving(partition_key, run_id)
        url = url_of(self.contract.target, self._environment)
        with self._throttle.flow(self.contract.target, url, run_id) as flow, self._target() as connection:
            return key_holders(connection, one, self.partitions(), flow)

    def foreseen(self, asked: Mapping[str, Asked | int | None]) -> Iterator[Foreseen]:
        """What a rollback would do of each partition of which anything can be taken back."""
        with self._target() as connection:
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
        with self._target() as connection, connection, connection.cursor() as cursor:
            if asked:
                restores.prepare(cursor)
                restores.ask(cursor, restore, asked, "a run's tags")

    def restore(self, partitions: Sequence[str], restore: str, run_id: str) -> Iterator[StageResult]:
        """Puts earlier generations of `loaded` back, as the rollback of that name has it in the ledger."""
        going_back = GoingBack(
            self.contract, self._contracts, self._environment, self._connect_target, self._keys
        )
        yield from going_back.results(partitions, restore, run_id)

    def restored(self, partition: str, restore: str) -> None:
        """Notes in the ledger that Dagster has the partition's rollback on record."""
        with self._target() as connection, connection, connection.cursor() as cursor:
            restores.recorded(cursor, restore, self.contract.name, partition)

    def prune(self) -> int:
        """Removes staged sets of all partitions that no rollback and no run can need; how many."""
        with self._target() as connection:
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
        with self._target() as connection:
            return newest.generation >= self._next_generation(connection, partition)

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

    def _next_generation(self, connection: extensions.connection, partition: Partition) -> int:
        with connection, connection.cursor() as cursor:
            there = ledger.is_there(cursor)
            newest = ledger.latest(cursor, self.contract.name, partition.key) if there else None
        return newest.generation + 1 if newest else 1

    def _prepare(self, connection: extensions.connection) -> None:
        """The ledger and the target's table, made or compared."""
        if not self._ready:
            ledger.prepare(connection)
        prepare(connection, self.contract, keys_wait=self._keys_wait, parted_by=self._parted_by)
        self._ready = True

    def _make_ready(self, connection: extensions.connection, one: Arriving) -> None:
        """For a load without an extraction before it."""
        if not self._ready:
            if (extracted := one.staged.manifest(EXTRACTED)) is not None:
                self._look_at_keys(table_of(extracted))
            self._prepare(connection)

    def _look_at_keys(self, table: SourceTable) -> None:
        """MappingFault where contract and source do not fit."""
        planned = mapping(self.contract, table)
        self._keys_wait = keys_may_wait(self.contract, planned, table, self._parted_by)

    @property
    def _parted_by(self) -> str | None:
        """The target's column that tells partitions apart, None where there is one partition."""
        return next((partition.target_column for partition in self._partitions.values()), None)

    def _connect_target(self) -> extensions.connection:
        return connect(self.contract.target, url_of(self.contract.target, self._environment))

    @contextmanager
    def _target(self) -> Generator[extensions.connection]:
        with self._throttle.slot(self.contract.target), closing(self._connect_target()) as connection:
            self._throttle.look(connection)
            yield connection

    def _keys(self, name: str) -> frozenset[str]:
        if name == self.contract.name:
            return frozenset(self._partitions)
        other = self._contracts[name]
        if frozen.is_planned_from_source(other) and not frozen.plan_file(other).exists():
            return _UNPLANNED
        return frozenset(partition.key for partition in partitions(other))

    def _finish(self, connection: extensions.connection) -> tuple[str, ...]:
        complete: dict[str, bool] = {}

        def is_complete(name: str) -> bool:
            if name not in complete:
                with connection, connection.cursor() as cursor:
                    complete[name] = self._keys(name) <= ledger.loaded_partitions(cursor, name)
            return complete[name]

        return finish(connection, self.contract, self._contracts, is_complete)


def _loaded(
    one: Arriving, done: Loaded, seconds: float, facts: Mapping[str, int | float | str]
) -> StageReport:
    entry = done.entry
    return _report(
        "loaded",
        one.manifest,
        seconds,
        {"quarantined": entry.quarantined, **facts} if entry else facts,
        rows=entry.loaded if entry else None,
        generation=entry.generation if entry else None,
        fingerprint=entry.fingerprint if entry else None,
        outcomes=done.outcomes,
        refusal=done.refusal,
    )


def _report(
    stage: str,
    manifest: Manifest,
    seconds: float,
    facts: Mapping[str, int | float | str],
    *,
    rows: int | None = None,
    generation: int | None = None,
    fingerprint: str | None = None,
    outcomes: Sequence[object] = (),
    refusal: Exception | None = None,
) -> StageReport:
    rows = manifest.rows if rows is None else rows
    seconds = max(seconds, 1e-6)
    return StageReport(
        stage=stage,  # type: ignore[arg-type]
        partition=manifest.partition,
        generation=generation or manifest.generation,
        rows=rows,
        bytes=sum(file.size for file in manifest.files),
        seconds=seconds,
        fingerprint=fingerprint or manifest.fingerprint,
        facts={**facts, "rows_per_second": round(rows / seconds)},
        outcomes=tuple(outcomes),  # type: ignore[arg-type]
        refusal=refusal,  # type: ignore[arg-type]
    )
