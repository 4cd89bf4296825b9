"""The conditions of a `CREATE TABLE` statement, which SQLite keeps as text alone; pure."""

import re
from collections.abc import Iterator

from migration_assets.analyzer.catalog.model import Check

#: a comment, a text, a quoted name, a word, or a sign
_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]|\w+|\S", re.DOTALL
)
_COMMENTS = ("--", "/*")


def checks(statement: str) -> tuple[Check, ...]:
    """`CHECK (…)` of columns and of the table, as they are written, by name or by number."""
    return tuple(_found(statement))


def _found(statement: str) -> Iterator[Check]:
    tokens = [token for token in _TOKEN.finditer(statement) if not token[0].startswith(_COMMENTS)]
    number = 0
    for at, token in enumerate(tokens[:-1]):
        if token[0].upper() != "CHECK" or tokens[at + 1][0] != "(":
            continue
        number += 1
        end = _closing(tokens, at + 1)
        if end is None:
            return
        named = at >= 2 and tokens[at - 2][0].upper() == "CONSTRAINT"
        name = tokens[at - 1][0].strip('"`[]') if named else f"check_{number}"
        yield Check(name, statement[tokens[at + 1].end() : tokens[end].start()].strip())


def _closing(tokens: list[re.Match[str]], opening: int) -> int | None:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[at][0], 0)
        if depth == 0:
            return at
    return None
