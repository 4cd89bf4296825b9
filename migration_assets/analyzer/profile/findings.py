"""What was found in a table's rows, as hazards; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from migration_assets.analyzer.profile.model import Certainty, Hazard, Outcome
from migration_assets.analyzer.profile.orphans import Lost
from migration_assets.analyzer.profile.rehearsal import Found, Rehearsed
from migration_assets.analyzer.profile.standing import hazard
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.analyzer.profile.whole import Whole

#: rows of a condition that are read besides a sample, all of them
FEW = 1000
#: what arrives as it is, or as NULL
_CARRIED = ("infinity", "not a number")
#: bytes that an index of PostgreSQL takes in a row, less what it needs itself
INDEXED = 2_600


def in_rows(subject: Subject, rehearsed: Rehearsed, whole: Whole) -> Iterator[Hazard]:
    """Of the rows that were read one by one; of a sample with what the whole table says of it."""
    sampled = whole.rows is not None and rehearsed.rows < whole.rows
    for (kind, column), found in rehearsed.found.items():
        outcome, effect = _effect(subject, kind)
        rows, certainty = _rows(subject, kind, column, found, whole) if sampled else (found.rows, "exact")
        yield _of_rows(kind, subject, outcome, effect, column, found, rows, certainty)
    for (kind, column), found in rehearsed.warned.items():
        effect = "is carried; the rule that it breaks only warns"
        certainty: Certainty = "at least" if sampled else "exact"
        yield _of_rows(kind, subject, "carried", effect, column, found, found.rows, certainty)


def _of_rows(
    kind: str,
    subject: Subject,
    outcome: Outcome,
    effect: str,
    column: str | None,
    found: Found,
    rows: int,
    certainty: Certainty,
) -> Hazard:
    made = hazard(kind, subject, outcome, effect, column, found.detail)
    # the number of a row in a sample names no row
    keys = tuple(key for key in found.keys if certainty == "exact" or not key.startswith("row "))
    return replace(made, rows=rows, certainty=certainty, keys=keys)


def _effect(subject: Subject, kind: str) -> tuple[Outcome, str]:
    if kind in _CARRIED:
        return "carried", "is carried as it is"
    return kept_out(subject)


def kept_out(subject: Subject) -> tuple[Outcome, str]:
    """What becomes of rows that a run does not let in."""
    if subject.contract.bad_rows == "quarantine":
        return "quarantined", "will be quarantined; the other rows are loaded"
    return "refused", "will be refused: a partition with such a row is not loaded (`bad_rows: fail`)"


def _rows(
    subject: Subject, kind: str, column: str | None, found: Found, whole: Whole
) -> tuple[int, Certainty]:
    """How many rows of the whole table, where only some were read.

    all rows of its condition were read   those that were found, exactly
    more rows than that have it           as many as the condition counts, about
    nothing was counted for it            at least those that were found
    """
    sources = {column} if column else set[str]()
    if column in {each.name for each in subject.contract.columns}:
        source = subject.untouched(column or "")
        sources = {source.name} if source else sources
    counted = [rows for each, rows in whole.suspects.items() if each.kind == kind and each.column in sources]
    if not counted:
        return found.rows, "at least"
    return (found.rows, "exact") if counted[0] <= FEW else (max(counted[0], found.rows), "about")


def in_whole(subject: Subject, whole: Whole) -> Iterator[Hazard]:
    """Of what the source counted itself and no row's reading tells: what becomes NULL, what is too long
    for an index."""
    if subject.contract.zero_dates == "as_null":
        for each, rows in whole.suspects.items():
            if each.kind == "zero date" and rows:
                made = hazard(
                    each.kind, subject, "carried", "is carried as NULL (`zero_dates: as_null`)", each.column
                )
                yield replace(made, rows=rows)
    keys = (subject.contract.primary_key, *subject.contract.unique)
    indexed = {
        name for key in (*keys, *(index.columns for index in subject.contract.indexes)) for name in key
    }
    for name in sorted(indexed):
        source = subject.untouched(name)
        measured = whole.columns.get(source.name) if source else None
        if measured and (measured.longest or 0) > INDEXED:
            effect = "may be refused: its index takes no row of more than 2,704 bytes"
            detail = f"the longest has {measured.longest:,} characters"
            yield hazard("long key", subject, "noted", effect, name, detail)


def in_references(subject: Subject, lost: Sequence[Lost]) -> Iterator[Hazard]:
    for each in lost:
        column = ", ".join(each.reference.columns)
        if each.why:
            effect = "is judged when it is loaded"
            yield hazard("reference not judged", subject, "noted", effect, column, each.why)
        elif each.rows:
            outcome, effect = kept_out(subject)
            detail = f"no row in {each.reference.parent} ({', '.join(each.reference.parent_columns)})"
            made = hazard("orphan", subject, outcome, effect, column, detail)
            yield replace(made, rows=each.rows, keys=each.keys)


def of_parents(subject: Subject, hazards: Mapping[str, Sequence[Hazard]]) -> Iterator[Hazard]:
    """Of the tables that it refers to, `hazards` by contract."""
    for parent in dict.fromkeys(reference.parent for reference in subject.contract.references):
        if parent == subject.contract.name:
            continue
        outcomes = {each.outcome for each in hazards.get(parent, ())}
        if "refused" in outcomes:
            effect = "will be refused until its parent is there"
            yield hazard("parent refused", subject, "refused", effect, detail=f"rows of {parent} are refused")
        elif "quarantined" in outcomes:
            outcome, _ = kept_out(subject)
            effect = f"may be {outcome}: rows that refer to a quarantined one are orphans"
            detail = f"rows of {parent} are quarantined"
            yield hazard("parent refused", subject, outcome, effect, detail=detail)


def not_looked_at(subject: Subject, what: str) -> Hazard:
    return hazard("not looked at", subject, "noted", "its rows are judged when they are moved", detail=what)
