"""Packages as Cloudsmith lists them, and the path by which a decision means one.

format     path
generic    its filepath
raw        raw/<name>/<version>/<filename>
maven      maven/<group>/<artifact>/<version>/<filename>
deb, rpm…  <format>/<distribution>/<filename>
others     <format>/<filename>
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.digests import ALGORITHMS
from migration_assets.buckets.cloudsmith.refusals import Missing, garbled
from migration_assets.buckets.model import There

PAGE = 500
#: packages that are looked for, up to which a short page does
FEW, SHORT = 20, 100


@dataclass(frozen=True, slots=True)
class Listed:
    """One package, in whatever state."""

    path: str
    format: str
    slug: str
    size: int
    digests: Mapping[str, str]
    #: what is done, what has failed; neither, and not quarantined: on its way
    done: bool
    failed: bool
    #: Cloudsmith's own words why it failed: to be judged, never shown
    reason: str
    uploader: str
    #: seconds since 1970
    uploaded: float
    #: files that it was made of besides its own, by name: size and digests
    others: Mapping[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    #: whether a policy keeps it from everybody
    quarantined: bool = False

    @property
    def flying(self) -> bool:
        return not (self.done or self.failed or self.quarantined)

    @property
    def told(self) -> bool:
        """Whether it says the digests of all its files."""
        return all(len(each.digests) == len(ALGORITHMS) for each in self.theres)

    @property
    def theres(self) -> tuple[There, ...]:
        """Each of its files, its own first."""
        folder = self.path.rpartition("/")[0]
        files = [(self.path, self.size, self.digests)]
        files += [(f"{folder}/{name}", size, digests) for name, (size, digests) in self.others.items()]
        return tuple(There(path, size, sums.get("md5", ""), self.slug, sums) for path, size, sums in files)

    def file(self, path: str) -> There | None:
        """Of these the one of a path; the package's own where there is one file only."""
        found = self.theres
        return next((each for each in found if each.key == path), found[0] if len(found) == 1 else None)


def path_of(format: str, fields: Mapping[str, str], filename: str) -> str:
    """The path of a package that has these fields, as in the table above."""
    match format:
        case "generic":
            return fields["filepath"]
        case "raw":
            parts = (fields.get("name") or filename, fields.get("version", ""))
        case "maven":
            parts = tuple(fields.get(each, "") for each in ("group_id", "artifact_id", "version"))
        case _:
            parts = (fields["distribution"],) if fields.get("distribution") else ()
    return "/".join((format, *parts, filename))


def listed(said: Mapping[str, Any]) -> Listed:
    """From the API's JSON."""
    quarantined = bool(said.get("is_quarantined"))
    return Listed(
        path_of(str(said.get("format")), _fields(said), str(said.get("filename") or "")),
        str(said.get("format")),
        str(said.get("slug_perm") or ""),
        int(said.get("size") or 0),
        _sums(said),
        bool(said.get("is_sync_completed")) and not quarantined,
        bool(said.get("is_sync_failed")),
        str(said.get("status_reason") or ""),
        str(said.get("uploader") or ""),
        _moment(str(said.get("uploaded_at") or "")),
        {
            str(each.get("filename")): (int(each.get("size") or 0), _sums(each))
            for each in said.get("files") or ()
            if not each.get("is_primary")
        },
        quarantined,
    )


def _sums(said: Mapping[str, Any]) -> dict[str, str]:
    found = {name: str(said.get(f"checksum_{name}") or "").lower() for name in ALGORITHMS}
    return {name: value for name, value in found.items() if value}


def _fields(said: Mapping[str, Any]) -> dict[str, str]:
    identifiers = said.get("identifiers") or {}
    found = {
        "filepath": str(said.get("filepath") or said.get("filename") or ""),
        "name": str(said.get("name") or ""),
        "version": str(said.get("version") or ""),
        "group_id": str(identifiers.get("group_id") or ""),
        "artifact_id": str(identifiers.get("artifact_id") or said.get("name") or ""),
    }
    distribution, release = _slug(said.get("distro")), _slug(said.get("distro_version"))
    if distribution:
        found["distribution"] = f"{distribution}/{release}" if release else distribution
    return found


def _slug(said: Any) -> str:
    return str((said or {}).get("slug") or "")


def pages(client: Client, query: str = "", size: int = 0) -> Iterator[list[Listed]]:
    """The repository's packages, the newest first, 500 a call; what comes or goes meanwhile may come twice.

    Where some were deleted since the page before, all behind them have moved towards the front: it is gone
    back by as many.
    """
    size = size or PAGE
    page, before = 1, 0
    while True:
        named: dict[str, Any] = {"page": page, "page_size": size, "sort": "-date"}
        if query:
            named["query"] = query
        try:
            said, headers = client.page(client.packages.packages_list, *client.here, again=True, **named)
        except Missing:
            # it ends before this page by now
            if page == 1:
                raise
            page -= 1
            continue
        yield [listed(each) for each in said or ()]
        count, total = _number(headers, "Count"), _number(headers, "PageTotal")
        if page > 1 and count < before:
            page = max(1, page - -(-(before - count) // size))
        elif page >= total:
            return
        else:
            page += 1
        before = count


def newest(client: Client, slugs: Collection[str], since: float) -> dict[str, Listed]:
    """These packages as they are listed now; none of them was made before `since`, by Cloudsmith's clock."""
    found: dict[str, Listed] = {}
    for page in pages(client, size=SHORT if len(slugs) <= FEW else PAGE):
        found |= {each.slug: each for each in page if each.slug in slugs}
        if len(found) == len(slugs) or (page and 0 < page[-1].uploaded < since - 1.0):
            break
    return found


def one(client: Client, slug: str) -> Listed | None:
    """The package of a slug, as it is now; None where there is none any more."""
    try:
        return made(client.said(client.packages.packages_read, *client.here, slug, again=True), client)
    except Missing:
        return None


def made(said: Any, client: Client) -> Listed:
    """Passing where an answer has no package."""
    if not isinstance(said, Mapping) or not said.get("slug_perm"):  # pyright: ignore[reportUnknownMemberType]
        raise garbled(str(client.address))
    return listed(said)  # pyright: ignore[reportUnknownArgumentType]


def _number(headers: Mapping[str, str], name: str) -> int:
    try:
        return int(headers[f"X-Pagination-{name}"])
    except (KeyError, ValueError):
        return 1


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
