"""BucketMigration: one contract of objects, taken through its three stages partition by partition."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from migration_assets.buckets import choosing, claimed, proving, sampling, taking_back, telling, verifying
from migration_assets.buckets.alone import alone
from migration_assets.buckets.claimed import Claims
from migration_assets.buckets.extracting import extract
from migration_assets.buckets.extracting import now as inventoried_now
from migration_assets.buckets.foreseeing import ask, foresee
from migration_assets.buckets.loading import load
from migration_assets.buckets.part import EXTRACTED, TRANSFORMED, Ends, Part
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.transforming import transform
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.globs import among
from migration_assets.contracts.model import Contract
from migration_assets.errors import MappingFault
from migration_assets.planning.key_ranges import spans
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.stages.foreseen import Foreseen
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stages.way import StageResult, moved
from migration_assets.staging.root import staging_of

Opened = Callable[[Bucket, Mapping[str, str]], Ends]


def _opened(bucket: Bucket, environment: Mapping[str, str]) -> Ends:
    from migration_assets.buckets.opening import opened

    return opened(bucket, environment)


class BucketMigration:
    """Opens its ends only while a stage runs; safe to make while definitions load."""

    def __init__(
        self,
        contract: Contract,
        contracts: Mapping[str, Contract],  # noqa: ARG002  # as every kind of migration is made
        environment: Mapping[str, str],
        opened: Opened = _opened,
    ) -> None:
        if contract.bucket is None:
            raise MappingFault(f"{contract.name} is no contract of a bucket.")
        self.contract = contract
        self.bucket = contract.bucket
        self._environment = environment
        self._open = opened

    @cached_property
    def _ends(self) -> Ends:
        return self._open(self.bucket, self._environment)

    @cached_property
    def _partitions(self) -> dict[str, Partition]:
        return {partition.key: partition for partition in partitions(self.contract)}

    @property
    def _claims(self) -> Claims | None:
        """None where a range of keys here is a range of keys there."""
        if not self.bucket.key or len(self._partitions) == 1:
            return None
        folder = staging_of(self._environment).partition(self.contract.name, claimed.PLACE)
        return Claims(folder, tuple(self._partitions))

    def partitions(self) -> Sequence[Partition]:
        """All partitions of the contract; PlanRefused where they have to be planned first."""
        return tuple(self._partitions.values())

    def shown(self) -> tuple[str, str]:
        """Source and target as they may be shown; nothing is asked."""
        return self._ends.source.shown, self._ends.target.shown

    def look_at_source(self) -> Capabilities:
        """Asks for its first object, too: what may not be listed is found out now."""
        next(iter(self._ends.source.listed(self._ends.from_place.prefix or None)), None)
        return self._ends.source.capabilities()

    def capabilities(self) -> tuple[Capabilities, Capabilities]:
        """What source and target were found to enforce, by a canary on each side."""
        return self._ends.source.capabilities(), self._ends.target.capabilities()

    def move(self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str) -> Iterator[StageResult]:
        """Each partition through the stages; one that fails leaves the others alone."""
        yield from moved(self, partitions, stages, run_id)

    def part(self, key: str) -> Part:
        partition = self._partitions.get(key)
        if partition is None:
            raise MappingFault(
                f"{self.contract.name} has no partition {key}.",
                advice=f"`migrate plan {self.contract.name}` lists them.",
            )
        folder = staging_of(self._environment).partition(self.contract.name, key)
        means = among(self.bucket.include, self.bucket.exclude)
        return Part(self.contract, self.bucket, key, spans(partition.bounds), folder, self._ends, means)

    def extract(self, partition_key: str, run_id: str) -> StageReport:
        """Stages the partition's inventory."""
        started, part = time.monotonic(), self.part(partition_key)
        facts = telling.capabilities("source", self._ends.source.capabilities())
        meant = meaning(self.contract, self._partitions[partition_key])
        manifest = extract(part, part.records.next_generation(), run_id, meant)
        return telling.report("extracted", manifest, started, facts)

    def transform(self, partition_key: str, run_id: str) -> StageReport:
        """Decides what becomes of each object, by one listing of the target."""
        started, part = time.monotonic(), self.part(partition_key)
        facts = telling.capabilities("target", self._ends.target.capabilities())
        staged, extracted = part.folder.newest(EXTRACTED, run_id)
        done = transform(part, staged, extracted, run_id, self._claims)
        return telling.report("transformed", done.manifest, started, facts, outcomes=(done.outcome,))

    def load(self, partition_key: str, run_id: str) -> StageReport:
        """Moves and proves; what failed is in the outcomes, and what was done is recorded."""
        part = self.part(partition_key)
        with alone(part, run_id) as still:
            return self._loaded(part, run_id, still)

    def _loaded(self, part: Part, run_id: str, still: Callable[[], None]) -> StageReport:
        started = time.monotonic()
        staged, manifest = part.folder.newest(TRANSFORMED, run_id)
        tally = load(part, staged, manifest, run_id, still)
        seconds = max(time.monotonic() - started, 1e-6)
        compared = proving.compared(part, tally.expected)
        looked = choosing.looked_at(part, manifest, tally)
        outcomes = (*proving.outcomes(part, tally, manifest.rows, compared), *sampling.outcomes(looked))
        facts = telling.facts(tally, manifest, seconds)
        fingerprint = telling.fingerprint_there(tally)
        failed = [each for each in outcomes if each.blocking and not each.passed]
        still()
        if not failed:
            said = {**facts, "fingerprint": fingerprint, "meaning": manifest.facts.get("meaning")}
            part.records.end(manifest.generation, run_id, "loaded", said)
            # another run may be at work on a set of the same generation
            part.folder.prune((staged.name,), manifest.generation - 1)
        return telling.report(
            "loaded",
            manifest,
            started,
            facts,
            rows=tally.moved + tally.skipped,
            size=tally.bytes,
            fingerprint=fingerprint,
            outcomes=outcomes,
            refusal=telling.refusal(part, tally) if failed and tally.failed else None,
        )

    def stale(self, partition_key: str, inventory: str) -> bool:
        """Whether the source's inventory is another one by now than the fingerprint says."""
        return inventoried_now(self.part(partition_key)) != inventory

    def verify(
        self,
        partition_key: str,
        sample: float | None = None,
        seed: int = 0,
        told: verifying.Told = lambda _, __: None,
    ) -> verifying.Verified:
        """Both sides as they are now; nothing is written."""
        return verifying.verify(self.part(partition_key), sample, seed, told)

    def foreseen(self, asked: Mapping[str, Any]) -> Iterator[Foreseen]:
        """What a rollback would do of each partition of which anything can be taken back."""
        for key, what in asked.items():
            found = foresee(self.part(key), what)
            if found is not None:
                yield found

    def ask_to_restore(
        self,
        partitions: Sequence[str],
        to: int | None,
        restore: str,
        *,
        discard: bool = False,
        by: str = "a run's tags",
    ) -> None:
        """Notes a rollback beside the records."""
        for key in partitions:
            ask(self.part(key), to, restore, discard=discard, by=by)

    def restore(self, partitions: Sequence[str], restore: str, run_id: str) -> Iterator[StageResult]:
        """Takes back what was asked for under that name."""
        for key in partitions:
            yield taking_back.result(lambda key=key: self._restored(key, restore, run_id), key)

    def _restored(self, key: str, restore: str, run_id: str) -> StageReport:
        part = self.part(key)
        with alone(part, run_id) as still:
            return taking_back.take_back(part, restore, run_id, still)

    def restored(self, partition: str, restore: str) -> None:
        """Notes that Dagster has the partition's rollback on record."""
        self.part(partition).records.ask_recorded(restore)
