"""Where the rows come from and where they go: servers and tables of a document."""

import re
from contextlib import suppress
from typing import cast

from migration_assets.contracts import nodes
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.limits import NAMES as LIMITS
from migration_assets.contracts.limits import Limits, bytes_of
from migration_assets.contracts.model import Server, TableName
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

_SERVER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def server(said: Node, own: Node, path: Path, end: str, note: Note) -> Server:
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
    ours, where = nodes.migration(entry, at)
    if own.get("kind") != "bucket" and "requests_per_second" in nodes.node(ours.get("limits")):
        note((*where, "limits", "requests_per_second"), "a database is asked in rows", "Say rows_per_second.")
    tls = ours.get("tls", "verify-full")
    return Server(
        name,
        nodes.text(entry, "type"),
        nodes.text(entry, "schema") or None,
        tls if tls in ("verify-ca", "require", "disable") else "verify-full",
        _limits(nodes.node(ours.get("limits"))),
        nodes.text(entry, "location"),
        nodes.text(entry, "endpointUrl"),
    )


def _limits(said: Node) -> Limits:
    """What is not as the schema has it counts as not said."""
    numbers: dict[str, int] = {}
    for name, value in said.items():
        with suppress(ValueError):
            found = bytes_of(value) if name == "bytes_per_second" and isinstance(value, str) else value
            if name in LIMITS and isinstance(found, int) and not isinstance(found, bool):
                numbers[name] = found
    return Limits(**numbers)


def table(said: Node, note: Note) -> tuple[Node, Path]:
    entries = list(nodes.children(said, (), "schema"))
    if len(entries) != 1:
        note(("schema",), f"it has {len(entries)} tables", "One contract moves one table.")
    path, table = entries[0] if entries else (cast(Path, ("schema", 0)), cast(Node, {}))
    if entries and not nodes.items(table, "properties"):
        note(path, "the table has no columns", "List them as `properties`.")
    return table, path


def names(
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
