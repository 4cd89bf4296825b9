"""Planning of buckets for `migrate plan`: what is asked of both sides, and how it is said."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from migration_assets.buckets import plan_words
from migration_assets.buckets.opening import opened, source_of
from migration_assets.buckets.plan import Inventory, Surveyed, plan_bucket
from migration_assets.buckets.report_files import report_of
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.model import Contract
from migration_assets.contracts.places import place
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.planned import Planned

if TYPE_CHECKING:
    from migration_assets.buckets.places import Capabilities


def planned(
    contract: Contract,
    bucket: Bucket,
    environment: Mapping[str, str],
    told: Callable[[int], None] = lambda _: None,
) -> tuple[Planned | None, Surveyed]:
    """Lists the source, or reads its report, where nothing is frozen yet; tells how many objects so far."""
    where = place(bucket.source, environment)
    report = None
    if bucket.inventory and not frozen.plan_file(contract).exists():
        folder = Path(contract.file).parent
        report = report_of(bucket.inventory, folder, where.environment(environment), where.name)
    return plan_bucket(contract, bucket, Inventory(source_of(bucket, environment), where, report, told))


def in_words(
    contract: Contract,
    bucket: Bucket,
    partitions: tuple[str, ...],
    all_partitions: tuple[str, ...],
    surveyed: Surveyed | None,
) -> dict[str, str]:
    """What each stage will do."""
    chosen = _chosen(contract, partitions, all_partitions)
    return {
        "extracted": plan_words.extracted(contract, bucket, chosen, surveyed),
        "transformed": plan_words.transformed(bucket),
        "loaded": plan_words.loaded(contract, bucket, chosen, surveyed),
    }


def target_of(
    bucket: Bucket, environment: Mapping[str, str], surveyed: Surveyed | None
) -> tuple[bool, tuple[str, ...]]:
    """Whether the target answered, and what it (or the inventory) would not let arrive, in sentences."""
    capabilities: Capabilities | None = None
    why: tuple[str, ...] = ()
    try:
        capabilities = opened(bucket, environment).target.capabilities()
    except MigrationError as error:
        why = (str(error),)
    return not why, (*why, *plan_words.findings(bucket, surveyed, capabilities))


def _chosen(
    contract: Contract, partitions: tuple[str, ...], all_partitions: tuple[str, ...]
) -> plan_words.Chosen:
    whole = plan_words.Chosen(len(partitions), len(all_partitions))
    if not frozen.is_planned_from_source(contract):
        return whole
    try:
        sizes = frozen.read(contract).sizes
    except PlanRefused:
        return whole
    if len(sizes) != len(all_partitions):
        return whole
    wanted = frozenset(partitions)
    held = [size for key, size in zip(all_partitions, sizes, strict=True) if key in wanted]
    return plan_words.Chosen(
        whole.partitions, whole.of, sum(objects for objects, _ in held), sum(size for _, size in held)
    )
