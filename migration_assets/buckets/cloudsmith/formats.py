"""From an object's key and first bytes to the package that it becomes, or why it becomes none: pure.

The contract's rules come first, then names, then content; what none of them claims is generic, its path the
key. What two of them claim differently, or what asks for a field that nobody said, is refused, never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from migration_assets.buckets.cloudsmith.inside import Inside, look
from migration_assets.buckets.cloudsmith.listing import path_of
from migration_assets.buckets.cloudsmith.together import MAVEN_PARTS, PART
from migration_assets.contracts.bucket_model import PackageRule
from migration_assets.contracts.globs import among

#: first bytes that are worth reading
HEAD = 2**18
#: what a format asks for besides its file
NEEDS: Mapping[str, tuple[str, ...]] = {
    "alpine": ("distribution",),
    "deb": ("distribution",),
    "rpm": ("distribution",),
    "maven": ("group_id", "artifact_id", "version"),
    "swift": ("scope", "name", "version"),
    "vagrant": ("name", "version", "provider"),
    "skills": ("name", "version"),
}
#: of several files each, which one object is not
_SEVERAL = frozenset({"conan"})

#: ends of names; the format, and what such a file is inside
_NAMES: tuple[tuple[str, str, frozenset[Inside]], ...] = (
    (".whl", "python", frozenset({"zip"})),
    (".nupkg", "nuget", frozenset({"zip"})),
    (".snupkg", "nuget", frozenset({"zip"})),
    (".vsix", "vsx", frozenset({"zip"})),
    (".conda", "conda", frozenset({"zip"})),
    (".gem", "ruby", frozenset({"tar"})),
    (".crate", "cargo", frozenset({"gzip", "archive"})),
    (".deb", "deb", frozenset({"deb"})),
    (".udeb", "deb", frozenset({"deb"})),
    (".rpm", "rpm", frozenset({"rpm"})),
    (".box", "vagrant", frozenset({"gzip", "archive", "tar", "zip"})),
    (".rockspec", "luarocks", frozenset({"text", "other"})),
    (".rock", "luarocks", frozenset({"zip"})),
)
_ARCHIVES = (".tgz", ".tar.gz", ".tar", ".zip", ".apk")
_MAVEN = (".jar", ".war", ".aar", ".ear", ".pom")
_CHECKSUMS = (".sha1", ".md5", ".sha256", ".sha512", ".asc")
_GO = re.compile(r".+/@v/v[^/]+\.(zip|mod|info)|.+/@v/list")
_REPODATA = re.compile(
    r"(?:.*/)?repodata/(repomd\.xml.*|.*(primary|filelists|other|comps|updateinfo|modules).*)"
)
_DISTS = re.compile(
    r"(?:.*/)?dists/.+/(InRelease|Release|Release\.gpg|(Packages|Sources|Contents[^/]*)(\.(gz|xz|bz2|zst))?)"
)
_CONDA = re.compile(r"(?:.*/)?(noarch|linux-\w+|osx-\w+|win-\w+)/(repodata[^/]*|current_repodata[^/]*)")


@dataclass(frozen=True)
class Package:
    """What an object becomes."""

    format: str
    #: what its format asks for, but the file
    fields: Mapping[str, str]
    #: what it is found by in the target
    path: str


@dataclass(frozen=True)
class Refused:
    """Why an object becomes no package: skipped where it is no content of its own."""

    action: Literal["skip", "refuse"]
    reason: str


def package_of(
    key: str, head: bytes, rules: Sequence[PackageRule] = (), default: str = "auto", path: str = ""
) -> Package | Refused:
    """The first rule whose glob matches decides; its `fields` are this object's values, not expressions.

    `key` is what stands behind the source's prefix, `path` where a generic package goes (the key, if empty).
    """
    rule = next((each for each in rules if among((each.match,), ())(key)), None)
    said = rule or PackageRule("", default)
    fields = {name: value for name, value in said.fields.items() if value}
    if said.format != "auto":
        return _package(said.format, fields, path or key)
    if index := index_of(key, head):
        return Refused("skip", index)
    found = _named(key, head)
    if isinstance(found, Refused):
        return found
    format, told = found
    return _package(format, {**told, **fields}, path or key)


def looks(key: str) -> bool:
    """Whether the first bytes may say more than the key does; not of `a.csv`, but of `a.tgz` and `a`."""
    name = key.lower().rpartition("/")[2]
    if "." not in name or name == "index.yaml":
        return True
    return name.endswith((*_ARCHIVES, *_MAVEN, *(end for end, _, _ in _NAMES)))


def index_of(key: str, head: bytes) -> str:
    """Why it is a repository's own index, which the new repository makes for itself; empty: it is none."""
    low = key.lower()
    name = low.rpartition("/")[2]
    for end in _CHECKSUMS:
        if name.endswith(end):
            of = name.removesuffix(end)
            if of == "maven-metadata.xml" or of.endswith((*_MAVEN, *(end for end, _, _ in _NAMES))):
                return "a checksum or signature of a package: the repository makes its own"
    if name == "maven-metadata.xml":
        return "Maven's index: the repository makes its own"
    if _REPODATA.fullmatch(key) or _DISTS.fullmatch(key) or _CONDA.fullmatch(key):
        return "an index of packages: the repository makes its own"
    if name == "index.yaml" and b"apiVersion:" in head and b"entries:" in head:
        return "Helm's index: the repository makes its own"
    if _GO.fullmatch(key) and not low.endswith(".zip"):
        return "a part of a Go module that its archive has, too"
    return ""


def _named(key: str, head: bytes) -> tuple[str, dict[str, str]] | Refused:
    low = key.lower()
    inside = look(head)
    for end, format, kinds in _NAMES:
        if low.endswith(end):
            if head and inside.kind not in kinds:
                return _ambiguous(f"its name says {format}, its content does not")
            return format, {}
    if low.endswith(_MAVEN):
        return _maven(key, head)
    if _GO.fullmatch(key):
        return "go", {}
    if low.endswith(".dsc"):
        return _ambiguous("a Debian source package is made of several files")
    if low.endswith(".apk") and inside.kind in ("gzip", "archive"):
        return "alpine", {}
    return _of_content(low, head)


def _of_content(low: str, head: bytes) -> tuple[str, dict[str, str]] | Refused:
    """
    inside                                                then
    a Debian or RPM package by its first bytes            deb, rpm
    an archive with a package's own file                  npm, helm, python, cran, docker
    an archive with two of them                           refused
    an archive cut short, with a package's one folder     refused
    anything else                                         generic
    """
    inside = look(head)
    if inside.kind in ("deb", "rpm"):
        return inside.kind, {}
    if len(inside.formats) > 1:
        return _ambiguous(f"it may be {' or '.join(inside.formats)} by its content")
    if inside.formats:
        return inside.formats[0], {}
    stem = re.sub(r"\.(tar\.gz|tgz)$", "", low.rpartition("/")[2])
    if inside.cut and stem != low.rpartition("/")[2] and inside.folder in (stem, "package"):
        return _ambiguous("it may be a package of npm or Python: its first bytes do not say")
    return "generic", {}


def _maven(key: str, head: bytes) -> tuple[str, dict[str, str]] | Refused:
    """`…/group/artifact/version/artifact-version.jar`, unless its own descriptor says another."""
    parts = key.split("/")
    if len(parts) < 4 or not parts[-1].startswith(f"{parts[-3]}-"):
        return _ambiguous("its key does not have Maven's layout, group/artifact/version/file")
    artifact, version = parts[-3], parts[-2]
    group = ".".join(parts[:-3])
    base = version.removesuffix("-SNAPSHOT")
    if not parts[-1].startswith(f"{artifact}-{base}"):
        return _ambiguous("its key does not have Maven's layout, group/artifact/version/file")
    rest = parts[-1].removeprefix(f"{artifact}-{version}")
    part = MAVEN_PARTS.get(rest, "")
    if rest.startswith("-") and not part:
        return _ambiguous("it belongs to a package of several files")
    if rest == ".pom" and _packaging(head) == "pom":
        part = ""
    told = _group(head)
    if told and told != group:
        return _ambiguous("its descriptor has another group than its key")
    told_of_all = {"group_id": group, "artifact_id": artifact, "version": version}
    return "maven", {**told_of_all, PART: part} if part else told_of_all


def _packaging(head: bytes) -> str:
    found = re.search(rb"<packaging>\s*([\w-]+)\s*</packaging>", head)
    return found[1].decode() if found else "jar"


def _group(head: bytes) -> str:
    """Of a jar's first entries (`META-INF/maven/<group>/`); empty where they do not say."""
    found = re.search(rb"META-INF/maven/([\w.-]+)/[\w.-]+/pom\.(?:xml|properties)", head)
    return found[1].decode() if found and head.startswith(b"PK") else ""


def _package(format: str, fields: Mapping[str, str], path: str) -> Package | Refused:
    if format in _SEVERAL:
        return _ambiguous(f"a package of {format} is made of several files")
    if format == "generic":
        return Package(format, dict(fields), fields.get("filepath") or path)
    if missing := [name for name in NEEDS.get(format, ()) if not fields.get(name)]:
        return _ambiguous(f"a package of {format} needs {' and '.join(missing)}")
    return Package(format, dict(fields), path_of(format, fields, path.rpartition("/")[2]))


def _ambiguous(why: str) -> Refused:
    return Refused("refuse", f"{why}; say `format` and its fields in the contract's `package`")
