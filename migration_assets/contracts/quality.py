"""`quality` entries of the standard in, our own out.

Rules of `type: text` and `type: custom` are prose or another engine's; they are not judged here.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from migration_assets.contracts import nodes
from migration_assets.contracts.findings import Note, meant
from migration_assets.contracts.model import Quality
from migration_assets.contracts.nodes import Node
from migration_assets.contracts.yaml_text import Path

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
#: names that other checks of a contract have
RESERVED = ("schema", "count", "checksum", "referential")


def qualities(
    said: Node, path: Path, column: str | None, names: Mapping[str, str], taken: set[str], note: Note
) -> tuple[Quality, ...]:
    """The rules of a table (`column` None) or of a column that can be judged.

    `names` leads from the names of properties to columns; `taken` holds the names of rules so far."""
    made: list[Quality] = []
    for entry, rule in nodes.children(said, path, "quality"):
        kind = _kind(rule, entry, note)
        if kind is None:
            continue
        operator = next((key for key in OPERATORS if key in rule), "")
        metric = nodes.text(rule, "metric") or nodes.text(rule, "rule")
        made.append(
            Quality(
                name=_name(rule, column, metric, taken),
                kind=kind,
                blocking=(nodes.text(rule, "severity") or "error").lower() == "error",
                description=nodes.text(rule, "description").strip(),
                operator=operator,
                operand=rule.get(operator),
                query=nodes.text(rule, "query").strip(),
                metric=metric,
                arguments=_arguments(rule, entry, names, note),
                unit="percent" if nodes.text(rule, "unit").lower() in ("percent", "%") else "rows",
            )
        )
    return tuple(made)


def _kind(rule: Node, path: Path, note: Note) -> Literal["sql", "metric"] | None:
    said = nodes.text(rule, "type")
    if said == "sql":
        return "sql"
    if said in ("text", "custom"):
        return None
    if nodes.text(rule, "metric") or nodes.text(rule, "rule"):
        return "metric"
    if said != "library":
        note(
            path,
            "the rule says nothing that can be judged",
            "Say `metric`, or `type: sql` with `query`, or `type: text`.",
        )
    return None


def _name(rule: Node, column: str | None, metric: str, taken: set[str]) -> str:
    given = _slug(nodes.text(rule, "name"))
    derived = _slug(f"{column}_{metric}") if column and metric else ""
    name = given or derived or _slug(metric)
    if not name:
        number = 1
        while f"rule_{number}" in taken:
            number += 1
        name = f"rule_{number}"
    unique, number = name, 2
    while unique in taken or unique in RESERVED:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique)
    return unique


def _slug(text: str) -> str:
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9_]+", "_", spread.lower()).strip("_")


def _arguments(rule: Node, path: Path, names: Mapping[str, str], note: Note) -> Mapping[str, object]:
    said: dict[str, Any] = dict(nodes.node(rule.get("arguments")))
    listed = said.get("properties")
    if isinstance(listed, list):
        several = [nodes.written(name) for name in cast(list[Any], listed)]
        for at, name in enumerate(several):
            if name not in names:
                where = (*path, "arguments", "properties", at)
                note(where, f"there is no column `{name}`", meant(name, names))
        said["properties"] = [names.get(name, name) for name in several]
    return said
