"""What a repository takes and what it does not, before the first object moves; nothing is written."""

import hashlib
from collections.abc import Mapping
from typing import Any

from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.refusals import RequestRefused
from migration_assets.buckets.places import Capabilities
from migration_assets.errors import ConnectionRefused

#: bytes of one file, as Cloudsmith's documents have it
LARGEST = 5 * 2**30

DROPS = (
    "Headers (content type and encoding, cache control, …): a package has none; one of the format raw keeps "
    "its content type where the contract's `package` says it.",
    "User metadata and tags of S3: a package has no place for them.",
    "Storage class, object lock and ACL: a repository has rules of its own.",
    "Versions and delete markers: only current objects become packages.",
    "Last-modified: Cloudsmith notes when a package was uploaded.",
)

SIGNED = (
    "NuGet packages as they are: this repository signs them, so that none has the bytes that were sent, and "
    "all of them fail. Turn its signing off while they are moved."
)


def capabilities(client: Client) -> Capabilities:
    """ConnectionRefused where the repository is not there, or the key may not see it or write into it."""
    owner, repository = client.here
    there = client.said(client.repos.repos_read, owner, repository, again=True)
    formats = client.said(client.formats.formats_list, again=True)
    _may_write(client)
    facts: dict[str, bool | str | int] = {
        "formats": ", ".join(sorted(str(each["slug"]) for each in formats)),
        "premium_formats": ", ".join(sorted(str(each["slug"]) for each in formats if each.get("premium"))),
        "packages": int(there.get("package_count") or 0),
        "replaces_by_default": bool(there.get("replace_packages_by_default")),
        "largest_file": LARGEST,
        "digests": "md5, sha1, sha256, sha512",
        "packages_per_hour": 0,
    }
    facts |= _quota(client, owner)
    facts |= _rates(client)
    return Capabilities(facts, (*DROPS, SIGNED) if there.get("nuget_native_signing_enabled") else DROPS)


def _may_write(client: Client) -> None:
    """By asking whether a file could be uploaded."""
    said = {"filename": "probe", "md5_checksum": hashlib.md5(b"", usedforsecurity=False).hexdigest()}
    client.said(client.files.files_validate, *client.here, data=said, again=True)


def short_of(facts: Mapping[str, bool | str | int], size: int) -> str:
    """Why so many bytes do not fit; empty: they do, or nobody says."""
    left = facts.get("storage_left")
    if not isinstance(left, int) or size <= left:
        return ""
    return (
        f"{size:,} bytes are to be moved, and the workspace has room for {left:,}. Ask for more storage, or "
        "move less."
    )


def _quota(client: Client, owner: str) -> dict[str, bool | str | int]:
    """A key without the right to see it is no reason to stop."""
    try:
        said = client.said(client.quota.quota_read, owner, again=True)
    except (ConnectionRefused, RequestRefused):
        return {}
    storage: dict[str, Any] = ((said.get("usage") or {}).get("raw") or {}).get("storage") or {}
    limit = storage.get("configured") or storage.get("plan_limit")
    if not limit:
        return {}
    return {"storage_limit": int(limit), "storage_left": max(0, int(limit) - int(storage.get("used") or 0))}


def _rates(client: Client) -> dict[str, bool | str | int]:
    limit = client.budget.limit
    return {"calls_per_window": limit, "packages_per_hour": limit // 2} if limit else {}
