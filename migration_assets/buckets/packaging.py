"""What an object becomes in a repository of packages: by the contract's rules, else by name and content."""

from collections.abc import Callable, Mapping

from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.part import Packaged
from migration_assets.buckets.places import Source
from migration_assets.contracts.bucket_model import Bucket, PackageRule
from migration_assets.contracts.globs import among
from migration_assets.contracts.places import Place

Packaging = Callable[[Found, Attributes | None, str, Mapping[str, str | None]], Packaged]


def packaged(bucket: Bucket, source: Source, place: Place) -> Packaging:
    """For each object its format, fields and path, by texts of the contract's expressions."""
    from migration_assets.buckets.cloudsmith.formats import HEAD, Refused, looks, package_of

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
        head = b""
        if rule.format == "auto" and found.size and looks(key):
            with source.open(found, 0, min(found.size, HEAD) - 1) as opened:
                head = b"".join(bytes(piece) for piece in opened.pieces(HEAD))
        made = package_of(key, head, (PackageRule("**", rule.format, fields),), path=path)
        if isinstance(made, Refused):
            return Packaged("", {}, path, **{"fault" if made.action == "refuse" else "skip": made.reason})
        return Packaged(made.format, made.fields, made.path)

    return of
