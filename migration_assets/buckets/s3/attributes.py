"""What an object carries, between the headers of S3 and our words."""

from collections.abc import Mapping
from email.header import decode_header, make_header
from urllib.parse import quote

from migration_assets.buckets.carrying import same_lock
from migration_assets.buckets.model import Attributes
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.grants import headers_of_grants
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.store import Store
from migration_assets.errors import Passing

HEADERS = (
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
)
_META, _CHECKSUM, _LOCK = "x-amz-meta-", "x-amz-checksum-", "x-amz-object-lock-"
_NO_ALGORITHM = frozenset({"type", "mode", "algorithm"})


def attributes_of(headers: Mapping[str, str]) -> Attributes:
    """All but tags and parts, from an answer to GET or HEAD; names are in lower case."""
    metadata: dict[str, str] = {}
    checksums: dict[str, str] = {}
    lock: dict[str, str] = {}
    for name, value in headers.items():
        if name.startswith(_META):
            metadata[name[len(_META) :]] = value
        elif name.startswith(_CHECKSUM) and name[len(_CHECKSUM) :] not in _NO_ALGORITHM:
            checksums[name[len(_CHECKSUM) :]] = value
        elif name.startswith(_LOCK):
            lock[name[len(_LOCK) :]] = value
    return Attributes(
        headers={name: headers[name] for name in HEADERS if name in headers},
        metadata=metadata,
        checksums=checksums,
        storage_class=headers.get("x-amz-storage-class", ""),
        lock=lock,
    )


def tag_count(headers: Mapping[str, str]) -> int:
    said = headers.get("x-amz-tagging-count", "")
    return int(said) if said.isdecimal() else 0


def tags_of(store: Store, key: str, version: str) -> tuple[tuple[str, str], ...]:
    query = [("tagging", ""), *([("versionId", version)] if version else [])]
    waits = Waits()
    while True:
        try:
            page = parsed(store.ask("GET", key, query).read(), store.shown)
            return tuple(
                (each.findtext("Key") or "", each.findtext("Value") or "") for each in page.iterfind(".//Tag")
            )
        except Passing as error:
            waits.wait(error)


def headers_of(attributes: Attributes) -> dict[str, str]:
    """As they are sent with the bytes."""
    said = {name: value for name, value in attributes.headers.items() if value or name != "content-type"}
    for name, value in attributes.metadata.items():
        said[_META + name.lower()] = value
    if attributes.tags:
        said["x-amz-tagging"] = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in attributes.tags
        )
    if attributes.storage_class and attributes.storage_class != "STANDARD":
        said["x-amz-storage-class"] = attributes.storage_class
    for name, value in attributes.lock.items():
        said[_LOCK + name] = value
    return said | headers_of_grants(attributes.acl)


def differing(wanted: Attributes, there: Attributes) -> tuple[str, ...]:
    """Names of what is not there as it was wanted; values are compared as they are meant."""
    names = [
        name for name, value in wanted.headers.items() if meant(there.headers.get(name, "")) != meant(value)
    ]
    names += [
        f"metadata {name}"
        for name, value in wanted.metadata.items()
        if meant(there.metadata.get(name, "")) != meant(value)
    ]
    if sorted(wanted.tags) != sorted(there.tags):
        names.append("tags")
    if (wanted.storage_class or "STANDARD") != (there.storage_class or "STANDARD"):
        names.append("storage class")
    names += [
        f"lock {name}"
        for name, value in wanted.lock.items()
        if not same_lock(there.lock.get(name, ""), value)
    ]
    return tuple(names)


def meant(value: str) -> str:
    """A header's text: some servers put other words of RFC 2047 for what they were given."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return value
