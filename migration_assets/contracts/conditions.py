"""The columns that an SQL condition of a check names, where they can be told."""

from collections.abc import Iterable

from migration_assets.contracts.expression import column_references

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
    try:
        named = column_references(condition)
    except ValueError:
        return []
    known = {column.casefold() for column in columns}
    return [name for name in named if name.casefold() not in known | _WORDS]
