"""Mappings and lists as YAML text that a person likes to read; a thousand files take a second or two."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

#: a text that no reader of YAML takes for anything else
_PLAIN = re.compile(r"[A-Za-z_][\w./()$+-]*(?: [\w./()$+-]+)*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
#: characters of a line within which a mapping or a list stands in one
WIDTH = 110


class Flow(dict[str, Any]):
    """A mapping that stands in one line."""


def written(document: Mapping[str, Any]) -> str:
    return "".join(f"{line}\n" for line in _mapping(document, 0))


def scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.isascii() and text.lower() not in _RESERVED:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # what YAML takes for the end of a line, and what it does not take at all
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda sign: f"\\u{ord(sign[0]):04x}", quoted)


def flow(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = [f"{scalar(key)}: {flow(part)}" for key, part in cast(Mapping[str, Any], value).items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, cast(Sequence[Any], value))) + "]"
    return scalar(value)


def _mapping(said: Mapping[str, Any], depth: int) -> Iterator[str]:
    space = "  " * depth
    for key, value in said.items():
        head = f"{space}{scalar(key)}:"
        if _short(value, len(head) + 1):
            yield f"{head} {flow(value)}"
        elif isinstance(value, Mapping):
            yield head
            yield from _mapping(cast(Mapping[str, Any], value), depth + 1)
        else:
            yield head
            yield from _list(value, depth + 1)


def _list(values: Sequence[Any], depth: int) -> Iterator[str]:
    space = "  " * depth
    for value in values:
        if _short(value, len(space) + 2):
            yield f"{space}- {flow(value)}"
            continue
        lines = _mapping(value, 0) if isinstance(value, Mapping) else _list(value, 0)
        for number, line in enumerate(lines):
            yield f"{space}{'  ' if number else '- '}{line}"


def _short(value: Any, before: int) -> bool:
    """Whether the value stands in one line."""
    if not isinstance(value, dict | list | tuple) or not value:
        return True
    if isinstance(value, dict) and not isinstance(value, Flow):
        return False
    if any(isinstance(each, dict) and not isinstance(each, Flow) for each in cast(Sequence[Any], value)):
        return False
    listed = isinstance(value, list | tuple) and any(
        isinstance(each, dict) for each in cast(Sequence[Any], value)
    )
    return isinstance(value, Flow) or (not listed and before + len(flow(value)) <= WIDTH)
