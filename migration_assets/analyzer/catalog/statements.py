"""Questions about rows, for databases whose driver cannot quote a name; `quoted` does."""

from collections.abc import Callable, Sequence

Quoted = Callable[[str], str]


def sample(columns: Sequence[str], place: str, rows: int) -> str:
    return f"SELECT {', '.join(columns)} FROM {place} LIMIT {int(rows)}"  # noqa: S608 - quoted by the caller


def missing(
    child: str,
    columns: Sequence[str],
    parent: str,
    parent_columns: Sequence[str],
    most: int,
    quoted: Quoted,
) -> str:
    """How many of `most` distinct values the parent has not, and how many were looked at."""
    pairs = zip(columns, parent_columns, strict=True)
    same = " AND ".join(f"p.{quoted(far)} = c.{quoted(own)}" for own, far in pairs)
    there = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
    names = ", ".join(map(quoted, columns))
    return (
        f"SELECT COALESCE(SUM(NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})), 0), COUNT(*) "  # noqa: S608
        f"FROM (SELECT DISTINCT {names} FROM (SELECT {names} FROM {child} WHERE {there} "
        f"LIMIT {int(most) * 20}) s LIMIT {int(most)}) c"
    )


def highest(place: str) -> str:
    """The highest number of a row in SQLite's table; no table has more rows than that."""
    return f"SELECT coalesce(max(_rowid_), 0) FROM {place}"  # noqa: S608 - quoted by the caller
