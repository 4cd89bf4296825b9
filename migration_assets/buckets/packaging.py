"""What an object becomes in a repository of packages: by the contract's rules, else by name and content."""

import io
import tarfile
import zlib
from collections.abc import Callable, Mapping

from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.part import Packaged
from migration_assets.buckets.places import Source
from migration_assets.contracts.bucket_model import Bucket, PackageRule
from migration_assets.contracts.globs import among
from migration_assets.contracts.places import Place

#: ends of names that say the format, where its package says name and version by itself
_NAMES: Mapping[str, str] = {
    ".whl": "python",
    ".nupkg": "nuget",
    ".snupkg": "nuget",
    ".gem": "ruby",
    ".crate": "cargo",
    ".conda": "conda",
    ".vsix": "vsx",
}
#: what an archive of this format holds
_MEMBERS: Mapping[str, str] = {"package/package.json": "npm", "/Chart.yaml": "helm", "/PKG-INFO": "python"}
_ARCHIVES = (".tgz", ".tar.gz")
#: bytes that are read to look into an archive
_HEAD = 1 << 20

Packaging = Callable[[Found, Attributes | None, str, Mapping[str, str | None]], Packaged]


def packaged(bucket: Bucket, source: Source, place: Place) -> Packaging:
    """For each object its format, fields and path, by texts of the contract's expressions."""
    from migration_assets.buckets.cloudsmith.listing import path_of

    rules = [(at, rule, among((rule.match,), ())) for at, rule in enumerate(bucket.package.rules)]

    def of(found: Found, _: Attributes | None, path: str, texts: Mapping[str, str | None]) -> Packaged:
        key = place.behind(found.key)
        at, rule = next(
            ((at, rule) for at, rule, matches in rules if matches(key)),
            (-1, PackageRule("", bucket.package.format)),
        )
        fields = {name: texts.get(f"package.rules[{at}].{name}") or "" for name in rule.fields}
        if missing := [name for name, text in fields.items() if not text]:
            return Packaged("", {}, path, f"its package has no {missing[0]}: the expression gives nothing")
        format = rule.format if rule.format != "auto" else _found(source, found, key)
        if format == "generic":
            return Packaged(format, fields, fields.get("filepath") or path)
        return Packaged(format, fields, path_of(format, fields, path.rpartition("/")[2]))

    return of


def _found(source: Source, found: Found, key: str) -> str:
    """The format by its name, of an archive by what is in it; `generic` for everything else."""
    low = key.lower()
    if named := next((format for end, format in _NAMES.items() if low.endswith(end)), ""):
        return named
    if low.endswith(_ARCHIVES) and found.size:
        with source.open(found, 0, min(found.size, _HEAD) - 1) as opened:
            return _inside(b"".join(opened.pieces(_HEAD)))
    return "generic"


def _inside(head: bytes) -> str:
    """By the archive's first members, as far as its head goes."""
    try:
        body = zlib.decompressobj(31).decompress(head, 8 * _HEAD)
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:", ignore_zeros=False) as archive:
            for member in archive:
                for name, format in _MEMBERS.items():
                    if member.name == name or (name.startswith("/") and _second(member.name) == name):
                        return format
    except (tarfile.TarError, zlib.error, OSError, EOFError):
        pass
    return "generic"


def _second(name: str) -> str:
    """`/PKG-INFO` of `shop-1.0/PKG-INFO`."""
    first, slash, rest = name.partition("/")
    return f"{slash}{rest}" if first else ""
