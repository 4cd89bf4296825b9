"""Conditions on rows that mean the same in PostgreSQL; all others are left to a person."""

import re
from collections.abc import Iterable, Mapping

from migration_assets.analyzer.proposal.model import ProposedColumn
from migration_assets.contracts import pgtypes

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|'')*')|(?P<quoted>\"(?:[^\"]|\"\")+\"|`(?:[^`]|``)+`|\[[^\]]+\])"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<cast>::[a-z]+(?: [a-z]+)*(?:\(\d+(?:,\d+)?\))?)(?![\[\w])"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|<>|!=|[-+*/=<>(),]))\s*"
)
_GRAMMAR = frozenset({"and", "or", "not", "in", "is", "null", "between", "true", "false"})
_NUMBERS = ("integer", "numeric", "float")
_WORDED = ("text", "char", "date", "timestamp", "timestamptz", "time")
#: databases whose comparisons of text take no notice of letter case, or may not
_LOOSE = frozenset({"mysql", "sqlalchemy"})


def translated(condition: str, columns: Mapping[str, ProposedColumn], backend: str) -> str | None:
    """The condition over the target's columns; None where it may mean something else there.

    Numbers are compared with numbers, texts with texts; `columns` are those of the table, by their
    names in the source."""
    folded = {name.casefold(): column for name, column in columns.items()}
    parts: list[str] = []
    kinds: set[str] = set()
    at = 0
    while at < len(condition):
        found = _TOKEN.match(condition, at)
        if found is None or found.end() == at:
            return None
        part = _part(found, folded, kinds)
        if part is None:
            return None
        parts.append(part)
        at = found.end()
    worded = "text" in kinds or any(pgtypes.parse(kind).family not in _NUMBERS for kind in _types(kinds))
    if worded and ("number" in kinds or (backend in _LOOSE and "text" in kinds)):
        return None
    known = all(pgtypes.parse(kind).family in (*_NUMBERS, *_WORDED) for kind in _types(kinds))
    mixed = worded and any(pgtypes.parse(kind).family in _NUMBERS for kind in _types(kinds))
    return " ".join(parts) if parts and known and not mixed and _types(kinds) else None


def _types(kinds: Iterable[str]) -> list[str]:
    return [kind for kind in kinds if kind not in ("text", "number")]


def _part(found: "re.Match[str]", columns: Mapping[str, ProposedColumn], kinds: set[str]) -> str | None:
    """The token as PostgreSQL writes it; notes what kinds of values are compared."""
    if found["text"] or found["number"]:
        kinds.add("text" if found["text"] else "number")
        return found["text"] or found["number"]
    if found["sign"]:
        return found["sign"]
    if found["cast"]:
        # a cast of a built-in type to another spelling of itself says nothing more
        return "" if pgtypes.parse(found["cast"][2:]).family != "other" else None
    word = found["word"]
    if word and word.lower() in _GRAMMAR:
        return word.upper()
    name = word or found["quoted"][1:-1].replace('""', '"').replace("``", "`")
    column = columns.get(name.casefold())
    if column is None:
        return None
    kinds.add(column.type)
    return '"' + column.name.replace('"', '""') + '"'
