"""Packages as the API tells them, and which of them a query means."""

import re
import time
from typing import Any
from urllib.parse import quote

from migration_assets_tests.buckets.cloudsmith.standin.contents import digests
from migration_assets_tests.buckets.cloudsmith.standin.world import Stored

_STATES = {
    "awaiting": (1, "Awaiting"),
    "progress": (2, "In Progress"),
    "quarantined": (3, "Quarantined"),
    "completed": (4, "Completed"),
    "failed": (5, "Failed"),
}
_FIELDS = {
    "name": "name",
    "version": "version",
    "filename": "filename",
    "slug": "slug_perm",
    "format": "format",
}


def moment(at: float) -> str:
    fraction = f"{at % 1:.6f}"[1:]
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f"{fraction}Z"


def status(stored: Stored) -> dict[str, Any]:
    state = stored.state
    if state == "awaiting" and stored.due - time.time() < (stored.due - stored.created) / 2:
        state = "progress"
    number, text = _STATES[state]
    done, failed = state == "completed", state == "failed"
    return {
        "is_sync_awaiting": state == "awaiting",
        "is_sync_in_progress": state == "progress",
        "is_sync_in_flight": state in ("awaiting", "progress"),
        "is_sync_completed": done,
        "is_sync_failed": failed,
        "is_downloadable": done,
        "is_deleteable": True,
        "is_resyncable": failed,
        "is_quarantined": state == "quarantined",
        "policy_violated": stored.unwanted and state == "quarantined",
        "status": number,
        "status_str": text,
        "status_reason": stored.reason if failed else None,
        "stage": 9 if done else 1,
        "stage_str": "Fully Synchronised" if done else "Uploaded",
        "sync_progress": 100 if done else 10,
        "sync_finished_at": moment(stored.finished) if stored.finished else None,
        "status_updated_at": moment(stored.finished or stored.created),
    }


def package(stored: Stored, endpoint: str, late_sums: float = 0.0) -> dict[str, Any]:
    here = f"{stored.owner}/{stored.repository}"
    path = stored.said.get("filepath") or f"{stored.slug_perm}/{stored.filename}"
    url = f"{endpoint}/basic/{here}/{stored.format}/{quote(str(path), safe='/')}"
    distribution, _, release = str(stored.said.get("distribution") or "").partition("/")
    told = stored.digests if stored.finished + late_sums <= time.time() else {}
    sums = {f"checksum_{name}": told.get(name, "") for name in ("md5", "sha1", "sha256", "sha512")}
    return {
        "slug": stored.slug,
        "slug_perm": stored.slug_perm,
        "identifier_perm": stored.slug_perm,
        "namespace": stored.owner,
        "repository": stored.repository,
        "format": stored.format,
        "name": stored.name,
        "display_name": stored.name,
        "version": stored.version,
        "filename": stored.filename,
        "filepath": stored.said.get("filepath"),
        "size": stored.size,
        **sums,
        "cdn_url": url,
        "distro": {"name": distribution, "slug": distribution} if distribution else None,
        "distro_version": {"name": release, "slug": release} if release else None,
        "identifiers": {
            each: stored.said[each] for each in ("group_id", "artifact_id") if each in stored.said
        },
        "files": _files(stored, url, sums),
        "tags": {"info": [each for each in str(stored.said.get("tags") or "").split(",") if each]},
        "summary": stored.said.get("summary"),
        "description": stored.said.get("description"),
        "num_files": 1 + len(stored.others),
        "uploader": stored.uploader,
        "uploaded_at": moment(stored.created),
        "self_url": f"{endpoint}/packages/{here}/{stored.slug_perm}/",
        "status_url": f"{endpoint}/packages/{here}/{stored.slug_perm}/status/",
        **status(stored),
    }


def _files(stored: Stored, url: str, sums: dict[str, str]) -> list[dict[str, Any]]:
    found = [("pkg", stored.filename, stored.size, sums, True)]
    for field, upload in stored.others.items():
        assert upload.file is not None
        there = {f"checksum_{name}": value for name, value in digests(upload.file).items()}
        found.append((field.removesuffix("_file"), upload.filename, upload.file.stat().st_size, there, False))
    return [
        {
            "filename": name,
            "tag": tag,
            "size": size,
            "is_primary": primary,
            "is_downloadable": stored.state == "completed",
            "is_synchronised": stored.state == "completed",
            "cdn_url": url if primary else f"{url}?file={quote(name)}",
            **there,
        }
        for tag, name, size, there, primary in found
    ]


def meant(stored: Stored, query: str) -> bool:
    """`name:foo AND format:raw`; a word alone is looked for in the name. Fields match in part, as there."""
    for term in re.split(r"\s+AND\s+", query.strip()) if query.strip() else ():
        field, colon, value = term.partition(":")
        value = value.strip().strip('"').lower()
        if not colon:
            if field.lower() not in stored.name.lower():
                return False
        elif field == "checksum":
            if value not in stored.digests.values():
                return False
        elif field == "status":
            if value not in status(stored)["status_str"].lower():
                return False
        elif field not in _FIELDS or value not in str(getattr(stored, _FIELDS[field])).lower():
            return False
    return True


def sorted_by(those: list[Stored], sort: str) -> list[Stored]:
    keys: dict[str, Any] = {
        "date": lambda each: each.number,
        "name": lambda each: each.name,
        "size": lambda each: each.size,
        "version": lambda each: each.version,
    }
    name = (sort or "-date").lstrip("-")
    return sorted(those, key=keys.get(name, keys["date"]), reverse=(sort or "-date").startswith("-"))
