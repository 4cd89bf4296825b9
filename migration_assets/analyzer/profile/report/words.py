"""What the page calls things, for a reader who has never seen the project."""

from collections.abc import Mapping

from migration_assets.analyzer.profile.model import OUTCOMES, Hazard, TableProfile

#: of a table: by its worst hazard that is about its rows or columns
FATES: Mapping[str, str] = {
    "refused": "stopped until something is corrected",
    "quarantined": "moves, with rows set aside",
    "carried": "moves, with something to know",
    "fine": "moves as it is",
}

OUTCOME_WORDS: Mapping[str, tuple[str, str]] = {
    "refused": (
        "Will be refused",
        "The migration stops here and leaves the target as it is, until source or contract are corrected.",
    ),
    "quarantined": (
        "Will be quarantined",
        "The rows concerned are set aside with their reason; the others move.",
    ),
    "carried": (
        "Will be carried",
        "It moves, and somebody should know what it looks like on the other side.",
    ),
    "noted": ("To know", "It keeps nothing from moving."),
}

GLOSSARY: Mapping[str, str] = {
    "contract": "A file that says which table moves, where to, with which names, types and rules.",
    "key": "What names a row, such as id=42. Keys of personal columns are shown as a hash (#1f3a…).",
    "NULL": "A cell without a value.",
    "distinct": "How many different values the rows that were read have. With ≈ they are not all of the "
    "table's, or there are more than 65,536 of them, which are then known to about half a percent.",
    "shape": "What values look like: 9 is a digit, a one letter, aa several letters; all else is itself. "
    "A date reads 9999-99-99, a mail address aa@aa.aa.",
    "personal": "Columns about people: the contract says so, or they are recognised by name or values. "
    "Their values are never shown.",
    "sample": "Of large tables the values of some rows are looked at; rows, NULLs, lengths and ends are "
    "of all.",
    "score": "0 to 100 for each table: rows that can be loaded (50), a key that is unique (15), references "
    "that lead somewhere (15), cells with a value (10), columns without a hazard (10). The source's is the "
    "mean. A table with a high score may still be stopped: one bad row is enough.",
}


def fate(table: TableProfile) -> str:
    """The worst that happens to the table; `fine` where nothing does."""
    worst = min((OUTCOMES.index(each.outcome) for each in table.hazards), default=len(OUTCOMES))
    return OUTCOMES[worst] if worst < OUTCOMES.index("noted") else "fine"


def rows_said(hazard: Hazard) -> str:
    """How many rows, and how surely."""
    if hazard.rows is None:
        return ""
    before = {"exact": "", "at least": "at least ", "about": "about "}[hazard.certainty]
    return f"{before}{hazard.rows:,}"
