"""Conditions on rows that mean the same in PostgreSQL; all others are left to a person."""

import re
from collections.abc import Mapping, Set

from migration_assets.analyzer.proposal.model import ProposedColumn
from migration_assets.contracts import pgtypes

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|'')*')|(?P<quoted>\"(?:[^\"]|\"\")+\"|`(?:[^`]|``)+`|\[[^\]]+\])"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<cast>::[a-z]+(?: [a-z]+)*(?:\(\d+(?:,\d+)?\))?)(?![\[\w])"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|<>|!=|[-+*/=<>(),]))\s*"
)
_GRAMMAR = frozenset({"and", "or", "not", "in", "is", "null", "between", "true", "false"})
_NUMBERS = {"integer", "numeric", "float"}
_WORDED = ({"text", "char"}, {"date", "timestamp", "timestamptz"}, {"time"})
#: what is compared, beside columns by their types
_A_TEXT, _A_NUMBER = "'", "0"
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
    return " ".join(parts) if _means_the_same(kinds, backend) else None


def _means_the_same(kinds: Set[str], backend: str) -> bool:
    """Whether all that is compared is numbers, or all is words and days."""
    families = {pgtypes.parse(kind).family for kind in kinds - {_A_TEXT, _A_NUMBER}}
    if _A_TEXT in kinds and backend in _LOOSE:
        return False
    numbers, words = families <= _NUMBERS, any(families <= alike for alike in _WORDED)
    return bool(families) and (numbers and _A_TEXT not in kinds) | (words and _A_NUMBER not in kinds)


def _part(found: "re.Match[str]", columns: Mapping[str, ProposedColumn], kinds: set[str]) -> str | None:
    """The token as PostgreSQL writes it; notes what kinds of values are compared."""
    if found["text"] or found["number"]:
        kinds.add(_A_TEXT if found["text"] else _A_NUMBER)
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
