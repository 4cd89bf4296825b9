"""A JSON Schema in, a quick yes or no out.

`jsonschema` takes 50 ms for a contract of 20 columns, mostly to find out that all is well. The same
schema, compiled into closures, says so in well under one; only what it turns down goes to
`jsonschema`, which says why. A test holds the two to the same verdict.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

#: (value, names of its properties that were evaluated so far or None) to whether it conforms
Check = Callable[[Any, set[str] | None], bool]
Schema = Mapping[str, Any]

_ANNOTATIONS = frozenset(
    ("$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples", "deprecated",
     "format", "then", "else")
)  # fmt: skip
#: what is checked last, because it asks what the others have evaluated
_LAST = "unevaluatedProperties"


class UnknownKeywordError(ValueError):
    """The schema says something that is not compiled here."""


def compiled(schema: Schema) -> Callable[[Any], bool]:
    """Whether a value conforms to the schema (draft 2019-09); UnknownKeywordError where that is not known."""
    check = _Compiler(schema).check(schema)
    return lambda value: check(value, None)


class _Compiler:
    def __init__(self, root: Schema) -> None:
        self.root = root
        self.references: dict[str, Check] = {}

    def check(self, schema: Schema | bool) -> Check:
        if isinstance(schema, bool):
            return lambda _value, _seen: schema
        deciding = _decision(schema)
        if deciding is not None:
            return deciding
        keywords = [word for word in schema if word not in _ANNOTATIONS and word != _LAST]
        checks = [self.keyword(word, schema[word], schema) for word in keywords]
        if _LAST in schema:
            return _closed(checks, schema[_LAST])
        if len(checks) == 1:
            return checks[0]
        return _every(checks)

    def keyword(self, word: str, said: Any, schema: Schema) -> Check:
        make = getattr(self, f"_{word.lstrip('$')}", None)
        if make is None:
            raise UnknownKeywordError(word)
        return cast(Check, make(said, schema))

    def _ref(self, said: str, _schema: Schema) -> Check:
        if not said.startswith("#/"):
            raise UnknownKeywordError(f"$ref {said}")
        if said not in self.references:
            # found before it is compiled, where a schema refers to itself
            self.references[said] = lambda value, seen: self.references[said](value, seen)
            self.references[said] = self.check(pointed(self.root, said))
        return self.references[said]

    def _type(self, said: str | list[str], _schema: Schema) -> Check:
        kinds = [said] if isinstance(said, str) else said
        tests = [_TYPES[kind] for kind in kinds]
        if len(tests) == 1:
            only = tests[0]
            return lambda value, _seen: only(value)
        return lambda value, _seen: any(test(value) for test in tests)

    def _properties(self, said: Schema, _schema: Schema) -> Check:
        checks = {name: self.check(schema) for name, schema in said.items()}

        def check(value: Any, seen: set[str] | None) -> bool:
            if not isinstance(value, dict):
                return True
            for name, part in cast(dict[str, Any], value).items():
                judge = checks.get(name)
                if judge is not None:
                    if not judge(part, None):
                        return False
                    if seen is not None:
                        seen.add(name)
            return True

        return check

    def _additionalProperties(self, said: Schema | bool, schema: Schema) -> Check:  # noqa: N802
        if "patternProperties" in schema:
            raise UnknownKeywordError("patternProperties")
        known = frozenset(schema.get("properties", ()))
        if said is False:
            return lambda value, _seen: not isinstance(value, dict) or known >= value.keys()
        judge = self.check(said)

        def check(value: Any, seen: set[str] | None) -> bool:
            if not isinstance(value, dict):
                return True
            others = value.keys() - known
            if seen is not None:
                seen |= others
            return all(judge(value[name], None) for name in others)

        return check

    def _required(self, said: list[str], _schema: Schema) -> Check:
        needed = frozenset(said)
        return lambda value, _seen: not isinstance(value, dict) or value.keys() >= needed

    def _items(self, said: Schema, _schema: Schema) -> Check:
        judge = self.check(said)
        return lambda value, _seen: not isinstance(value, list) or all(judge(part, None) for part in value)

    def _propertyNames(self, said: Schema, _schema: Schema) -> Check:  # noqa: N802
        judge = self.check(said)
        return lambda value, _seen: not isinstance(value, dict) or all(judge(name, None) for name in value)

    def _allOf(self, said: list[Schema], _schema: Schema) -> Check:  # noqa: N802
        return _every([self.check(schema) for schema in said])

    def _anyOf(self, said: list[Schema], _schema: Schema) -> Check:  # noqa: N802
        checks = [self.check(schema) for schema in said]

        def check(value: Any, seen: set[str] | None) -> bool:
            if seen is None:
                for judge in checks:  # noqa: SIM110 - a generator costs as much again
                    if judge(value, None):
                        return True
                return False
            return sum(_tried(judge, value, seen) for judge in checks) > 0

        return check

    def _oneOf(self, said: list[Schema], _schema: Schema) -> Check:  # noqa: N802
        checks = [self.check(schema) for schema in said]
        return lambda value, seen: sum(_tried(check, value, seen) for check in checks) == 1

    def _not(self, said: Schema, _schema: Schema) -> Check:
        judge = self.check(said)
        return lambda value, _seen: not judge(value, None)

    def _if(self, said: Schema, schema: Schema) -> Check:
        condition = self.check(said)
        then, otherwise = self.check(schema.get("then", True)), self.check(schema.get("else", True))

        def check(value: Any, seen: set[str] | None) -> bool:
            return (then if _tried(condition, value, seen) else otherwise)(value, seen)

        return check

    def _enum(self, said: list[Any], _schema: Schema) -> Check:
        if not all(isinstance(entry, str) for entry in said):
            raise UnknownKeywordError("enum")
        allowed = frozenset(said)
        return lambda value, _seen: isinstance(value, str) and value in allowed

    def _const(self, said: Any, _schema: Schema) -> Check:
        if not isinstance(said, str):
            raise UnknownKeywordError("const")
        return lambda value, _seen: isinstance(value, str) and value == said

    def _pattern(self, said: str, _schema: Schema) -> Check:
        search = re.compile(said).search
        return lambda value, _seen: not isinstance(value, str) or search(value) is not None

    def _minLength(self, said: int, _schema: Schema) -> Check:  # noqa: N802
        return lambda value, _seen: not isinstance(value, str) or len(value) >= said

    def _minItems(self, said: int, _schema: Schema) -> Check:  # noqa: N802
        return lambda value, _seen: not isinstance(value, list) or len(cast(list[Any], value)) >= said

    def _maxItems(self, said: int, _schema: Schema) -> Check:  # noqa: N802
        return lambda value, _seen: not isinstance(value, list) or len(cast(list[Any], value)) <= said

    def _uniqueItems(self, said: bool, _schema: Schema) -> Check:  # noqa: N802
        return lambda value, _seen: not said or not isinstance(value, list) or _distinct(value)

    def _minimum(self, said: float, _schema: Schema) -> Check:
        return lambda value, _seen: not is_number(value) or value >= said

    def _maximum(self, said: float, _schema: Schema) -> Check:
        return lambda value, _seen: not is_number(value) or value <= said

    def _exclusiveMinimum(self, said: float, _schema: Schema) -> Check:  # noqa: N802
        return lambda value, _seen: not is_number(value) or value > said


def pointed(root: Schema, reference: str) -> Schema:
    """The part of the schema that `#/a/b` points to."""
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return cast(Schema, found)


def is_number(value: Any) -> bool:
    """A number of JSON's: no truth value."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": is_number,
    "integer": _is_integer,
}


def _decision(schema: Schema) -> Check | None:
    """The short way for `{properties: {type: {const: x}}, required: [type]}`, which decides between
    alternatives: the standard asks it some sixty times of each contract."""
    properties = schema.get("properties", {})
    if set(schema) != {"properties", "required"} or len(properties) != 1:
        return None
    ((name, said),) = properties.items()
    if schema["required"] != [name] or set(said) != {"const"} or not isinstance(said["const"], str):
        return None
    wanted = said["const"]

    def check(value: Any, seen: set[str] | None) -> bool:
        if not isinstance(value, dict):
            return True
        if cast(dict[str, Any], value).get(name) != wanted:
            return False
        if seen is not None:
            seen.add(name)
        return True

    return check


def _every(checks: list[Check]) -> Check:
    def check(value: Any, seen: set[str] | None) -> bool:
        for judge in checks:  # noqa: SIM110 - a generator costs as much again
            if not judge(value, seen):
                return False
        return True

    return check


def _closed(checks: list[Check], rest: Schema | bool) -> Check:
    """No property but those that the checks have evaluated."""
    if rest is not False:
        raise UnknownKeywordError(_LAST)

    def check(value: Any, seen: set[str] | None) -> bool:
        mine: set[str] = set()
        for judge in checks:
            if not judge(value, mine):
                return False
        if isinstance(value, dict):
            if not mine >= value.keys():
                return False
            if seen is not None:
                seen |= mine
        return True

    return check


def _tried(check: Check, value: Any, seen: set[str] | None) -> bool:
    """Whether it conforms; a branch that does not has evaluated nothing."""
    if seen is None:
        return check(value, None)
    own: set[str] = set()
    if not check(value, own):
        return False
    seen |= own
    return True


def _distinct(values: list[Any]) -> bool:
    return len({_hashable(value) for value in values}) == len(values)


def _hashable(value: Any) -> Any:
    """Something that is equal where JSON calls the values equal; a truth value is no number."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, dict):
        parts = cast(dict[str, Any], value).items()
        return (dict, frozenset((name, _hashable(part)) for name, part in parts))
    if isinstance(value, list):
        return (list, tuple(_hashable(part) for part in cast(list[Any], value)))
    return value
