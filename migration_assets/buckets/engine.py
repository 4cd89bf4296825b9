"""BucketMigration: one contract of objects, taken through its three stages partition by partition."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from migration_assets.buckets import choosing, claimed, proving, sampling, taking_back, verifying
from migration_assets.buckets.alone import alone
from migration_assets.buckets.claimed import Claims
from migration_assets.buckets.extracting import Hashed, extract
from migration_assets.buckets.extracting import now as inventoried_now
from migration_assets.buckets.foreseeing import ask, foresee
from migration_assets.buckets.loading import Tally, load
from migration_assets.buckets.part import EXTRACTED, TRANSFORMED, Ends, Part, pace_of
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.transforming import transform
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.globs import among
from migration_assets.contracts.model import Contract
from migration_assets.errors import LoadRefused, MappingFault, MigrationError
from migration_assets.planning.key_ranges import spans
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.stages.foreseen import Foreseen
from migration_assets.stages.report import Stage, StageReport
from migration_assets.stages.way import StageResult, moved
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.root import staging_of

#: failed objects that a refusal names; the check `count` has more
NAMED = 3

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
        facts = _capabilities("source", self._ends.source.capabilities())
        manifest = extract(part, part.records.next_generation(), run_id)
        return _report("extracted", manifest, started, facts)

    def transform(self, partition_key: str, run_id: str) -> StageReport:
        """Decides what becomes of each object, by one listing of the target."""
        started, part = time.monotonic(), self.part(partition_key)
        facts = _capabilities("target", self._ends.target.capabilities())
        staged, extracted = part.folder.newest(EXTRACTED, run_id)
        done = transform(part, staged, extracted, run_id, self._claims)
        return _report("transformed", done.manifest, started, facts, outcomes=(done.outcome,))

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
        looked = _looked_at(part, manifest, tally)
        outcomes = (*proving.outcomes(part, tally, manifest.rows, compared), *sampling.outcomes(looked))
        facts = _facts(tally, manifest, seconds)
        fingerprint = _there(tally)
        failed = [each for each in outcomes if each.blocking and not each.passed]
        still()
        if not failed:
            said = {**facts, "fingerprint": fingerprint, "meaning": self._meaning(part.key)}
            part.records.end(manifest.generation, run_id, "loaded", said)
            # another run may be at work on a set of the same generation
            part.folder.prune((staged.name,), manifest.generation - 1)
        return _report(
            "loaded",
            manifest,
            started,
            facts,
            rows=tally.moved + tally.skipped,
            size=tally.bytes,
            fingerprint=fingerprint,
            outcomes=outcomes,
            refusal=_refusal(part, tally) if failed and tally.failed else None,
        )

    def _meaning(self, key: str) -> str:
        return meaning(self.contract, self._partitions[key])

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


def _looked_at(part: Part, manifest: Manifest, tally: Tally) -> sampling.Looked:
    chosen = choosing.chosen(tally.expected, tally.ours, part.bucket.read_back, manifest.generation)
    if chosen.read is None:
        wanted, read = chosen.asked, choosing.pairs(part.decisions(manifest), tally.expected, None)
    else:
        wanted, read = chosen.asked | chosen.read, iter(())
    some = list(choosing.pairs(part.decisions(manifest), tally.expected, wanted))
    asked = [each for each in some if each.target in chosen.asked]
    if chosen.read is not None:
        read = (each for each in some if each.target in chosen.read)
    return sampling.looked_at(part, asked, read, tally.dropped)


def _there(tally: Tally) -> str:
    """The fingerprint of what the target holds."""
    found = Hashed()
    for key, each in tally.expected.items():
        found.add(key, each.size, each.there.etag if each.there else "")
    return str(found)


def _facts(tally: Tally, manifest: Manifest, seconds: float) -> dict[str, int | float | str]:
    pace = pace_of(int(manifest.facts["to_copy"]), int(manifest.facts["bytes_to_move"]))
    return {
        "moved": tally.moved,
        "skipped": tally.skipped,
        "failed_objects": tally.failed,
        "bytes_moved": tally.bytes,
        "bytes_sent": tally.sent,
        "mb_per_second": round(tally.bytes / 1e6 / seconds, 3),
        "objects_per_second": round(tally.moved / seconds, 1),
        "tried_again": tally.retries,
        "pace": f"{pace.size}: {pace.workers} side by side",
        "proven_by": ", ".join(f"{name} ({number})" for name, number in sorted(tally.proofs.items())),
        "dropped": ", ".join(f"{name} ({number})" for name, number in sorted(tally.dropped.items())),
        "inventory": str(manifest.facts["inventory"]),
    }


def _refusal(part: Part, tally: Tally) -> MigrationError:
    named = "; ".join(f"{each.key}: {each.reason}" for each in tally.failures[:NAMED])
    more = f"; and {tally.failed - NAMED} more" if tally.failed > NAMED else ""
    return LoadRefused(
        f"{tally.failed:,} of {tally.objects:,} objects of partition {part.key} of {part.contract.name} were "
        f"not moved ({named}{more}); {tally.moved:,} were, and are recorded.",
        advice=f"Correct the cause, then `migrate run {part.contract.name} --failed` moves the rest.",
    )


def _capabilities(side: str, found: Capabilities) -> dict[str, int | float | str]:
    facts = ", ".join(f"{name}: {value}" for name, value in sorted(found.facts.items()))
    drops = {"would_be_dropped": "; ".join(found.drops)} if found.drops else {}
    return {f"{side}_capabilities": facts, **drops}


def _report(
    stage: Stage,
    manifest: Manifest,
    started: float,
    facts: Mapping[str, int | float | str],
    *,
    rows: int | None = None,
    size: int | None = None,
    fingerprint: str = "",
    outcomes: Sequence[CheckOutcome] = (),
    refusal: MigrationError | None = None,
) -> StageReport:
    said = {name: value for name, value in manifest.facts.items() if isinstance(value, (int, float, str))}
    return StageReport(
        stage=stage,
        partition=manifest.partition,
        generation=manifest.generation,
        rows=manifest.rows if rows is None else rows,
        bytes=sum(file.size for file in manifest.files) if size is None else size,
        seconds=max(time.monotonic() - started, 1e-6),
        fingerprint=fingerprint or manifest.fingerprint,
        facts={**said, **facts},
        outcomes=tuple(outcomes),
        refusal=refusal,
    )
