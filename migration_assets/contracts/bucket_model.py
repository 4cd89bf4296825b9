"""The words of a contract of the kind `bucket`, frozen and without I/O.

Everything that a contract says of keys is said of what stands behind the prefix of its side, as that is
what the two sides have in common. An expression is SQL in DuckDB's dialect over FIELDS and gives a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from migration_assets.contracts.model import Grain, Server

Store = Literal["s3", "cloudsmith"]
Conflict = Literal["skip_equal", "refuse", "overwrite", "keep_both"]
Kept = Literal["headers", "metadata", "tags", "storage_class", "versions", "lock", "acl"]
ReadBack = Literal["never", "sample", "all"]

KEPT: tuple[Kept, ...] = ("headers", "metadata", "tags", "storage_class", "versions", "lock", "acl")
KEPT_UNLESS_SAID: frozenset[Kept] = frozenset({"headers", "metadata", "tags"})
#: what an expression may name, with DuckDB's types; `key` stands behind the source's prefix, `modified` is
#: in UTC
FIELDS: Mapping[str, str] = {
    "key": "VARCHAR",
    "size": "BIGINT",
    "etag": "VARCHAR",
    "modified": "TIMESTAMP",
    "storage_class": "VARCHAR",
    "headers": "MAP(VARCHAR, VARCHAR)",
    "metadata": "MAP(VARCHAR, VARCHAR)",
    "tags": "MAP(VARCHAR, VARCHAR)",
}
#: those that only asking for the object itself tells
ASKED_FIELDS = frozenset({"headers", "metadata", "tags"})
#: headers that an object may carry
HEADERS = (
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
)
#: bytes; one object above it has a range of its own
LARGE = 5 * 2**30


@dataclass(frozen=True)
class End:
    """One side. Where it is: `<NAME>_URL` in the environment; else what its server says."""

    server: Server
    store: Store
    #: what keys begin with, behind the prefix that the location has; taken as it is written
    prefix: str = ""
    #: of all processes of a machine together; None: no limit
    bytes_per_second: int | None = None
    requests_per_second: int | None = None


@dataclass(frozen=True)
class ByObjects:
    """Ranges of keys, cut from the inventory when it is planned: each at most so many objects and bytes."""

    objects: int = 50_000
    bytes: int = 50 * 2**30


@dataclass(frozen=True)
class ByPrefix:
    """What keys have up to their so-many-th `/`, as the inventory has it when it is planned; and `rest`."""

    depth: int


@dataclass(frozen=True)
class ByDate:
    """Windows of time that keys begin with: a layout in the words of strftime; and `rest`."""

    grain: Grain
    #: `logs/%Y/%m/`, behind the source's prefix; it says exactly what the grain needs
    layout: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class OnePartition:
    """All keys are one partition, `all`."""


Ranges = ByObjects | ByPrefix | ByDate | OnePartition


@dataclass(frozen=True)
class Encryption:
    """What the target encrypts with; a key is the ARN of one of KMS, or `$NAME`: the variable with it."""

    sse: Literal["s3", "kms"]
    key: str = ""


@dataclass(frozen=True)
class PackageRule:
    """How the objects whose keys match become packages; the first rule that matches decides."""

    match: str
    #: `auto`: from key and content
    format: str = "auto"
    #: name, version, distribution, …: each an expression
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Package:
    """How objects become packages of Cloudsmith."""

    #: where no rule matches
    format: str = "auto"
    rules: tuple[PackageRule, ...] = ()


@dataclass(frozen=True)
class Bucket:
    """What a contract of the kind `bucket` says."""

    source: End
    target: End
    #: globs over keys; none: every key
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    #: the manifest.json of an S3 Inventory report that is read instead of a listing; empty: it is listed
    inventory: str = ""
    #: expression for the key (or the path of the package) behind the target's prefix; empty: as in the source
    key: str = ""
    #: expressions by name, over what the source has; NULL leaves one out
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    #: expression for the storage class; empty: as `keep` says
    storage_class: str = ""
    keep: frozenset[Kept] = KEPT_UNLESS_SAID
    conflict: Conflict = "skip_equal"
    encryption: Encryption | None = None
    ranges: Ranges = field(default_factory=ByObjects)
    #: which of the moved objects are read back from the target although they were proven otherwise
    read_back: ReadBack = "never"
    package: Package = field(default_factory=Package)
    #: of its keys; what is neither `public` nor `internal` is shown by its hash
    classification: str = "public"
    #: those of FIELDS that its expressions name
    uses: frozenset[str] = frozenset()

    @property
    def personal(self) -> bool:
        """Whether its keys may never be shown."""
        return self.classification.lower() not in ("public", "internal")

    @property
    def versions(self) -> bool:
        """Whether all versions and delete markers are moved, not only the current objects."""
        return "versions" in self.keep

    @property
    def expressions(self) -> Mapping[str, str]:
        """Every expression, by where it stands: `key`, `metadata.team`, `package.rules[0].name`, …"""
        found = {"key": self.key, "storage_class": self.storage_class}
        for group, named in (("metadata", self.metadata), ("tags", self.tags), ("headers", self.headers)):
            found |= {f"{group}.{name}": expression for name, expression in named.items()}
        for at, rule in enumerate(self.package.rules):
            found |= {f"package.rules[{at}].{name}": text for name, text in rule.fields.items()}
        return {place: text for place, text in found.items() if text}
