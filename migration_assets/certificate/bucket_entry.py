"""Entry of a bucket: what a certificate says of one partition of objects, and of each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from migration_assets.buckets.extracting import Hashed
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import There
from migration_assets.buckets.part import Part
from migration_assets.buckets.tally import Expected
from migration_assets.certificate.canonical import Json
from migration_assets.certificate.objects import writing
from migration_assets.contracts.bucket_model import End
from migration_assets.contracts.places import place

METHOD = "listings, and SHA-256 where it is on record"


@dataclass(frozen=True)
class Objects:
    """What was written of a partition's objects, for its line in the certificate."""

    #: the file's name
    file: str
    #: SHA-256 of the file
    root: str
    lines: int
    bytes: int
    #: of the source's objects as they are listed
    source: str

    @property
    def said(self) -> dict[str, Json]:
        return {"file": self.file, "sha256": self.root, "lines": self.lines, "bytes": self.bytes}

    @property
    def found(self) -> str:
        return f"{self.lines}:{self.bytes}:{self.root[:32]}"


def write(file: Path, part: Part, expected: Index[Expected]) -> Objects:
    """A line for each object that the target has to hold; the source is listed once more."""
    recorded = _recorded(part)
    with writing(file) as into:
        for target, each in expected.items():
            into.add(_line(part, target, each, recorded.get(target)))
    return Objects(file.name, into.root, into.lines, into.size, source_now(part))


def source_now(part: Part) -> str:
    """Number, bytes and hash of what the source lists: keys, sizes, ETags and versions, not times."""
    found = Hashed()
    for each in part.listed():
        found.add(each.key, each.size, each.etag, each.version)
    return str(found)


def shown(part: Part, key: str) -> str:
    """The key; its hash where the contract classifies keys."""
    if not part.bucket.personal:
        return key
    return f"sha256:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def place_of(end: End, environment: Mapping[str, str]) -> dict[str, Json]:
    """Where one side is, as the environment says it; no credential."""
    found = place(end, environment)
    endpoint = environment.get(f"{found.name}_ENDPOINT_URL") or found.endpoint
    return {
        "server": end.server.name,
        "engine": found.store,
        "host": endpoint.partition("://")[2].rpartition("@")[2].partition("/")[0] or None,
        "database": found.container,
        "table": str(found),
    }


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What the record of an object says of its bytes."""

    there: There
    sha256: str
    proof: str


def _recorded(part: Part) -> Index[_Recorded]:
    """By target, what was moved there last and not taken back."""
    found: Index[_Recorded] = Index()
    for each in part.records.standing():
        moved = each.moved
        if moved.there is not None:
            found.first(moved.there.key, _Recorded(moved.there, moved.sha256, moved.proof))
    return found


def _line(part: Part, target: str, each: Expected, recorded: _Recorded | None) -> dict[str, Json]:
    there = each.there or There(target, each.size)
    ours = recorded if recorded and _is(recorded.there, there) else None
    hashed = each.sha256 or (ours.sha256 if ours else "") or there.digests.get("sha256", "")
    return {
        "key": shown(part, each.key),
        "target": shown(part, target),
        "size": each.size,
        "etag": there.etag,
        "sha256": hashed,
        "digests": dict(_digests(there)),
        "decision": "moved" if each.ours else "was there, equal",
        "proof": ("read_back" if each.sha256 else "") or (ours.proof if ours else "etag"),
    }


def _digests(there: There) -> Iterator[tuple[str, str]]:
    yield from sorted(there.digests.items())


def _is(recorded: There, now: There) -> bool:
    return (recorded.etag, recorded.size) == (now.etag, now.size)
