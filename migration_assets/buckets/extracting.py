"""The stage `extracted`: the partition's inventory as the source lists it, staged and hashed."""

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from migration_assets.buckets.lines import line
from migration_assets.buckets.model import Found
from migration_assets.buckets.part import EXTRACTED, FILE, WORKERS, Inventoried, Part
from migration_assets.contracts.bucket_model import ASKED_FIELDS
from migration_assets.errors import SourceChanged
from migration_assets.staging.manifest import Manifest
from migration_assets.staging.place import Rows

#: bytes that are collected before they are written
PIECE = 1 << 20


@dataclass
class Hashed:
    """A partition's objects in their order: number, bytes and hash of what tells them apart."""

    objects: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, key: str, size: int, *more: str) -> None:
        self.objects += 1
        self.size += size
        self._hash.update("\0".join((key, str(size), *more, "\n")).encode("utf-8", "surrogatepass"))

    def __str__(self) -> str:
        return f"{self.objects}:{self.size}:{self._hash.hexdigest()[:32]}"


def hashed(found: Found, into: Hashed) -> None:
    into.add(found.key, found.size, found.etag, found.version, found.modified)


def now(part: Part) -> str:
    """The fingerprint that an inventory made now would have."""
    found = Hashed()
    for each in part.listed():
        hashed(each, found)
    return str(found)


def extract(part: Part, generation: int, run_id: str, meaning: str) -> Manifest:
    """`meaning`: of the contract for the partition, which all that follows rests on."""
    staged = part.folder.begin(generation, run_id)
    found = Hashed()
    with staged.rows(EXTRACTED, FILE) as rows:
        writing = Writing(rows)
        for each in inventoried(part):
            hashed(each.found, found)
            writing.add(each)
        writing.end()
    manifest = Manifest(
        contract=part.contract.name,
        contract_version=part.contract.version,
        digest=part.contract.digest,
        partition=part.key,
        generation=generation,
        run_id=run_id,
        stage=EXTRACTED,
        rows=found.objects,
        fingerprint=str(found),
        files=(rows.staged(),) if found.objects else (),
        columns=(),
        written_at=datetime.now(UTC).isoformat(),
        facts={"objects": found.objects, "object_bytes": found.size, "meaning": meaning},
    )
    staged.seal(manifest)
    return manifest


class Writing:
    """Lines into a staged file, a piece at a time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._waiting = bytearray()

    def add(self, thing: object) -> None:
        self._waiting += line(thing)
        if len(self._waiting) >= PIECE:
            self.end()

    def end(self) -> None:
        if self._waiting:
            self._rows.write(bytes(self._waiting))
            self._waiting.clear()


def inventoried(part: Part) -> Iterator[Inventoried]:
    """With their attributes where the contract maps any of these, asked for side by side, in order."""
    if not part.bucket.uses & ASKED_FIELDS:
        for found in part.listed():
            yield Inventoried(found)
        return
    asking: deque[Future[Inventoried]] = deque()
    with ThreadPoolExecutor(WORKERS["medium"], thread_name_prefix="inventory") as threads:
        for found in part.listed():
            asking.append(threads.submit(_asked, part, found))
            if len(asking) > 4 * WORKERS["medium"]:
                yield asking.popleft().result()
        while asking:
            yield asking.popleft().result()


def _asked(part: Part, found: Found) -> Inventoried:
    if found.marker:
        return Inventoried(found)
    try:
        return Inventoried(found, part.ends.source.attributes(found))
    except SourceChanged:
        return Inventoried(found, fault="it changed since it was listed; run again")
