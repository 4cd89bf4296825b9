"""The objects that a probe writes: below the reserved prefix, each canary under a name of its own.

They are removed again, versions too.
"""

import hashlib
import secrets
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from migration_assets.buckets.s3.answer import Answer
from migration_assets.buckets.s3.claims import base64_of
from migration_assets.buckets.s3.listing import listed
from migration_assets.buckets.s3.pool import side_by_side
from migration_assets.buckets.s3.probe.asking import told, versioning_of
from migration_assets.buckets.s3.signing import Query
from migration_assets.buckets.s3.store import Store, version_in
from migration_assets.buckets.s3.writing import Writing
from migration_assets.errors import MigrationError

#: a canary as old as this is nobody's any more
LEFT = timedelta(hours=1)
#: requests at once
TOGETHER = 6
BODY, OTHER = b"a canary of a migration\n", b"another canary\n"


@dataclass
class Canary:
    """Objects below one name, and all versions of them."""

    store: Store
    root: str
    writing: Writing
    made: list[str] = field(default_factory=list)
    #: keys and versions that were put: what is removed where versions cannot be listed
    versions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def key(self, name: str) -> str:
        return self.root + name

    def put(
        self, name: str, body: bytes = BODY, payload: str | None = None, **headers: str
    ) -> tuple[str, Answer]:
        key = self.key(name)
        # a bucket that holds everything for a while takes nothing without an MD5
        said = self.writing.headers() | {"content-md5": base64_of(md5_of(body))}
        said |= {each.replace("_", "-"): value for each, value in headers.items()}
        self.made.append(key)
        signed = hashlib.sha256(body).hexdigest() if payload is None else payload
        answer = self.store.ask("PUT", key, (), said, [body], len(body), signed)
        answer.read()
        self.versions.append((key, version_in(answer.headers)))
        return answer.headers.get("etag", "").strip('"'), answer

    def body(self, name: str, query: Query = (), **headers: str) -> bytes:
        said = {each.replace("_", "-"): value for each, value in headers.items()}
        return self.store.ask("GET", self.key(name), query, said).read()

    def remove(self, versions: bool) -> None:
        """All that was made; where the bucket keeps versions, those and the delete markers."""
        made = [(key, "") for key in dict.fromkeys(self.made)]
        if versions:
            known = {key for key, _ in self.versions}
            made = [*self.versions, *(each for each in made if each[0] not in known)]
        with suppress(MigrationError):
            if versions:
                found = listed(self.store, self.root, None, None, versions=True)
                made = [(each.key, each.version) for each in found]
        deque(side_by_side(self._removed, made, TOGETHER), maxlen=0)

    def _removed(self, made: tuple[str, str]) -> tuple[()]:
        key, version = made
        with suppress(MigrationError):
            query = [("versionId", version)] if version else []
            told(lambda: self.store.ask("DELETE", key, query).read())
        return ()


@contextmanager
def a_canary(store: Store, reserved: str, writing: Writing) -> Generator[Canary]:
    _swept(store, reserved)
    canary = Canary(store, f"{reserved}canary-{secrets.token_hex(6)}/", writing)
    try:
        yield canary
    finally:
        canary.remove(bool(versioning_of(store)))


def _swept(store: Store, reserved: str) -> None:
    """Away with canaries that killed probes left; what cannot be removed now is left to the next one."""
    before = datetime.now(UTC) - LEFT
    versions = bool(versioning_of(store))
    with suppress(MigrationError, ValueError):
        for each in listed(store, f"{reserved}canary-", None, None, versions=versions):
            if datetime.fromisoformat(each.modified) < before:
                query = [("versionId", each.version)] if each.version else []
                with suppress(MigrationError):
                    store.ask("DELETE", each.key, query).read()


def md5_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
