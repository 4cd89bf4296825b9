"""Reading back what was written, where nothing that the target says proves it."""

import hashlib

from migration_assets.buckets.model import There
from migration_assets.buckets.s3.store import Damaged, Missing, Store, version_in


def read_back(store: Store, there: There, sha256: str) -> None:
    """Damaged where the target gives other bytes than those of this hash."""
    if digest(store, there).hex() != sha256:
        raise Damaged(f"{store.shown} gives other bytes than were sent.")


def digest(store: Store, there: There) -> bytes:
    """The sha256 of what the target gives."""
    query = [("versionId", there.version)] if there.version else []
    answer = store.ask("GET", there.key, query, {"accept-encoding": "identity"})
    hashed = hashlib.sha256()
    for piece in answer.pieces(1 << 20):
        hashed.update(piece)
    return hashed.digest()


def standing(store: Store, key: str, version: str = "") -> There | None:
    """What is there now, by HEAD; None where nothing is."""
    query = [("versionId", version)] if version else []
    try:
        headers = store.ask("HEAD", key, query).headers
    except Missing:
        return None
    return There(
        key,
        int(headers.get("content-length", "0")),
        headers.get("etag", "").strip('"'),
        version_in(headers),
    )
