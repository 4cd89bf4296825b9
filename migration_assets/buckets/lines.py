"""Objects, decisions and what came of them as lines of JSON; what is as it always is takes no room."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar

from migration_assets.buckets.model import Attributes, Decision, Found, Moved, There

Thing = TypeVar("Thing")

#: what a field is where a line says nothing of it
_SAME = object()
_PLAIN = frozenset({str, int, bool, float, type(None)})


def line(thing: object) -> bytes:
    """One line with its end; every sign outside of ASCII is escaped, and so is every line end."""
    return json.dumps(plain(thing), separators=(",", ":")).encode() + b"\n"


def plain(thing: Any) -> Any:
    """Dataclasses as mappings, without the fields that have their default."""
    if is_dataclass(thing):
        return {
            name: value if type(value) in _PLAIN else plain(value)
            for name, default in _defaults(type(thing))
            if (value := getattr(thing, name)) != default
        }
    if isinstance(thing, tuple):
        return [plain(each) for each in thing]  # pyright: ignore[reportUnknownVariableType]
    return dict(thing) if hasattr(thing, "items") else thing


@lru_cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    made: list[tuple[str, object]] = []
    for field in fields(kind):
        if field.default_factory is not MISSING:
            made.append((field.name, field.default_factory()))
        else:
            made.append((field.name, _SAME if field.default is MISSING else field.default))
    return tuple(made)


def things(pieces: Iterable[bytes], made: Callable[[dict[str, Any]], Thing]) -> Iterator[Thing]:
    """Of pieces of whole lines."""
    for piece in pieces:
        for each in piece.splitlines():
            yield made(json.loads(each))


def found_of(said: dict[str, Any]) -> Found:
    return Found(**said)


def attributes_of(said: dict[str, Any]) -> Attributes:
    tags = tuple((name, value) for name, value in said.get("tags", ()))
    acl = tuple((permission, grantee) for permission, grantee in said.get("acl", ()))
    more: dict[str, Any] = {"tags": tags, "parts": tuple(said.get("parts", ())), "acl": acl}
    return Attributes(**said | more)


def there_of(said: dict[str, Any]) -> There:
    return There(**said)


def decision_of(said: dict[str, Any]) -> Decision:
    before, attributes = said.get("before"), said.get("attributes")
    more: dict[str, Any] = {
        "found": Found(**said["found"]),
        "before": there_of(before) if before is not None else None,
        "attributes": attributes_of(attributes) if attributes is not None else None,
    }
    return Decision(**said | more)


def moved_of(said: dict[str, Any]) -> Moved:
    there = said.get("there")
    more: dict[str, Any] = {
        "decision": decision_of(said["decision"]),
        "there": there_of(there) if there is not None else None,
        "tried_after": tuple(said.get("tried_after", ())),
        "dropped": tuple(said.get("dropped", ())),
    }
    return Moved(**said | more)
