"""Faults of one contract of a bucket that no schema can tell."""

import re

from migration_assets.contracts import globs, places
from migration_assets.contracts.bucket_model import FIELDS, Bucket, ByDate, ByPrefix
from migration_assets.contracts.expression import column_references, refused, repeatable
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.nodes import Node, items
from migration_assets.contracts.yaml_text import Path

_CODES = re.compile(r"%(.)")
_NEEDS = {"hour": "YmdH", "day": "Ymd", "month": "Ym", "year": "Y"}
_TOKEN = re.compile(r"[a-z0-9][a-z0-9._-]*")
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
#: of an object of S3
MOST_TAGS, LONGEST_TAG = 10, 128
NEEDED = {
    "alpine": ("distribution",),
    "deb": ("distribution",),
    "rpm": ("distribution",),
    "swift": ("scope", "name", "version"),
    "vagrant": ("name", "version", "provider"),
}
_IN_S3 = ("headers", "storage_class", "encryption")
_OF_OBJECTS = ("headers", "storage_class", "versions", "lock", "acl")


def judge(bucket: Bucket, document: Node, own: Node, path: Path, note: Note) -> None:
    """Notes everything in which the contract contradicts itself, or cannot be done."""
    if items(document, "schema"):
        note(("schema",), "a bucket has no tables", "Take `schema` out.")
    _ends(bucket, path, note)
    _globs(bucket, path, note)
    for place, expression in bucket.expressions.items():
        _expression(expression, (*path, *_steps(place)), note)
    _layout(bucket, (*path, "partitions"), note)
    if bucket.target.store == "cloudsmith":
        _of_packages(own, path, note)
        _rules(bucket, path, note)
    elif "package" in own:
        note((*path, "package"), "the target is a bucket, and has no packages", "Take it out.")
    _encryption(bucket, (*path, "encryption", "key"), note)
    _names(bucket, path, note)
    if bucket.versions and bucket.conflict == "keep_both":
        what = "with versions a key has its history, and nothing to be kept beside it"
        note((*path, "conflict"), what, "Say `overwrite`, `refuse` or `skip_equal`.")
    if bucket.versions and bucket.inventory:
        what = "an inventory report is read for current objects alone"
        note((*path, "from", "inventory"), what, "Take it out: versions are listed.")


def _ends(bucket: Bucket, path: Path, note: Note) -> None:
    source, target = bucket.source, bucket.target
    if source.store != "s3":
        note((*path, "source"), "objects come from a bucket of S3", "Say a server of `type: s3`.")
    if source.server.variable == target.server.variable:
        what = f"source and target are the same server, {target.server.name}"
        note((*path, "target"), what, "Give each an entry of its own in `servers`, with names that differ.")
        return
    here, there = (places.read(end.store, end.server.location) for end in (source, target))
    if here is None or there is None or source.server.endpoint != target.server.endpoint:
        return
    if source.store == target.store and here[0] == there[0]:
        first, second = here[1] + source.prefix, there[1] + target.prefix
        if first.startswith(second) or second.startswith(first):
            what = "source and target lie in one another: what is written would be read again"
            note((*path, "target"), what, "Give them prefixes of which neither begins with the other.")


def _globs(bucket: Bucket, path: Path, note: Note) -> None:
    named = [((*path, "from", "include", at), glob) for at, glob in enumerate(bucket.include)]
    named += [((*path, "from", "exclude", at), glob) for at, glob in enumerate(bucket.exclude)]
    named += [
        ((*path, "package", "rules", at, "match"), rule.match) for at, rule in enumerate(bucket.package.rules)
    ]
    for where, glob in named:
        try:
            globs.pattern(glob)
        except ValueError as fault:
            note(where, f"`{cut(glob)}` is no pattern: {fault}", "Write it as `builds/**/*.whl`.")
            continue
        if bucket.source.prefix and glob.startswith(bucket.source.prefix) and "package" not in where:
            what = f"`{cut(glob)}` begins with the prefix, and patterns stand behind it"
            note(where, what, f"Write `{cut(glob.removeprefix(bucket.source.prefix) or '**')}`.")


def _encryption(bucket: Bucket, path: Path, note: Note) -> None:
    said = bucket.encryption
    if said is None or not said.key:
        return
    if said.sse == "s3":
        note(path, "a key is for `sse: kms`", "Take it out, or say `sse: kms`.")
    elif not said.key.startswith("arn:") and not _VARIABLE.fullmatch(said.key):
        note(
            path, f"`{cut(said.key)}` is no key of KMS", "Write its ARN, or `$NAME` of the variable with it."
        )


def _names(bucket: Bucket, path: Path, note: Note) -> None:
    for name in bucket.metadata:
        if not _TOKEN.fullmatch(name):
            what = f"`{cut(name)}` is no name of metadata, which is sent as a header's"
            note((*path, "metadata", name), what, "Take small letters, digits, `-`, `_` and `.`.")
    for name in bucket.tags:
        if len(name) > LONGEST_TAG:
            note((*path, "tags", name), f"its name is longer than {LONGEST_TAG} letters", "Shorten it.")
    if len(bucket.tags) > MOST_TAGS:
        note((*path, "tags"), f"an object has at most {MOST_TAGS} tags", "Take some out.")


def _rules(bucket: Bucket, path: Path, note: Note) -> None:
    """What Cloudsmith asks for beside the file, and cannot be found in it."""
    for at, rule in enumerate(bucket.package.rules):
        for name in NEEDED.get(rule.format, ()):
            if name not in rule.fields:
                what = f"a package of the format {rule.format} needs its {name}"
                note((*path, "package", "rules", at), what, f"Say `{name}`, an expression.")


def _expression(expression: str, path: Path, note: Note) -> None:
    try:
        unknown = [name for name in column_references(expression) if name not in FIELDS]
        same = repeatable(expression)
    except ValueError as fault:
        note(path, f"it is no expression: {cut(fault, 120)}", "Write SQL as DuckDB knows it.")
        return
    for name in unknown:
        note(path, f"an object has no `{cut(name)}`", meant(name, FIELDS))
    if not unknown and (why := refused(expression, FIELDS)):
        note(path, f"it makes no text of an object: {cut(why, 120)}", "Write SQL as DuckDB knows it.")
    elif not unknown and not same:
        what = "its result could differ from one run to the next"
        note(path, what, "Take functions that give the same for the same object.")


def _layout(bucket: Bucket, path: Path, note: Note) -> None:
    how = bucket.ranges
    if isinstance(how, ByPrefix) and how.depth > 20:
        note(
            (*path, "depth"), f"{how.depth} is deeper than keys are", "Count the slashes up to which it goes."
        )
    if not isinstance(how, ByDate):
        return
    codes = _CODES.findall(how.layout)
    needed = _NEEDS[how.grain]
    if sorted(codes) != sorted(needed):
        words = " ".join(f"%{code}" for code in needed)
        what = f"`{cut(how.layout)}` does not say {'an' if how.grain == 'hour' else 'a'} {how.grain} once"
        note((*path, "layout"), what, f"It has {words}, each once, and nothing finer.")


def _of_packages(own: Node, path: Path, note: Note) -> None:
    for name in _IN_S3:
        if name in own:
            note((*path, name), "the target is Cloudsmith, and packages have none", "Take it out.")
    for at, word in enumerate(items(own, "keep")):
        if word in _OF_OBJECTS:
            note((*path, "keep", at), f"packages have no {cut(word)}", "Take it out.")


def _steps(place: str) -> Path:
    """`package.rules[0].name`, `metadata.my.name` and `key` as paths."""
    if found := re.fullmatch(r"package\.rules\[(\d+)\]\.(\w+)", place):
        return ("package", "rules", int(found[1]), found[2])
    first, dot, rest = place.partition(".")
    return (first, rest) if dot else (first,)
