"""The results as a page of Markdown."""

from collections.abc import Iterable
from pathlib import Path

from migration_assets_tests.real.results import RESULTS, UNDER_POLICIES, Result

PAGE = Path(__file__).parents[2] / "docs" / "real_data.md"

_HEAD = """\
# Real data

Databases that others have published, moved to PostgreSQL whole. Each contract is drafted from the source's
catalog, each partition goes its way through extract, transform and load, and then source and target are held
against each other by their drivers' own values, those of PostgreSQL also by the published hashes, with no
code of the package. A table is exact when every row of it is in the target unchanged and every check is
green; one that is refused leaves no row in the target. Chinook's authors publish scripts that differ in
twelve cells: the counts of both targets are the same, the fingerprints of those three tables are not.
"""
_REFUSED = """
## What is refused, and why

The faults are in the data: a GBK text that is none, a zero date, NULLs in a primary key (which SQLite
allows), and values that are not what their column declares. Each of gh-ost's cases has one to three tables.
"""
_POLICIES = """
## The same tables under a policy of their contract
"""
_FOOT = """
The page is written from the results that the tests in `migration_assets_tests/real` hold the package to:
`REAL_DATA_PAGE=write pytest migration_assets_tests/real/test_document.py`.
"""


def page() -> str:
    return "\n".join(
        [
            _HEAD,
            *_table(("Data", "Source", "Tables", "Rows", "Exact", "Refused"), map(_counts, RESULTS)),
            _REFUSED,
            *_table(("Data", "Table", "Why"), (row for result in RESULTS for row in _told(result))),
            _POLICIES,
            *_table(("Data", "Table", "Policy", "What comes of it"), _under_policies()),
            _FOOT,
        ]
    )


def _counts(result: Result) -> tuple[str, ...]:
    tables = [name for name, verdict in result.tables.items() if not str(verdict).startswith("no table")]
    rows = sum(result.exact.values())
    return (
        result.data,
        result.source,
        str(len(tables)),
        f"{rows:,}",
        str(len(result.exact)),
        str(len(tables) - len(result.exact)),
    )


def _told(result: Result) -> list[tuple[str, ...]]:
    return [(result.data, f"`{name}`", why) for name, why in result.told.items()]


def _under_policies() -> Iterable[tuple[str, ...]]:
    for result in UNDER_POLICIES:
        for name, verdict in result.tables.items():
            came = verdict if isinstance(verdict, str) else f"{verdict} row, exact but for the NULL"
            yield result.data, f"`{name}`", f"`{result.policy}`", came


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
