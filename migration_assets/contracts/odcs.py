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
from typing import Any, cast

from migration_assets.contracts import columns, nodes, partitioning, relations
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.model import Column, Contract, Index, Server, TableName
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.quality import qualities
from migration_assets.contracts.relations import Wanted
from migration_assets.contracts.team import owners
from migration_assets.contracts.yaml_text import Path

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SERVER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
SUFFIX = ".odcs.yaml"


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
    source, target = (_server(said, own, own_path, end, note) for end in ("source", "target"))
    table, path = _table(said, note)
    source_table, target_table = _tables(own, own_path, table, path, source, target, note)
    properties = list(nodes.children(table, path, "properties"))
    made = [columns.column(entry, place, source_table, note) for place, entry in properties]
    names = {column.name: column.name for column in made}
    names |= {
        nodes.text(entry, "name"): column.name for (_, entry), column in zip(properties, made, strict=True)
    }
    taken: set[str] = set()
    rules = qualities(table, path, None, names, taken, note)
    made = [
        replace(column, quality=found) if found else column
        for (place, entry), column in zip(properties, made, strict=True)
        for found in (qualities(entry, place, column.name, names, taken, note),)
    ]
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
        columns=tuple(made),
        primary_key=keys,
        quality=rules,
        partitioning=partitioning.partitioning(
            nodes.node(own.get("partitions")), (*own_path, "partitions"), keys[0] if keys else None, note
        ),
        domain=_slug(nodes.text(said, "domain")) or "migration",
        owners=owners(said.get("team")),
        tags=tuple(dict.fromkeys((*nodes.texts(said, "tags"), *nodes.texts(table, "tags")))),
        description=_description(said, table),
        schema_name=nodes.text(table, "name"),
    )
    contract = _asked(contract, own, own_path, names, note)
    wanted = _references(contract, table, path, properties, made, names, note)
    return Draft(contract, names, wanted, own_path, path, tuple(place for place, _ in properties))


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


def _server(said: Node, own: Node, path: Path, end: str, note: Note) -> Server:
    name = nodes.text(own, end)
    entries = [
        (at, entry) for at, entry in nodes.children(said, (), "servers") if entry.get("server") == name
    ]
    if name and not entries:
        there = {nodes.text(entry, "server") for entry in nodes.items(said, "servers")} - {""}
        right = meant(name, there) or "The contract has no `servers`."
        note((*path, end), f"there is no server `{cut(name)}`", right)
    if name and not _SERVER.fullmatch(name):
        note((*path, end), f"`{cut(name)}` makes no name of a variable", "Letters, digits, `-` and `_` do.")
    if len(entries) > 1:
        note(entries[1][0], f"there are {len(entries)} servers `{cut(name)}`", "Give each a name of its own.")
    if not entries:
        return Server(name or end, "")
    at, entry = entries[0]
    tls = nodes.migration(entry, at)[0].get("tls", "verify-full")
    return Server(
        name,
        nodes.text(entry, "type"),
        nodes.text(entry, "schema") or None,
        tls if tls in ("verify-ca", "require", "disable") else "verify-full",
    )


def _table(said: Node, note: Note) -> tuple[Node, Path]:
    entries = list(nodes.children(said, (), "schema"))
    if len(entries) != 1:
        note(("schema",), f"it has {len(entries)} tables", "One contract moves one table.")
    path, table = entries[0] if entries else (cast(Path, ("schema", 0)), cast(Node, {}))
    if entries and not nodes.items(table, "properties"):
        note(path, "the table has no columns", "List them as `properties`.")
    return table, path


def _tables(
    own: Node, own_path: Path, table: Node, path: Path, source: Server, target: Server, note: Note
) -> tuple[TableName, TableName]:
    key = "physicalName" if nodes.text(table, "physicalName") else "name"
    name = nodes.text(table, key)
    given = nodes.text(own.get("from"), "table")
    return (
        _parsed(given or name, source.schema, (*own_path, "from", "table") if given else (*path, key), note),
        _parsed(name, target.schema or "public", (*path, key), note),
    )


def _parsed(name: str, schema: str | None, path: Path, note: Note) -> TableName:
    if not name:
        return TableName(schema, "")
    try:
        found = TableName.parse(name, schema)
        if not found.name or found.schema == "" or name.endswith("."):
            raise ValueError(name)
    except ValueError:
        note(
            path,
            f"`{cut(name)}` names no table",
            "Write `table` or `schema.table`; other dots in double quotes.",
        )
        return TableName(schema, name)
    return found


def _primary_key(properties: list[tuple[Path, Node]], note: Note) -> tuple[str, ...]:
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


def _asked(contract: Contract, own: Node, path: Path, names: Mapping[str, str], note: Note) -> Contract:
    """What else `migration` asks for; what its schema refused is left as it would be without."""

    def known(where: Path, listed: tuple[str, ...]) -> tuple[str, ...]:
        for at, name in enumerate(listed):
            if name not in names:
                note((*where, at), f"there is no column `{cut(name)}`", meant(name, names))
        return tuple(names.get(name, name) for name in listed)

    def choice(key: str, allowed: tuple[str, ...], value: Any) -> Any:
        return value if value in allowed else getattr(contract, key)

    def whole(key: str) -> int:
        value = own.get(key)
        return value if isinstance(value, int) else getattr(contract, key)

    unique = tuple(
        known((*path, "unique", at), tuple(name for name in listed if isinstance(name, str)))
        for at, listed in enumerate(nodes.items(own, "unique"))
        if isinstance(listed, list)
    )
    indexes = tuple(
        Index(known((*place, "columns"), nodes.texts(entry, "columns")), nodes.flag(entry, "unique"))
        for place, entry in nodes.children(own, path, "indexes")
    )
    checks = {name: check for name, check in nodes.node(own.get("checks")).items() if isinstance(check, str)}
    mode = nodes.node(own.get("load")).get("mode")
    return replace(
        contract,
        where=nodes.text(own.get("from"), "where").strip() or None,
        load_mode=choice("load_mode", ("replace", "upsert"), mode),
        bad_rows=choice("bad_rows", ("fail", "quarantine"), own.get("bad_rows")),
        zero_dates=choice("zero_dates", ("refuse", "as_null"), own.get("zero_dates")),
        hook=nodes.text(own, "transform") or None,
        priority=whole("priority"),
        keep_generations=whole("keep_generations"),
        unique=unique,
        indexes=indexes,
        checks=checks,
    )


def _references(
    contract: Contract,
    table: Node,
    path: Path,
    properties: list[tuple[Path, Node]],
    made: list[Column],
    names: Mapping[str, str],
    note: Note,
) -> tuple[Wanted, ...]:
    own = frozenset(
        {contract.schema_name, contract.name, str(contract.target_table), contract.target_table.name}
    )
    found = [
        wanted
        for (place, entry), column in zip(properties, made, strict=True)
        for wanted in relations.of_column(entry, place, column.name, note)
    ]
    return (*found, *relations.of_table(table, path, own, names, note))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
