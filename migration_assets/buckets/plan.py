"""Planning a bucket: its source listed once, or its report read; ranges and prefixes are frozen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migration_assets.buckets import goals
from migration_assets.buckets.inventory import listed, meant
from migration_assets.buckets.model import Found
from migration_assets.buckets.part import shown
from migration_assets.buckets.places import Source
from migration_assets.buckets.report import Files, manifest, reported
from migration_assets.buckets.survey import Counts, Survey, counts_of, survey
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.model import Contract
from migration_assets.contracts.places import Place
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.keys import of_bucket
from migration_assets.planning.planned import Planned

#: objects after which it is told how many there are so far
OFTEN = 50_000


@dataclass(frozen=True)
class Surveyed:
    """What is known of a bucket when it is planned, or was then."""

    counts: Counts
    #: UTC, ISO 8601; empty: now
    at: str = ""


@dataclass(frozen=True)
class Inventory:
    """Where a bucket's inventory comes from."""

    source: Source
    place: Place
    #: the report's manifest and where its files are; None: the source is listed
    report: tuple[bytes, Files] | None = None
    #: called with the number of objects so far, now and then
    told: Callable[[int], None] = lambda _: None

    def found(self, bucket: Bucket) -> Iterator[Found]:
        for number, each in enumerate(self._found(bucket), start=1):
            yield each
            if number % OFTEN == 0:
                self.told(number)

    def _found(self, bucket: Bucket) -> Iterator[Found]:
        if self.report is None:
            return listed(self.source, bucket, self.place)
        text, files = self.report
        said = manifest(text, bucket.inventory)
        if said.bucket != self.place.container:
            raise PlanRefused(
                f"The inventory report {bucket.inventory} is of another bucket than {self.place}.",
                advice="Name the manifest of this bucket's report in `from.inventory`.",
            )
        return meant(reported(said, files, bucket.inventory), bucket, self.place)


def plan_bucket(contract: Contract, bucket: Bucket, inventory: Inventory) -> tuple[Planned | None, Surveyed]:
    """Plans and freezes the contract's ranges or prefixes; no Planned where nothing has to be frozen.

    An existing plan is never changed, and its source not listed again. PlanRefused when there would be too
    many partitions, or objects of several of them would go to one key."""
    planned = frozen.is_planned_from_source(contract)
    if planned and frozen.plan_file(contract).exists():
        plan = frozen.read(contract)
        return (
            Planned(contract.name, max(1, len(plan.bounds)), made=False),
            Surveyed(counts_of(plan.facts), plan.planned_at),
        )
    if goals.foretold(bucket, reported=inventory.report is not None):
        with goals.Goals(bucket, inventory.place) as noted:
            found = survey(noted.noted(inventory.found(bucket)), bucket, inventory.place)
            plan = _frozen(contract, found) if planned else None
            goals.refuse(
                contract.name,
                noted.shared(of_bucket(contract, bucket.ranges, plan=plan)),
                lambda key: shown(contract, key),
            )
    else:
        found = survey(inventory.found(bucket), bucket, inventory.place)
        plan = _frozen(contract, found) if planned else None
    if plan is None:
        return None, Surveyed(found.counts)
    frozen.write(contract, plan)
    return Planned(contract.name, max(1, len(found.bounds)), made=True), Surveyed(found.counts)


def _frozen(contract: Contract, found: Survey) -> frozen.Plan:
    return frozen.freeze(contract, found.bounds, sizes=found.sizes, facts=found.facts)
