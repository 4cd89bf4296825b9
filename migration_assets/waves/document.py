"""The text of a wave file in, a wave out, or all of its faults; the only module that knows its fields."""

import json
from collections.abc import Callable
from datetime import datetime, time
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from migration_assets.contracts import explaining, nodes
from migration_assets.contracts.conformity import Schema, compiled
from migration_assets.contracts.findings import Finding, cut
from migration_assets.contracts.nodes import Node, node, texts
from migration_assets.contracts.yaml_text import Document, YamlError, read
from migration_assets.errors import Fault, WaveRefused
from migration_assets.waves.model import (
    DAYS,
    ByState,
    ChangedSince,
    Limits,
    Partitions,
    Range,
    Wave,
    Window,
)


def parsed(text: bytes, origin: str) -> Wave:
    """The wave in the text; WaveRefused with every fault of it. What it names may not be there."""
    wave, faults, _ = drafted(text, origin)
    if wave is None or faults:
        raise WaveRefused(faults)
    return wave


def drafted(text: bytes, origin: str) -> tuple[Wave | None, list[Fault], Document | None]:
    """The wave as far as it can be read, its faults so far, and the document for the lines of more."""
    try:
        document = read(text)
    except YamlError as fault:
        return None, [Fault(origin, "", fault.what, fault.right, fault.line)], None
    found = [] if _conforms()(document.value) else explaining.findings(_validator(), document.value)
    found += _unsound(document.value, {finding.path[:1] for finding in found})
    faults = [finding.fault(origin, document) for finding in found]
    readable = not found and isinstance(document.value, dict)
    return (_wave(document.value, origin) if readable else None), faults, document


def _unsound(value: Any, refused: set[tuple[str | int, ...]]) -> list[Finding]:
    """What no schema can tell: moments and time zones that there are not."""
    found: list[Finding] = []
    window, partitions = node(nodes.node(value).get("window")), node(nodes.node(value).get("partitions"))
    zone, since = nodes.text(window, "timezone"), nodes.text(partitions, "changed_since")
    if zone and ("window",) not in refused and not _is_zone(zone):
        what = f"there is no time zone `{cut(zone)}`"
        found.append(Finding(("window", "timezone"), what, "Write it as `Europe/Berlin`, or `UTC`."))
    if since and ("partitions",) not in refused and _moment(since) is None:
        what = f"`{cut(since)}` is no moment with its offset from UTC"
        found.append(Finding(("partitions", "changed_since"), what, "Write it as `2026-01-31T22:00:00Z`."))
    return found


def _wave(said: Node, origin: str) -> Wave:
    limits = node(said.get("limits"))
    return Wave(
        name=said["name"],
        version=said.get("version", 1),
        contracts=texts(said, "contracts"),
        domains=texts(said, "domains"),
        tags=texts(said, "tags"),
        partitions=_partitions(said.get("partitions", "missing")),
        priority=said.get("priority", 0),
        after=texts(said, "after"),
        window=_window(node(said["window"])) if "window" in said else None,
        limits=Limits(limits.get("source"), limits.get("target")),
        approval=said.get("approval") == "needed",
        description=nodes.text(said, "description"),
        origin=origin,
        digest=sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest(),
    )


def _partitions(said: Any) -> Partitions:
    if isinstance(said, str):
        return ByState(said)  # type: ignore[arg-type]
    if "changed_since" in said:
        moment = _moment(said["changed_since"])
        assert moment is not None
        return ChangedSince(moment)
    first, last = said.get("from"), said.get("to")
    return Range(
        None if first is None else nodes.written(first), None if last is None else nodes.written(last)
    )


def _window(said: Node) -> Window:
    days = texts(said, "days")
    return Window(
        said["timezone"],
        tuple(day for day in DAYS if not days or day in days),
        time.fromisoformat(nodes.text(said, "opens") or "00:00"),
        time.fromisoformat(nodes.text(said, "closes") or "00:00"),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _schema() -> Schema:
    return json.loads((files("migration_assets.waves") / "wave_schema.json").read_text("utf-8"))


@cache
def _conforms() -> Callable[[Any], bool]:
    return compiled(_schema())


@cache
def _validator() -> Any:
    # its import takes long, and hardly any wave file needs it
    from jsonschema.validators import validator_for

    return validator_for(_schema())(_schema())
