"""A document of the Open Data Contract Standard in, a contract in our own words out.

This is the one place that knows what the standard calls things.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path as File
from typing import Any

from migration_assets.contracts import (
    bucket_soundness,
    buckets,
    columns,
    ends,
    nodes,
    partitioning,
    relations,
)
from migration_assets.contracts.asked import asked
from migration_assets.contracts.findings import Note
from migration_assets.contracts.model import Column, Contract, Server
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.quality import qualities
from migration_assets.contracts.recorded import recorded
from migration_assets.contracts.relations import Wanted
from migration_assets.contracts.team import owners
from migration_assets.contracts.yaml_text import Path

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SUFFIX = ".odcs.yaml"

#: the properties of a table, each with where it stands
Properties = list[tuple[Path, Node]]


@dataclass(frozen=True)
class Draft:
    """A contract whose references have not found their parents yet."""

    contract: Contract
    #: names of properties, and of columns, to columns
    names: Mapping[str, str]
    wanted: tuple[Wanted, ...]
    #: where `migration`, the table and the columns stand in the document
    migration: Path
    table: Path
    columns: tuple[Path, ...]

    @property
    def aliases(self) -> tuple[frozenset[str], ...]:
        """What relationships may call it, the best name first."""
        contract, target = self.contract, self.contract.target_table
        return (
            frozenset({contract.schema_name}),
            frozenset({str(target), target.name}),
            frozenset({contract.name}),
        )


def draft(document: Any, file: File, note: Note) -> Draft:
    """The draft of the document in the file; notes what is wrong with it as far as it can be read."""
    said = nodes.node(document)
    own, own_path = nodes.migration(said, ())
    source, target = (ends.server(said, own, own_path, end, note) for end in ("source", "target"))
    if own.get("kind") == "bucket":
        return _bucket(said, document, file, (source, target), note)
    table, path = ends.table(said, note)
    source_table, target_table = ends.names(own, own_path, table, path, source, target, note)
    properties = list(nodes.children(table, path, "properties"))
    made = [columns.column(entry, place, source_table, note) for place, entry in properties]
    names = {column.name: column.name for column in made}
    names |= {
        nodes.text(entry, "name"): column.name for (_, entry), column in zip(properties, made, strict=True)
    }
    taken: set[str] = set()
    rules = qualities(table, path, None, names, taken, note)
    keys = _primary_key(properties, note)
    contract = Contract(
        name=_name(said, file),
        version=nodes.text(said, "version"),
        digest=digest(document),
        file=str(file),
        source=source,
        target=target,
        source_table=source_table,
        target_table=target_table,
        columns=_with_rules(made, properties, names, taken, note),
        primary_key=keys,
        quality=rules,
        partitioning=partitioning.partitioning(
            nodes.node(own.get("partitions")), (*own_path, "partitions"), keys[0] if keys else None, note
        ),
        schema_name=nodes.text(table, "name"),
        recorded=recorded(said),
        **_about(said, table),
    )
    contract = asked(contract, own, own_path, names, note)
    wanted = _references(contract, table, path, properties, names, note)
    return Draft(contract, names, wanted, own_path, path, tuple(place for place, _ in properties))


def _bucket(said: Node, document: Any, file: File, servers: tuple[Server, Server], note: Note) -> Draft:
    own, path = nodes.migration(said, ())
    source, target = (buckets.end(server, said, note) for server in servers)
    bucket = buckets.bucket(source, target, own, path, note)
    bucket_soundness.judge(bucket, said, own, path, note)
    contract = Contract(
        name=_name(said, file),
        version=nodes.text(said, "version"),
        digest=digest(document),
        file=str(file),
        source=servers[0],
        target=servers[1],
        source_table=buckets.shown(bucket.source),
        target_table=buckets.shown(bucket.target),
        columns=(),
        partitioning=buckets.partitioning(bucket.ranges),
        bucket=bucket,
        **_about(said, {}),
    )
    return Draft(asked(contract, own, path, {}, note), {}, (), path, ("schema",), ())


def _with_rules(
    made: list[Column], properties: Properties, names: Mapping[str, str], taken: set[str], note: Note
) -> tuple[Column, ...]:
    found: list[Column] = []
    for column, (place, entry) in zip(made, properties, strict=True):
        rules = qualities(entry, place, column.name, names, taken, note)
        found.append(replace(column, quality=rules) if rules else column)
    return tuple(found)


def _about(said: Node, table: Node) -> dict[str, Any]:
    return {
        "domain": _slug(nodes.text(said, "domain")) or "migration",
        "owners": owners(said.get("team")),
        "tags": tuple(dict.fromkeys((*nodes.texts(said, "tags"), *nodes.texts(table, "tags")))),
        "description": _description(said, table),
    }


def digest(document: Any) -> str:
    """sha256, in hexadecimal, of what the document says, whatever its layout and its comments."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=_decimal)
    return hashlib.sha256(text.encode()).hexdigest()


def _decimal(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    raise TypeError(type(value).__name__)


def _name(said: Node, file: File) -> str:
    name = nodes.text(said, "name")
    if _NAME.fullmatch(name):
        return name
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", file.name.removesuffix(SUFFIX)).strip("_")
    return stem if _NAME.fullmatch(stem) else f"contract_{stem}".rstrip("_")


def _primary_key(properties: Properties, note: Note) -> tuple[str, ...]:
    placed: list[tuple[int, int, str]] = []
    for at, (path, entry) in enumerate(properties):
        if not nodes.flag(entry, "primaryKey"):
            continue
        said = entry.get("primaryKeyPosition")
        position = said if isinstance(said, int) and said > 0 else len(properties) + 1
        if any(position == other for other, _, _ in placed if position <= len(properties)):
            note((*path, "primaryKeyPosition"), f"two columns have the position {position}", "Count from 1.")
        placed.append((position, at, columns.name_of(entry)))
    return tuple(name for _, _, name in sorted(placed))


def _description(said: Node, table: Node) -> str:
    about = nodes.node(said.get("description"))
    parts = [nodes.text(table, "description")]
    parts += [nodes.text(about, key) for key in ("purpose", "usage", "limitations")]
    return "\n\n".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _references(
    contract: Contract, table: Node, path: Path, properties: Properties, names: Mapping[str, str], note: Note
) -> tuple[Wanted, ...]:
    target = contract.target_table
    own = frozenset({contract.schema_name, contract.name, str(target), target.name})
    found = [
        wanted
        for (place, entry), column in zip(properties, contract.columns, strict=True)
        for wanted in relations.of_column(entry, place, column.name, note)
    ]
    return (*found, *relations.of_table(table, path, own, names, note))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
