"""The words of a bucket's migration, frozen and without I/O.

Keys are text whose UTF-8 bytes are the key; their order is that of those bytes (which is Python's order of
text, too). A key is data and never a path on this machine. Times are ISO 8601 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration_assets.buckets.packing import packed

Action = Literal["copy", "skip", "refuse"]
State = Literal["moved", "skipped", "failed"]
#: how an object was proven on its target, the cheapest first; empty where it was not
Proof = Literal["", "etag", "parts_etag", "checksum", "digest", "read_back"]


@packed
@dataclass(frozen=True, slots=True)
class Found:
    """One object (or version, or delete marker) of the source, as its listing has it."""

    key: str
    size: int
    #: as the store gives it, without quotes; empty for a delete marker
    etag: str
    modified: str
    storage_class: str = ""
    #: empty: the current object of a listing without versions
    version: str = ""
    marker: bool = False
    latest: bool = True
    #: whether a copy of an archived object can be read for a while
    restored: bool = False


@packed
@dataclass(frozen=True, slots=True)
class Attributes:
    """What an object carries besides its bytes; all names in lower case."""

    #: content-type, content-encoding, content-disposition, content-language, cache-control, expires (as
    #: the text that the store has), x-amz-website-redirect-location
    headers: Mapping[str, str] = field(default_factory=dict)
    #: user metadata, without its prefix `x-amz-meta-`
    metadata: Mapping[str, str] = field(default_factory=dict)
    #: in the store's order; names keep their case
    tags: tuple[tuple[str, str], ...] = ()
    #: algorithm (`sha256`, `crc64nvme`) to base64, as the store says; composite ones end in `-n`
    checksums: Mapping[str, str] = field(default_factory=dict)
    #: sizes of the parts that it was uploaded in, where the store tells; empty for a single upload
    parts: tuple[int, ...] = ()
    storage_class: str = ""
    #: lock mode, date until which it is retained, and legal hold, where there are any
    lock: Mapping[str, str] = field(default_factory=dict)
    #: permission and grantee, of all but the owner, sorted; only where they are asked for
    acl: tuple[tuple[str, str], ...] = ()


@packed
@dataclass(frozen=True, slots=True)
class There:
    """What the target holds under a key (S3), or as a package (Cloudsmith)."""

    key: str
    size: int
    etag: str = ""
    #: version id, or the package's permanent slug
    version: str = ""
    #: algorithm to hexadecimal, where the target tells
    digests: Mapping[str, str] = field(default_factory=dict)


@packed
@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one object, as data."""

    found: Found
    action: Action
    #: why, in a few words; never empty for `skip` and `refuse`
    reason: str
    #: the key in the target bucket, or the path of the package
    target: str
    #: what the target held when this was decided
    before: There | None = None
    #: what to set instead of what the source has; None: as the source has it
    attributes: Attributes | None = None
    #: of a package: `generic`, `python`, …; empty in a bucket
    format: str = ""
    #: of a package: name, version and whatever else its format asks for
    package: Mapping[str, str] = field(default_factory=dict)


@packed
@dataclass(frozen=True, slots=True)
class Moved:
    """What came of one decision: the ledger's line of one object."""

    decision: Decision
    state: State
    #: why it was skipped or failed: a sentence with the next command; never a value
    reason: str = ""
    #: bytes that were sent to the target, all attempts
    sent: int = 0
    #: what the target holds now
    there: There | None = None
    #: sha256 of the bytes read, in hexadecimal, where they were hashed on the way
    sha256: str = ""
    proof: Proof = ""
    #: where the bytes that were there before are kept: a version id, or a key beside; empty: nothing was
    kept: str = ""
    #: causes after which it was tried again
    tried_after: tuple[str, ...] = ()
    #: attributes that the target cannot hold, by name
    dropped: tuple[str, ...] = ()


@packed
@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking one object back."""

    moved: Moved
    state: Literal["removed", "restored", "left", "failed"]
    #: why it was left (it is no more what was written) or failed
    reason: str = ""
