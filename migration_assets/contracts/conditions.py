"""The columns that an SQL condition of a check names, where they can be told."""

import re
from collections.abc import Iterable

from migration_assets.contracts.expression import column_references

#: a text, a quoted name, or a word
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?P<quoted>[^\"]+)\"|(?P<word>[^\W\d]\w*)")
_GRAMMAR = frozenset({"and", "or", "not", "in", "is", "null", "between", "like", "true", "false"})
#: words of SQL that look like columns
_WORDS = frozenset(
    {
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
        "value",
    }
)


def unknown_columns(condition: str, columns: Iterable[str]) -> list[str]:
    """Columns in the condition that are none of these.

    A condition that only PostgreSQL can read is left to PostgreSQL: nothing is said against it."""
    known = {column.casefold() for column in columns}
    words = {(token["quoted"] or token["word"] or "and").casefold() for token in _TOKEN.finditer(condition)}
    if words <= known | _GRAMMAR:
        return []
    try:
        named = column_references(condition)
    except ValueError:
        return []
    return [name for name in named if name.casefold() not in known | _WORDS]
