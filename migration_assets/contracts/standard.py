"""The Open Data Contract Standard's own JSON Schema, and ours for the custom property `migration`."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from migration_assets.contracts import explaining
from migration_assets.contracts.conformity import Schema, UnknownKeywordError, compiled
from migration_assets.contracts.findings import Finding, cut, nearest
from migration_assets.contracts.nodes import MIGRATION, children, text
from migration_assets.contracts.yaml_text import Path

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

#: the places of a contract in which `migration` may stand; each has a schema of its own
Place = Literal["contract", "bucket", "server", "property", "relationship"]
#: whether a value conforms, and what says why it does not
_Pair = tuple[Callable[[Any], bool], Callable[[], "Validator"]]
_MEANT = f"Did you mean `{MIGRATION}`?"
_LATER = ("user", "server")


def findings(document: Any) -> list[Finding]:
    """What neither the standard nor the schema of `migration` allows in the document."""
    conforms, validator = _standard()
    found = [] if conforms(document) else explaining.findings(validator(), document)
    for place, path, node in _nodes(document):
        found += _of_migration(place, path, node)
    return found


def _nodes(document: Any) -> Iterator[tuple[Place, Path, Any]]:
    """Every node of the document that may have custom properties for us."""
    yield "contract", (), document
    for path, server in children(document, (), "servers"):
        yield "server", path, server
    for path, table in children(document, (), "schema"):
        for inner, relationship in children(table, path, "relationships"):
            yield "relationship", inner, relationship
        for inner, column in children(table, path, "properties"):
            yield "property", inner, column
            for deep, relationship in children(column, inner, "relationships"):
                yield "relationship", deep, relationship


def _of_migration(place: Place, path: Path, node: Any) -> list[Finding]:
    found: list[Finding] = []
    seen = False
    for entry, custom in children(node, path, "customProperties"):
        name = text(custom, "property")
        if name != MIGRATION:
            if nearest(name, [MIGRATION], 0.85):
                found.append(Finding((*entry, "property"), f"`{cut(name)}` is not read", _MEANT))
            continue
        if seen:
            found.append(Finding(entry, "`migration` stands here twice", "Keep one."))
        seen = True
        found += _of_value(place, (*entry, "value"), custom.get("value"))
    if place == "contract" and not seen:
        what = f"the custom property `{MIGRATION}` is missing"
        found.append(Finding((*path, "customProperties"), what, "It says at least `source` and `target`."))
    return found


def _of_value(place: Place, path: Path, value: Any) -> list[Finding]:
    kind = text(value, "kind") if place == "contract" else ""
    if kind in _LATER:
        what = f"contracts of the kind `{kind}` are not there yet"
        return [Finding((*path, "kind"), what, "There are `table` and `bucket`.")]
    conforms, validator = _own("bucket" if kind == "bucket" else place)
    return [] if conforms(value) else explaining.findings(validator(), value, path)


@cache
def _standard() -> _Pair:
    return _pair(
        _mended(json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8")))
    )


def _mended(schema: Any) -> Schema:
    """The standard, where its conditions on a logical type ask whether there is one.

    As it is published (3.2), `if logicalType is map` holds for a property that has no logical type, too,
    and all of those would be refused for having no `map`; the standard itself leaves the type open."""
    for rule in schema["$defs"].get("SchemaBaseProperty", {}).get("allOf", ()):
        condition = rule.get("if", {})
        for test in condition.get("anyOf", [condition]):
            if "logicalType" in test.get("properties", {}):
                test.setdefault("required", ["logicalType"])
    return schema


@cache
def _own(place: Place) -> _Pair:
    schema = json.loads((files("migration_assets.contracts") / "migration_schema.json").read_text("utf-8"))
    return _pair({**schema, "$ref": f"#/$defs/{place}"})


def _pair(schema: Schema) -> _Pair:
    @cache
    def validator() -> "Validator":
        # takes as long to import as to judge two hundred contracts, and almost none needs it
        from jsonschema.validators import validator_for

        return validator_for(schema)(schema)

    try:
        return compiled(schema), validator
    except UnknownKeywordError:
        return validator().is_valid, validator
