"""What an object carries on the target where the contract says it otherwise; pure."""

from collections.abc import Mapping
from datetime import datetime

from migration_assets.buckets.model import Attributes
from migration_assets.contracts.bucket_model import Bucket

_GROUPS = ("headers", "metadata", "tags")


def carried(bucket: Bucket, source: Attributes | None, texts: Mapping[str, str | None]) -> Attributes | None:
    """None where all is as the source has it.

    an expression of `metadata.team` gives    then `team` is
    a text                                    that text, in the place of the source's
    NULL                                      left out
    """
    if not any(place.partition(".")[0] in (*_GROUPS, "storage_class") for place in texts):
        return None
    said = source or Attributes()
    kept = bucket.keep
    headers = _with("headers", dict(said.headers) if "headers" in kept else {}, texts)
    metadata = _with("metadata", dict(said.metadata) if "metadata" in kept else {}, texts)
    tags = _with("tags", dict(said.tags) if "tags" in kept else {}, texts)
    return Attributes(
        headers=headers,
        metadata=metadata,
        tags=tuple(tags.items()),
        checksums=said.checksums,
        parts=said.parts,
        storage_class=texts.get("storage_class") or (said.storage_class if "storage_class" in kept else ""),
        lock=said.lock if "lock" in kept else {},
        acl=said.acl if "acl" in kept else (),
    )


def _with(group: str, before: dict[str, str], texts: Mapping[str, str | None]) -> dict[str, str]:
    for place, text in texts.items():
        of, _, name = place.partition(".")
        if of == group:
            before.pop(name, None)
            if text is not None:
                before[name] = text
    return before


def same_lock(one: str, other: str) -> bool:
    """Some servers write a date with parts of a second."""
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except ValueError:
        return one == other
