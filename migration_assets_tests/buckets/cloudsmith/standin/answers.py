"""What the API answers: one function a resource, each from the path's parts, the query and the body."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration_assets_tests.buckets.cloudsmith.standin import fields, telling
from migration_assets_tests.buckets.cloudsmith.standin.rates import Rates
from migration_assets_tests.buckets.cloudsmith.standin.world import Upload, World

LARGEST_PAGE = 500
#: what one action may name
MOST = 100
#: formats that the free plan does not have
_PAID = frozenset({"raw"})


@dataclass(frozen=True)
class Answer:
    status: int
    #: JSON, or bytes as they are; None: nothing
    said: Any
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None


@dataclass(frozen=True)
class Ask:
    world: World
    rates: Rates
    endpoint: str
    method: str
    parts: list[str]
    query: dict[str, str]
    said: dict[str, Any]


_MISSING = Answer(404, {"detail": "Not found."})
_METHOD = Answer(405, {"detail": "Method not allowed."})


def answer(
    world: World,
    rates: Rates,
    endpoint: str,
    method: str,
    parts: list[str],
    query: dict[str, str],
    said: dict[str, Any],
) -> Answer:
    ask = Ask(world, rates, endpoint, method, parts, query, said)
    found = _RESOURCES.get(parts[0])
    return found(ask) if found else _MISSING


def _invalid(wrong: dict[str, list[str]]) -> Answer:
    return Answer(422, {"detail": "Invalid input.", "code": "invalid", "fields": wrong})


def _user(ask: Ask) -> Answer:
    me = {"authenticated": True, "email": "tester@example.org", "name": "Tester", "slug": "tester"}
    return Answer(200, {**me, "slug_perm": "tester000000"})


def _rates(ask: Ask) -> Answer:
    return Answer(200, {"resources": {"core": ask.rates.as_json()}})


def _status(ask: Ask) -> Answer:
    return Answer(200, {"detail": "Cloudsmith API is operational.", "version": "1.1285.0"})


def _formats(ask: Ask) -> Answer:
    def told(name: str) -> dict[str, Any]:
        needs = fields.required(fields.upload_request(name))
        supports = {
            "distributions": "distribution" in needs,
            "filepaths": name == "generic",
            "versioning": True,
        }
        supports |= {"dependencies": False, "file_lists": False, "metadata": True, "upstreams": {}}
        premium = name in _PAID
        return {
            "slug": name,
            "name": name.capitalize(),
            "description": name,
            "extensions": [],
            "premium": premium,
            "premium_plan_id": "velocity" if premium else None,
            "supports": supports,
            "distributions": [],
        }

    if len(ask.parts) > 1:
        return Answer(200, told(ask.parts[1])) if ask.parts[1] in fields.formats() else _MISSING
    return Answer(200, [told(name) for name in fields.formats()])


#: by format its distributions and their versions
_DISTROS: dict[str, dict[str, tuple[str, ...]]] = {
    "deb": {"ubuntu": ("jammy", "noble"), "debian": ("bookworm",), "any-distro": ("any-version",)},
    "rpm": {"el": ("8", "9"), "any-distro": ("any-version",)},
    "alpine": {"alpine": ("v3.19", "any-version")},
}


def _distros(ask: Ask) -> Answer:
    said = [
        {
            "format": format,
            "name": name,
            "slug": name,
            "variants": "",
            "versions": [{"name": each, "slug": each} for each in releases],
        }
        for format, those in _DISTROS.items()
        for name, releases in those.items()
    ]
    return Answer(200, said)


def _quota(ask: Ask) -> Answer:
    owner = ask.parts[1]
    if owner not in {each for each, _ in ask.world.repositories}:
        return _MISSING
    used, limit = ask.world.used(owner), ask.world.storage
    share = round(100 * used / limit, 2) if limit else 100.0
    raw = {"used": used, "configured": limit, "plan_limit": limit, "percentage_used": share}
    shown = {name: f"{value} bytes" for name, value in raw.items()}
    raw_both = {"storage": {**raw, "peak": used}, "bandwidth": raw}
    return Answer(200, {"usage": {"raw": raw_both, "display": {"storage": shown, "bandwidth": shown}}})


def _repos(ask: Ask) -> Answer:
    owner = ask.parts[1]
    mine = sorted(name for each, name in ask.world.repositories if each == owner)

    def told(name: str) -> dict[str, Any]:
        packages = ask.world.of(owner, name)
        size = sum(each.size for each in packages)
        return {
            "name": name,
            "slug": name,
            "namespace": owner,
            "package_count": len(packages),
            "size": size,
            "replace_packages_by_default": (owner, name) in ask.world.replacing,
            "repository_type_str": "Private",
        }

    if len(ask.parts) > 2:
        return Answer(200, told(ask.parts[2])) if ask.parts[2] in mine else _MISSING
    if ask.method == "POST":
        if wrong := fields.wrong("RepositoryCreateRequest", ask.said):
            return _invalid(wrong)
        name = str(ask.said.get("slug") or ask.said["name"])
        ask.world.make(owner, name)
        return Answer(201, told(name))
    return _page(ask, [told(name) for name in mine])


def _page(ask: Ask, found: list[Any]) -> Answer:
    try:
        page = int(ask.query.get("page") or 1)
        size = min(LARGEST_PAGE, int(ask.query.get("page_size") or 30))
    except ValueError:
        return Answer(400, {"detail": "Invalid page."})
    total = max(1, math.ceil(len(found) / size))
    if page < 1 or page > total:
        return Answer(404, {"detail": "Invalid page."})
    headers = {
        "X-Pagination-Count": str(len(found)),
        "X-Pagination-Page": str(page),
        "X-Pagination-PageTotal": str(total),
        "X-Pagination-PageSize": str(size),
    }
    return Answer(200, found[(page - 1) * size : page * size], headers)


def _files(ask: Ask) -> Answer:
    owner, repository, *rest = ask.parts[1:]
    if (owner, repository) not in ask.world.repositories:
        return _MISSING
    if not rest or rest == ["validate"]:
        if ask.method != "POST":
            return _METHOD
        if wrong := fields.wrong("PackageFileUploadRequest", ask.said):
            return _invalid(wrong)
        return Answer(204, None) if rest else _asked_upload(ask, owner, repository)
    upload = ask.world.uploads.get(rest[0])
    if upload is None or (upload.owner, upload.repository) != (owner, repository):
        return _MISSING
    match rest[1:]:
        case ["info"]:
            url = f"{ask.endpoint}/upload/{upload.identifier}/"
            return Answer(
                200, {"identifier": upload.identifier, "upload_url": url, "upload_querystring": None}
            )
        case ["complete"]:
            if ask.said.get("upload_id") != upload.identifier or ask.said.get("complete") is not True:
                return Answer(400, {"detail": "Invalid upload."})
            refusal = ask.world.complete(upload)
            return Answer(400, {"detail": refusal}) if refusal else Answer(201, _upload_told(ask, upload))
        case ["abort"]:
            ask.world.abort(upload)
            return Answer(204, None)
        case _:
            return _MISSING


def _asked_upload(ask: Ask, owner: str, repository: str) -> Answer:
    if ask.world.used(owner) >= ask.world.storage:
        return Answer(402, {"detail": "The storage quota has been exceeded."})
    return Answer(202, _upload_told(ask, ask.world.request(owner, repository, ask.said)))


def _upload_told(ask: Ask, upload: Upload) -> dict[str, Any]:
    return {
        "identifier": upload.identifier,
        "upload_url": f"{ask.endpoint}/upload/{upload.identifier}/",
        "upload_fields": {"key": upload.identifier, "policy": "p"} if upload.method == "post" else None,
        "upload_headers": None,
        "upload_querystring": None,
    }


def _packages(ask: Ask) -> Answer:
    owner, repository, *rest = ask.parts[1:]
    if (owner, repository) not in ask.world.repositories:
        return _MISSING
    match rest:
        case []:
            found = [
                each
                for each in ask.world.listed(owner, repository)
                if telling.meant(each, ask.query.get("query", ""))
            ]
            told = [
                telling.package(each, ask.endpoint, ask.world.late_sums)
                for each in telling.sorted_by(found, ask.query.get("sort", ""))
            ]
            return _page(ask, told)
        case ["upload" | "validate-upload", format]:
            return _created(ask, owner, repository, format, rest[0] == "upload")
        case [identifier, *action]:
            return _one(ask, owner, repository, identifier, action)
    return _MISSING


def _created(ask: Ask, owner: str, repository: str, format: str, really: bool) -> Answer:
    model = fields.upload_request(format)
    if not model:
        return _MISSING
    if format in _PAID and ask.world.plan == "core":
        return Answer(402, {"detail": "Your plan does not include this format."})
    if wrong := fields.wrong(model, ask.said):
        return _invalid(wrong)
    if wrong := _no_distribution(format, str(ask.said.get("distribution") or "")):
        return _invalid(wrong)
    if not really:
        return Answer(204, None)
    named = {
        name: value
        for name, value in ask.said.items()
        if name.endswith("_file") and name in fields.model(model).attribute_map.values() and value
    }
    files: dict[str, Upload] = {}
    with ask.world.lock:
        for name, identifier in named.items():
            upload = ask.world.uploads.get(str(identifier))
            if upload is None or upload.file is None or upload.used:
                return _invalid({name: ["The file does not exist, or has been used already."]})
            files[name] = upload
        stored = ask.world.create(owner, repository, format, ask.said, files)
    return Answer(201, telling.package(stored, ask.endpoint))


def _no_distribution(format: str, said: str) -> dict[str, list[str]]:
    distribution, _, release = said.partition("/")
    known = _DISTROS.get(format)
    if known is None or release in known.get(distribution, ()):
        return {}
    return {"distribution": ["This is not a distribution of the format."]}


def _one(ask: Ask, owner: str, repository: str, identifier: str, action: list[str]) -> Answer:
    stored = ask.world.one(owner, repository, identifier)
    if stored is None:
        return _MISSING
    match (ask.method, action):
        case ("GET", []):
            return Answer(200, telling.package(stored, ask.endpoint))
        case ("DELETE", []):
            ask.world.delete(stored)
            return Answer(204, None)
        case ("GET", ["status"]):
            return Answer(200, telling.status(stored))
        case ("POST", ["resync"]):
            ask.world.resync(stored)
            return Answer(200, telling.package(stored, ask.endpoint))
        case ("POST", ["tag"]):
            stored.said["tags"] = ",".join(str(each) for each in ask.said.get("tags") or ())
            return Answer(200, telling.package(stored, ask.endpoint))
        case _:
            return _MISSING


def _bulk(ask: Ask) -> Answer:
    if wrong := fields.wrong("PackageBulkAction", ask.said):
        return _invalid(wrong)
    identifiers = [str(each) for each in ask.said["identifiers"]]
    if len(identifiers) > MOST:
        return _invalid({"identifiers": [f"At most {MOST} packages."]})
    owner, repository = ask.parts[1], str(ask.said.get("repository") or "")
    done: list[str] = []
    failed: dict[str, dict[str, str]] = {}
    for each in identifiers:
        stored = ask.world.one(owner, repository, each)
        if stored is None:
            failed[each] = {"error": "Package not found."}
        elif ask.said["action"] == "Delete":
            ask.world.delete(stored)
            done.append(each)
        elif ask.said["action"] == "Resync":
            ask.world.resync(stored)
            done.append(each)
        else:
            failed[each] = {"error": "Not permitted."}
    return Answer(200, _acted(ask, done, failed))


def _acted(ask: Ask, done: list[str], failed: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {"action": ask.said["action"], "packages_actioned": done, "packages_failed_to_action": failed}


def _recycle(ask: Ask) -> Answer:
    owner = ask.parts[1]
    if ask.method == "GET":
        there = [each for each in ask.world.bin.values() if each.owner == owner]
        if wanted := ask.query.get("repository"):
            there = [each for each in there if each.repository == wanted]
        return _page(ask, [telling.package(each, ask.endpoint) for each in there])
    if wrong := fields.wrong("PackageRecycleBin", ask.said):
        return _invalid(wrong)
    if len(ask.said["identifiers"]) > MOST:
        return _invalid({"identifiers": [f"At most {MOST} packages."]})
    done: list[str] = []
    failed: dict[str, dict[str, str]] = {}
    for each in ask.said["identifiers"]:
        gone = ask.world.restore(each) if ask.said["action"] == "restore" else ask.world.bin.pop(each, None)
        if gone:
            done.append(each)
        else:
            failed[each] = {"error": "Package not found."}
    return Answer(200, _acted(ask, done, failed))


def _entitlements(ask: Ask) -> Answer:
    place = (ask.parts[1], ask.parts[2])
    tokens = ask.world.tokens.get(place)
    if tokens is None:
        return _MISSING

    def told(name: str) -> dict[str, Any]:
        shown = tokens[name] if ask.query.get("show_tokens", "").lower() == "true" else "**********"
        return {
            "name": name,
            "slug_perm": f"{name.lower()}0000",
            "token": shown,
            "is_active": True,
            "default": name == "Default",
        }

    if ask.method == "POST":
        if wrong := fields.wrong("RepositoryTokenRequest", ask.said):
            return _invalid(wrong)
        tokens[ask.said["name"]] = str(
            ask.said.get("token") or ask.world.request(*place, {"filename": "t"}).identifier
        )
        return Answer(201, told(ask.said["name"]))
    return _page(ask, [told(name) for name in tokens])


def _v2(ask: Ask) -> Answer:
    """Provenance: metadata that is attached to a package."""
    if ask.parts[1:] == ["metadata", "validate"]:
        return Answer(200, {"valid": True})
    if len(ask.parts) < 4 or ask.parts[1] != "packages" or ask.parts[2] not in ask.world.packages:
        return _MISSING
    there = ask.world.metadata.setdefault(ask.parts[2], [])
    if ask.method == "POST":
        there.append(ask.said)
        return Answer(201, ask.said)
    return Answer(200, there)


_RESOURCES = {
    "user": _user,
    "rates": _rates,
    "status": _status,
    "formats": _formats,
    "distros": _distros,
    "quota": _quota,
    "repos": _repos,
    "files": _files,
    "packages": _packages,
    "bulk-action": _bulk,
    "recycle-bin": _recycle,
    "entitlements": _entitlements,
    "v2": _v2,
}
