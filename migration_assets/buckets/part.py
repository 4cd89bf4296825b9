"""One partition of a bucket at work: its ranges of keys, its two ends, its staged sets and its records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from migration_assets.buckets.index import Index
from migration_assets.buckets.lines import attributes_of, decision_of, found_of, things
from migration_assets.buckets.model import Attributes, Decision, Found, There
from migration_assets.buckets.places import Pace, Source, Target
from migration_assets.buckets.records import Records
from migration_assets.contracts.bucket_model import Bucket
from migration_assets.contracts.model import Contract
from migration_assets.contracts.places import Place
from migration_assets.planning.key_ranges import Span, after_all
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.partition import StagedPartition

EXTRACTED: Literal["extracted"] = "extracted"
TRANSFORMED: Literal["transformed"] = "transformed"
FILE = "objects.jsonl"

#: up to so many objects and bytes they go one by one; up to so many bytes in a pool; above, in a larger one
FEW, SMALL, MEDIUM = 100, 10 << 20, 10 << 30
#: side by side in one process
WORKERS = {"small": 1, "medium": 16, "large": 32}


@dataclass(frozen=True)
class Packaged:
    """What an object becomes in a repository of packages."""

    format: str
    package: Mapping[str, str]
    path: str
    #: why it becomes none; empty: it does
    fault: str = ""
    #: why it need not become one: an index that the repository makes for itself
    skip: str = ""


@dataclass(frozen=True)
class Ends:
    """Source and target of one contract, opened."""

    source: Source
    target: Target
    #: where they are, and what whole keys begin with there
    from_place: Place
    to_place: Place
    #: the target as one that is read; None where its objects cannot be read by their keys
    reader: Source | None = None
    #: bytes of an object that the target takes; None: no limit
    largest: int | None = None
    #: bytes of a key
    longest_key: int | None = 1024
    #: how objects become packages, by the texts of the contract's expressions; None: they stay objects
    packaged: Callable[[Found, Attributes | None, str, Mapping[str, str | None]], Packaged] | None = None


@dataclass(frozen=True)
class Inventoried:
    """One object of the inventory; its attributes only where the contract maps them."""

    found: Found
    attributes: Attributes | None = None
    #: why the attributes are not there
    fault: str = ""


@dataclass(frozen=True)
class Part:
    """One partition."""

    contract: Contract
    bucket: Bucket
    key: str
    #: of keys behind the prefix
    ranges: tuple[Span, ...]
    folder: StagedPartition
    ends: Ends
    #: whether what stands behind the prefix is meant by the contract's patterns
    means: Callable[[str], bool]

    @cached_property
    def records(self) -> Records:
        return Records(self.folder)

    @property
    def straight(self) -> bool:
        """Whether a key is the same on both sides, so that a range here is that range there."""
        return not self.bucket.key and self.ends.packaged is None

    @property
    def ranges_there(self) -> tuple[Span, ...]:
        """Whole keys of the target; all of it where keys are mapped."""
        return _whole(self.ends.to_place, self.ranges if self.straight else ((None, None),))

    def listed(self) -> Iterator[Found]:
        """What the source has of the partition now, in order."""
        for lower, upper in _whole(self.ends.from_place, self.ranges):
            for found in self.ends.source.listed(lower, upper, versions=self.bucket.versions):
                if self.means(self.ends.from_place.behind(found.key)):
                    yield found

    def there(self) -> Iterator[There]:
        """What the target holds in the partition's ranges; all of it where keys are mapped."""
        for lower, upper in self.ranges_there:
            yield from self.ends.target.there(lower, upper)

    def inventory(self, manifest: Manifest) -> Iterator[Inventoried]:
        return things(self.folder.read(manifest), _inventoried)

    def decisions(self, manifest: Manifest) -> Iterator[Decision]:
        return things(self.folder.read(manifest), decision_of)

    def begun(self, generation: int, recorded: Index[Any]) -> Index[Decision]:
        """By target, what dead runs of the generation meant to move and have not recorded: of versions the
        oldest."""
        found: Index[Decision] = Index()
        for each in self.begun_versions(generation, recorded):
            found.first(each.target, each)
        return found

    def begun_versions(self, generation: int, recorded: Index[Any]) -> Iterator[Decision]:
        """Likewise, with all versions of a target, in their order."""
        told: Index[bool] = Index()
        for name in dict.fromkeys(self.records.unfinished(generation)):
            staged = self.folder.named(name)
            manifest = staged.manifest(TRANSFORMED)
            if manifest is not None:
                for each in self.decisions(manifest):
                    known = identity(each.found)
                    if each.action == "copy" and known not in recorded and known not in told:
                        told.put(known, True)
                        yield each

    def named(self, key: str) -> str:
        return shown(self.contract, key)


def shown(contract: Contract, key: str) -> str:
    """A key as it may be shown: keys are names, unless the contract classifies them."""
    if contract.bucket is not None and contract.bucket.personal:
        return f"sha256:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return repr(key)[1:-1]


def _whole(place: Place, ranges: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(
        (
            place.whole(lower) if lower is not None else place.prefix or None,
            place.whole(upper) if upper is not None else after_all(place.prefix),
        )
        for lower, upper in ranges
    )


def identity(found: Found) -> str:
    """What makes an object of the source the one that was read: key, version, ETag and size."""
    return f"{found.key}\0{found.version}\0{found.etag}\0{found.size}"


def _inventoried(said: dict[str, Any]) -> Inventoried:
    attributes = said.get("attributes")
    return Inventoried(
        found_of(said["found"]),
        attributes_of(attributes) if attributes is not None else None,
        said.get("fault", ""),
    )


def pace_of(objects: int, size: int) -> Pace:
    """
    objects      bytes          pace
    up to 100    up to 10 MB    small: one by one
    -            up to 10 GB    medium
    -            more           large
    """
    if objects <= FEW and size <= SMALL:
        return Pace("small", WORKERS["small"])
    pace: Literal["medium", "large"] = "medium" if size <= MEDIUM else "large"
    return Pace(pace, WORKERS[pace])
