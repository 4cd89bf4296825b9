"""What an inventory comes to, counted while it passes by: for the plan, its words, and the pace."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields

from migration_assets.buckets.deciding import ARCHIVED
from migration_assets.buckets.model import Found
from migration_assets.contracts.bucket_model import LARGE, Bucket, ByObjects, ByPrefix
from migration_assets.contracts.places import Place
from migration_assets.errors import PlanRefused
from migration_assets.planning.cutting import Cutting
from migration_assets.planning.key_ranges import prefix_of
from migration_assets.planning.partitions import CEILING


@dataclass
class Counts:
    """Of all objects of an inventory; a delete marker counts as one."""

    objects: int = 0
    bytes: int = 0
    #: bytes of the largest object
    largest: int = 0
    #: objects above 5 GiB, which go in parts, and which Cloudsmith does not take
    above_5_gib: int = 0
    archived: int = 0
    markers: int = 0
    #: bytes of the longest key, behind the prefix
    longest_key: int = 0

    def add(self, found: Found, key: str) -> None:
        self.objects += 1
        self.bytes += found.size
        if found.size > self.largest:
            self.largest = found.size
        self.above_5_gib += found.size > LARGE
        self.archived += found.storage_class in ARCHIVED and not found.restored
        self.markers += found.marker
        # no sign has more than four bytes
        if 4 * len(key) > self.longest_key:
            self.longest_key = max(self.longest_key, len(key.encode("utf-8", "surrogatepass")))


@dataclass(frozen=True)
class Survey:
    """What one inventory came to, and the partitions that were found in it."""

    counts: Counts
    #: first keys of ranges, or prefixes; behind the source's prefix
    bounds: tuple[str, ...] = ()
    #: objects and bytes of each, and of the rest of a partitioning by prefix
    sizes: tuple[tuple[int, int], ...] = field(default=())

    @property
    def facts(self) -> Mapping[str, int]:
        return asdict(self.counts)


def counts_of(facts: Mapping[str, int]) -> Counts:
    """From a plan's facts."""
    return Counts(**{each.name: facts.get(each.name, 0) for each in fields(Counts)})


def survey(inventory: Iterable[Found], bucket: Bucket, place: Place) -> Survey:
    """One pass. PlanRefused where there would be too many partitions, or keys come out of order."""
    counts, cut = Counts(), len(place.prefix)
    match bucket.ranges:
        case ByObjects():
            cutting = Cutting(bucket.ranges)
            for found in inventory:
                key = found.key[cut:]
                counts.add(found, key)
                cutting.add(key, found.size)
            cutting.end()
            return Survey(counts, tuple(cutting.bounds), tuple(cutting.sizes))
        case ByPrefix(depth):
            return _by_prefix(inventory, depth, cut, counts)
        case _:
            for found in inventory:
                counts.add(found, found.key[cut:])
            return Survey(counts)


def _by_prefix(inventory: Iterable[Found], depth: int, cut: int, counts: Counts) -> Survey:
    sizes: dict[str, tuple[int, int]] = {}
    rest = (0, 0)
    for found in inventory:
        key = found.key[cut:]
        counts.add(found, key)
        prefix = prefix_of(key, depth)
        objects, size = rest if prefix is None else sizes.get(prefix, (0, 0))
        if prefix is None:
            rest = (objects + 1, size + found.size)
        else:
            sizes[prefix] = (objects + 1, size + found.size)
        if len(sizes) >= CEILING:
            raise PlanRefused(
                f"There would be more than {CEILING:,} prefixes.",
                advice="Take a smaller `depth`, or `partitions: {by: objects}`.",
            )
    return Survey(counts, tuple(sizes), (*sizes.values(), rest))
