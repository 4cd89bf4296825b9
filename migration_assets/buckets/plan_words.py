"""What each stage of a bucket will do, said for a reader; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migration_assets.buckets.cloudsmith.probing import short_of
from migration_assets.buckets.part import pace_of
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.plan import Surveyed
from migration_assets.buckets.survey import Counts
from migration_assets.contracts.bucket_model import (
    LARGE,
    Bucket,
    ByDate,
    ByObjects,
    ByPrefix,
    OnePartition,
)
from migration_assets.contracts.model import Contract

#: of one package, as measured: begin the upload, make the package, and its part of the listings
CALLS_A_PACKAGE = 2.01
#: an hour, of Cloudsmith's Pro plan, where neither contract nor server says another limit
CALLS_AN_HOUR = 10_800
#: hours above which the plan says to ask for a higher limit
LONG = 1.0
_CONFLICTS = {
    "skip_equal": "skip it where the target has the same, refuse it where the target has another",
    "refuse": "refuse it where the target has the key",
    "overwrite": "skip it where the target has the same, replace another",
    "keep_both": "skip it where the target has the same, put it beside another",
}


@dataclass(frozen=True)
class Chosen:
    """Which partitions are meant, and what they held when the bucket was surveyed."""

    partitions: int
    of: int
    #: None: not known by partition
    objects: int | None = None
    bytes: int | None = None


def extracted(contract: Contract, bucket: Bucket, chosen: Chosen, surveyed: Surveyed | None) -> str:
    which = "the only partition" if chosen.of == 1 else f"{chosen.partitions} of {chosen.of} partitions"
    what = "objects, versions and delete markers" if bucket.versions else "objects"
    return (
        f"List the {what} of {which}{_by(bucket)} of {contract.source_table} in {contract.source.name}"
        f"{_globs(bucket)}, and stage the inventory{_held(chosen, surveyed)}."
    )


def transformed(bucket: Bucket) -> str:
    said = sorted(bucket.expressions)
    mapped = f"; {_listed(said)} by expression" if said else ""
    kept = f"; keep {_listed(sorted(bucket.keep))}" if bucket.keep else "; keep no attributes"
    return f"Decide for each object: copy it, {_CONFLICTS[bucket.conflict]}{mapped}{kept}."


def loaded(contract: Contract, bucket: Bucket, chosen: Chosen, surveyed: Surveyed | None) -> str:
    what = "packages" if bucket.target.store == "cloudsmith" else "objects"
    encrypted = f", encrypted by SSE-{bucket.encryption.sse.upper()}" if bucket.encryption else ""
    back = {"never": "", "sample": "; read a sample of them back", "all": "; read all of them back"}
    return (
        f"Move the {what} to {contract.target_table} in {contract.target.name}{encrypted}, each proven on "
        f"the target{back[bucket.read_back]}{_way(chosen, surveyed)}."
    )


def findings(bucket: Bucket, surveyed: Surveyed | None, capabilities: Capabilities | None) -> Iterator[str]:
    """What would be lost, refused, or take long; one sentence each."""
    if capabilities is not None:
        yield from capabilities.drops
    if surveyed is not None:
        yield from _refused(bucket, surveyed.counts)
        if bucket.target.store == "cloudsmith":
            yield from _hours(bucket, surveyed.counts.objects, capabilities)
            if capabilities and (short := short_of(capabilities.facts, surveyed.counts.bytes)):
                yield short


def hours(packages: int, calls_an_hour: float) -> float:
    return packages * CALLS_A_PACKAGE / calls_an_hour


def amount(size: int) -> str:
    """`1.5 GiB`"""
    number = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.1f} {unit}".replace(".0 ", " ")
        number /= 1024
    return f"{number:,.1f} TiB".replace(".0 ", " ")


def _by(bucket: Bucket) -> str:
    match bucket.ranges:
        case ByObjects(objects=objects, bytes=size):
            return f" (ranges of keys, at most {objects:,} objects and {amount(size)} each when planned)"
        case ByPrefix(depth=depth):
            return f" (by prefix up to {'the slash' if depth == 1 else f'{depth} slashes'})"
        case ByDate(grain=grain, layout=layout):
            return f" (by {grain}, as in {layout})"
        case OnePartition():
            return ""


def _globs(bucket: Bucket) -> str:
    parts = [f"where keys match {_listed(bucket.include, 'or')}"] if bucket.include else []
    parts += [f"leaving out {_listed(bucket.exclude, 'and')}"] if bucket.exclude else []
    return f", {', '.join(parts)}" if parts else ""


def _held(chosen: Chosen, surveyed: Surveyed | None) -> str:
    objects, size = _size(chosen, surveyed)
    if objects is None or size is None:
        return ""
    when = f" when it was planned ({surveyed.at[:10]})" if surveyed and surveyed.at else ""
    return f": {objects:,} object{'' if objects == 1 else 's'}, {amount(size)}{when}"


def _size(chosen: Chosen, surveyed: Surveyed | None) -> tuple[int | None, int | None]:
    if chosen.objects is not None or surveyed is None:
        return chosen.objects, chosen.bytes
    if chosen.partitions == chosen.of:
        return surveyed.counts.objects, surveyed.counts.bytes
    return None, None


def _way(chosen: Chosen, surveyed: Surveyed | None) -> str:
    objects, size = _size(chosen, surveyed)
    if objects is None or size is None:
        return ""
    pace = pace_of(objects, size)
    if pace.size == "small":
        return " (small: one by one)"
    beside = f"up to {pace.workers} side by side"
    if pace.size == "medium":
        return f" (medium: {beside})"
    runs = "one run" if chosen.partitions == 1 else f"{chosen.partitions} partitions, spread over runs"
    return f" (large: {beside} in a run, {runs}, a checkpoint after each)"


def _refused(bucket: Bucket, counts: Counts) -> Iterator[str]:
    if counts.archived:
        yield f"{_objects(counts.archived)} archived and would be refused: restore them first."
    if counts.above_5_gib and bucket.target.store == "cloudsmith":
        yield (
            f"{_objects(counts.above_5_gib)} above {amount(LARGE)}, which Cloudsmith does not take, and "
            "would be refused."
        )


def _objects(number: int) -> str:
    return f"{number:,} object is" if number == 1 else f"{number:,} objects are"


def _hours(bucket: Bucket, packages: int, capabilities: Capabilities | None) -> Iterator[str]:
    said = capabilities.facts.get("calls_per_window") if capabilities else None
    limit = float(said) if isinstance(said, int) and said else float(CALLS_AN_HOUR)
    own = bucket.target.requests_per_second
    limit = min(limit, own * 3600.0) if own else limit
    if (long := hours(packages, limit)) >= LONG:
        whose = "" if said or own else " (of Cloudsmith's Pro plan)"
        yield (
            f"At {limit:,.0f} calls an hour{whose}, {packages:,} packages take {long:,.1f} hours whatever "
            "the bandwidth: ask Cloudsmith for a higher limit."
        )


def _listed(words: Sequence[str], last: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
