"""Nodes of a document, read without trust in their shape.

A document that breaks the standard is still read as far as it goes, so that all its faults are told
at once; what is not of the right kind counts as not there.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from migration_assets.contracts.yaml_text import Path

#: the name of the custom property that is ours
MIGRATION = "migration"

Node = dict[str, Any]


def node(value: Any) -> Node:
    """The value as a mapping; an empty one where it is none."""
    return cast(Node, value) if isinstance(value, dict) else {}


def text(value: Any, key: str) -> str:
    found = node(value).get(key)
    return found if isinstance(found, str) else ""


def flag(value: Any, key: str) -> bool:
    return node(value).get(key) is True


def items(value: Any, key: str) -> list[Any]:
    found = node(value).get(key)
    return cast(list[Any], found) if isinstance(found, list) else []


def texts(value: Any, key: str) -> tuple[str, ...]:
    """The texts of a list; one text alone counts as a list of it."""
    found = node(value).get(key)
    if isinstance(found, str):
        return (found,)
    return tuple(entry for entry in items(value, key) if isinstance(entry, str))


def children(value: Any, path: Path, key: str) -> Iterator[tuple[Path, Node]]:
    """The mappings in a list, with their paths."""
    for at, entry in enumerate(items(value, key)):
        if isinstance(entry, dict):
            yield (*path, key, at), cast(Node, entry)


def migration(value: Any, path: Path) -> tuple[Node, Path]:
    """The value of the custom property `migration`, and where it stands."""
    for entry, custom in children(value, path, "customProperties"):
        if custom.get("property") == MIGRATION:
            return node(custom.get("value")), (*entry, "value")
    return {}, (*path, "customProperties")


def written(value: Any) -> str:
    """A scalar as it was written: numbers without an exponent, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
