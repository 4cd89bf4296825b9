"""What the custom property `migration` asks for, beyond where from, where to and in which partitions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from migration_assets.contracts import nodes, scheduling
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.model import Contract, Index
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

_CHOICES = {
    "load_mode": ("replace", "upsert"),
    "bad_rows": ("fail", "quarantine"),
    "zero_dates": ("refuse", "as_null"),
}


def asked(contract: Contract, own: Node, path: Path, names: Mapping[str, str], note: Note) -> Contract:
    """The contract with it; what the schema of `migration` has refused stays as it is by default."""
    said = {**own, "load_mode": nodes.node(own.get("load")).get("mode")}
    changes: dict[str, Any] = {
        name: said[name] for name, allowed in _CHOICES.items() if said.get(name) in allowed
    }
    changes |= {
        name: own[name] for name in ("priority", "keep_generations") if isinstance(own.get(name), int)
    }
    unique = tuple(_columns(listed, place, names, note) for place, listed in _lists(own, path, "unique"))
    indexes = tuple(
        Index(
            _columns(nodes.items(entry, "columns"), (*place, "columns"), names, note),
            nodes.flag(entry, "unique"),
        )
        for place, entry in nodes.children(own, path, "indexes")
    )
    checks = nodes.node(own.get("checks"))
    return replace(
        contract,
        where=nodes.text(own.get("from"), "where").strip() or None,
        hook=nodes.text(own, "transform") or None,
        watermark=nodes.text(own, "watermark") or None,
        schedule=scheduling.schedule(own, path, note),
        unique=unique,
        indexes=indexes,
        checks={name: check for name, check in checks.items() if isinstance(check, str)},
        **changes,
    )


def _lists(own: Node, path: Path, key: str) -> Iterator[tuple[Path, list[Any]]]:
    for at, listed in enumerate(nodes.items(own, key)):
        if isinstance(listed, list):
            yield (*path, key, at), cast(list[Any], listed)


def _columns(listed: list[Any], path: Path, names: Mapping[str, str], note: Note) -> tuple[str, ...]:
    """Columns by the names of their properties, or their own."""
    found: list[str] = []
    for at, name in enumerate(listed):
        if not isinstance(name, str):
            continue
        if name not in names:
            note((*path, at), f"there is no column `{cut(name)}`", meant(name, names))
        found.append(names.get(name, name))
    return tuple(found)
