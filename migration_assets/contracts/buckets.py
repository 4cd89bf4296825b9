"""A document of the kind `bucket` in, what it says of a bucket out."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from migration_assets.contracts import nodes, places
from migration_assets.contracts.bucket_model import (
    KEPT,
    KEPT_UNLESS_SAID,
    Bucket,
    ByDate,
    ByObjects,
    ByPrefix,
    Encryption,
    End,
    OnePartition,
    Package,
    PackageRule,
    Ranges,
)
from migration_assets.contracts.expression import column_references
from migration_assets.contracts.findings import Note, cut
from migration_assets.contracts.limits import bytes_of
from migration_assets.contracts.model import ByKey, ByTime, ByValue, Partitioning, Server, TableName, Whole
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.partitioning import moment
from migration_assets.contracts.yaml_text import Path

#: what partitions of keys are by, in the words that tables have
KEY = "key"
_CHOICES = {
    "conflict": ("skip_equal", "refuse", "overwrite", "keep_both"),
    "read_back": ("never", "sample", "all"),
}


def bucket(source: End, target: End, own: Node, path: Path, note: Note) -> Bucket:
    """What the property `migration` says; what its schema has refused stays as it is by default."""
    come = nodes.node(own.get("from"))
    said = nodes.items(own, "keep") if isinstance(own.get("keep"), list) else list(KEPT_UNLESS_SAID)
    choices: dict[str, Any] = {
        name: own[name] for name, allowed in _CHOICES.items() if own.get(name) in allowed
    }
    found = Bucket(
        replace(source, prefix=nodes.text(come, "prefix")),
        replace(target, prefix=nodes.text(own.get("to"), "prefix")),
        include=nodes.texts(come, "include"),
        exclude=nodes.texts(come, "exclude"),
        inventory=nodes.text(come, "inventory"),
        key=nodes.text(own, "key"),
        metadata=_texts(own.get("metadata")),
        tags=_texts(own.get("tags")),
        headers=_texts(own.get("headers")),
        storage_class=nodes.text(own, "storage_class"),
        keep=frozenset(word for word in KEPT if word in said),
        encryption=_encryption(nodes.node(own.get("encryption"))),
        ranges=_ranges(nodes.node(own.get("partitions")), (*path, "partitions"), note),
        package=_package(nodes.node(own.get("package"))),
        classification=nodes.text(own, "classification") or Bucket.classification,
        **choices,
    )
    return replace(found, uses=frozenset(_used(found)))


def end(server: Server, said: Node, note: Note) -> End:
    """One side, as its server says it; `said` is the document."""
    for at, entry in nodes.children(said, (), "servers"):
        if nodes.text(entry, "server") == server.name:
            limits, where = nodes.migration(entry, at)
            store = places.store_of(server, at, note)
            return End(server, store, "", *_rates(nodes.node(limits.get("limits")), where, note))
    return End(server, "s3")


def partitioning(ranges: Ranges) -> Partitioning:
    """The same in the words of tables, for whoever only asks in which way there are partitions."""
    match ranges:
        case ByObjects(objects=objects):
            return ByKey(KEY, objects)
        case ByPrefix():
            return ByValue(KEY)
        case ByDate(grain=grain, start=start, end=last):
            return ByTime(grain, KEY, start, last)
        case OnePartition():
            return Whole()


def shown(side: End) -> TableName:
    """The place as it may be shown where tables are."""
    location = side.server.location or side.server.name
    return TableName(None, places.joined(location, side.prefix) if side.prefix else location)


def _texts(value: Any) -> dict[str, str]:
    return {name: text for name, text in nodes.node(value).items() if isinstance(text, str)}


def _encryption(said: Node) -> Encryption | None:
    sse = said.get("sse")
    return Encryption(sse, nodes.text(said, "key")) if sse in ("s3", "kms") else None


def _package(said: Node) -> Package:
    rules = tuple(
        PackageRule(
            nodes.text(entry, "match"),
            nodes.text(entry, "format") or nodes.text(said, "format") or "auto",
            {name: text for name, text in _texts(entry).items() if name not in ("match", "format")},
        )
        for _, entry in nodes.children(said, (), "rules")
    )
    return Package(nodes.text(said, "format") or "auto", rules)


def _ranges(said: Node, path: Path, note: Note) -> Ranges:
    by = said.get("by")
    if by == "one":
        return OnePartition()
    if by == "prefix" and isinstance(said.get("depth"), int):
        return ByPrefix(said["depth"])
    if by in ("hour", "day", "month", "year") and nodes.text(said, "layout") and "start" in said:
        start = moment(said["start"], (*path, "start"), note)
        last = moment(said["end"], (*path, "end"), note) if "end" in said else None
        if start is not None and last is not None and last <= start:
            note((*path, "end"), "it is not after `start`", "Keys of `end` itself are not meant any more.")
            last = None
        return ByDate(by, nodes.text(said, "layout"), start, last) if start else OnePartition()
    objects, volume = said.get("objects"), _amount(said.get("bytes"))
    return ByObjects(
        objects if isinstance(objects, int) and objects > 0 else ByObjects.objects, volume or ByObjects.bytes
    )


def _amount(value: Any) -> int | None:
    """A number of bytes; None where it is none, as the schema has told."""
    with suppress(ValueError):
        found = bytes_of(value) if isinstance(value, str) else value
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return found
    return None


def _rates(said: Node, path: Path, note: Note) -> tuple[int | None, int | None]:
    for name in said:
        if name in ("rows_per_second", "batch_rows", "busy_above"):
            what = f"`{cut(name)}` is of a database"
            note((*path, "limits", name), what, "Of a bucket: bytes_per_second, requests_per_second.")
    return _amount(said.get("bytes_per_second")), _amount(said.get("requests_per_second"))


def _used(said: Bucket) -> set[str]:
    used: set[str] = set()
    for expression in said.expressions.values():
        with suppress(ValueError):
            used |= set(column_references(expression))
    return used
