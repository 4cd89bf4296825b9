"""What `jsonschema` turns down, told so that an operator can mend it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from migration_assets.contracts.conformity import Schema, pointed
from migration_assets.contracts.findings import Finding, cut, meant
from migration_assets.contracts.yaml_text import Path

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "`true` or `false`",
    "number": "a number",
    "integer": "a whole number",
    "null": "nothing",
}
_SOMETHING = "something in it does not belong here"


def findings(validator: "Validator", value: Any, at: Path = ()) -> list[Finding]:
    """Everything that the validator's schema does not allow in the value, which stands at `at`."""
    found = [
        finding for error in validator.iter_errors(value) for finding in _explained(validator, error, at)
    ]
    # a part that is wrong in itself makes the whole look as if it had unknown properties
    told = [finding for finding in found if finding.what != _SOMETHING]
    return sorted(set(told or found), key=lambda finding: (str(finding.path), finding.what))


def _explained(validator: "Validator", error: Any, at: Path) -> Iterator[Finding]:
    path = (*at, *error.absolute_path)
    said, value = error.validator_value, error.instance
    match error.validator:
        case "required":
            for name in said:
                if name not in value:
                    yield Finding((*path, name), "it is missing")
        case "additionalProperties" | "unevaluatedProperties":
            yield from _unknown(validator, error, path)
        case "oneOf" | "anyOf":
            yield from _alternatives(validator, error, path, at)
        case "type":
            what = f"{_kind(value)} stands where {_expected(said)} belongs"
            yield Finding(path, what, _quoted(said, value))
        case "enum" | "const":
            allowed = said if error.validator == "enum" else [said]
            yield Finding(path, f"`{cut(value)}` is not known here", meant(str(value), map(str, allowed)))
        case "pattern":
            yield _form(path, said, value)
        case "not":
            unwanted = ", ".join(f"`{name}`" for name in said.get("required", ()))
            yield Finding(path, f"{unwanted or 'it'} does not belong here")
        case _:
            yield Finding(path, _limit(str(error.validator), said))


def _unknown(validator: "Validator", error: Any, path: Path) -> Iterator[Finding]:
    known = _known(validator, error.schema, error.instance)
    unknown = [name for name in error.instance if name not in known]
    for name in unknown:
        yield Finding((*path, name), f"`{cut(name)}` is not known here", meant(str(name), known))
    if not unknown:
        yield Finding(path, _SOMETHING)


def _known(validator: "Validator", schema: Any, value: Any) -> set[str]:
    """The names of properties that the schema has for this value.

    Where a property that decides between alternatives has none of its values, those of all of them."""
    if not isinstance(schema, dict):
        return set()
    own: dict[str, Any] = schema.get("properties", {})
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if "$ref" in schema:
        parts.append(pointed(_root(validator), schema["$ref"]))
    if "if" in schema:
        holds = validator.evolve(schema=schema["if"]).is_valid(value)
        parts.append(schema.get("then" if holds else "else"))
    if any(
        value.get(name) not in said["enum"] for name, said in own.items() if name in value and "enum" in said
    ):
        parts += [part.get("then") for part in parts if isinstance(part, dict)]
    return set(own).union(*(_known(validator, part, value) for part in parts))


def _root(validator: "Validator") -> Schema:
    root: Any = validator.schema
    return root


def _alternatives(validator: "Validator", error: Any, path: Path, at: Path) -> Iterator[Finding]:
    said = error.validator_value
    keys = [branch["required"][0] for branch in said if len(branch.get("required", ())) == 1]
    if len(keys) == len(said) and isinstance(error.instance, dict):
        present = [key for key in keys if key in error.instance]
        if len(present) != 1:
            listed = ", ".join(f"`{key}`" for key in present or keys)
            yield Finding(path, f"it has {'more than one' if present else 'none'} of {listed}", "Write one.")
            return
    if not error.context:
        yield Finding(path, "it can be read in more than one way")
        return
    branches: dict[int, list[Any]] = {}
    for cause in error.context:
        branches.setdefault(int(cause.relative_schema_path[0]), []).append(cause)
    for cause in max(branches.values(), key=_closeness):
        yield from _explained(validator, cause, at)


def _closeness(errors: list[Any]) -> tuple[bool, int, int]:
    """How near a branch came: its own kind of value, faults deep within, few of them."""
    kind = not any(error.validator in ("type", "required") and not error.relative_path for error in errors)
    return kind, max(len(error.relative_path) for error in errors), -len(errors)


def _kind(value: Any) -> str:
    for kind, types in (("object", dict), ("array", list), ("boolean", bool), ("string", str)):
        if isinstance(value, types):
            return _KINDS[kind] if kind != "boolean" else f"`{cut(value)}`"
    return "nothing" if value is None else f"the number {cut(value)}"


def _expected(said: str | list[str]) -> str:
    return " or ".join(_KINDS[kind] for kind in ([said] if isinstance(said, str) else said))


def _quoted(said: str | list[str], value: Any) -> str:
    if said == "string" and not isinstance(value, dict | list) and value is not None:
        return f'Write it in quotes: "{cut(value)}".'
    if said == "boolean" and isinstance(value, str):
        return "Write `true` or `false`, in small letters and without quotes."
    if said in ("integer", "number") and isinstance(value, str):
        return "Write it as 12 or 0.5, without quotes."
    return ""


def _form(path: Path, pattern: str, value: Any) -> Finding:
    keys = [step for step in path if isinstance(step, str)]
    if keys and keys[-1] in ("to", "from"):
        return Finding(path, f"`{cut(value)}` names no column of a table", "Write it as `table.column`.")
    return Finding(path, f"`{cut(value)}` has not the form that belongs here", f"It is `{cut(pattern, 80)}`.")


def _limit(keyword: str, said: Any) -> str:
    words = {
        "minItems": f"it has fewer than {said} entries",
        "maxItems": f"it has more than {said} entries",
        "uniqueItems": "an entry stands in it twice",
        "minLength": "it is empty" if said == 1 else f"it is shorter than {said}",
        "minimum": f"it is less than {said}",
        "exclusiveMinimum": f"it is not more than {said}",
        "maximum": f"it is more than {said}",
    }
    return words.get(keyword, f"it does not hold to `{keyword}`")
