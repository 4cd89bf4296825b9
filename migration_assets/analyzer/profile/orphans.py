"""The third reading: rows that refer to a row which the parent's contract will not bring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration_assets.analyzer.profile.questions import Questions
from migration_assets.analyzer.profile.subject import Subject, shown_key
from migration_assets.analyzer.profile.whole import rows_of
from migration_assets.checks.outcome import KEYS_SHOWN
from migration_assets.contracts.model import Reference
from migration_assets.tables.sources.base import SourceColumn


@dataclass(frozen=True)
class Lost:
    """The orphans of one relationship; `why` says why it was not looked at, where it was not."""

    reference: Reference
    rows: int = 0
    keys: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class _Pair:
    reference: Reference
    parent: Subject
    columns: tuple[tuple[SourceColumn, SourceColumn], ...]


def orphans(
    questions: Questions, subject: Subject, parents: Mapping[str, Subject]
) -> tuple[tuple[Lost, ...], int]:
    """What every relationship of the contract has lost, and how often the table was read for it."""
    found: list[Lost] = []
    asked: list[_Pair] = []
    for reference in subject.contract.references:
        pair = _pair(subject, reference, parents)
        if isinstance(pair, str):
            found.append(Lost(reference, why=pair))
        elif _is_proven(subject, pair):
            found.append(Lost(reference))
        else:
            asked.append(pair)
    if asked:
        found += _asked(questions, subject, asked)
    return tuple(found), 1 if asked else 0


def _pair(subject: Subject, reference: Reference, parents: Mapping[str, Subject]) -> "_Pair | str":
    parent = parents.get(reference.parent)
    if parent is None or parent.contract.source.name != subject.contract.source.name:
        return f"its parent {reference.parent} is not of this source, or was not found there"
    columns: list[tuple[SourceColumn, SourceColumn]] = []
    for own, far in zip(reference.columns, reference.parent_columns, strict=True):
        pair = subject.untouched(own), parent.untouched(far)
        if pair[0] is None or pair[1] is None:
            return "its columns are made by an expression"
        columns.append((pair[0], pair[1]))
    return _Pair(reference, parent, tuple(columns))


def _is_proven(subject: Subject, pair: _Pair) -> bool:
    """Whether the source itself keeps the relationship for all rows, and the parent brings all of its own."""
    if subject.catalog is None or pair.parent.contract.where:
        return False
    wanted = {(own.name, far.name) for own, far in pair.columns}
    # a text that the source calls equal may be another one to the target
    if any("char" in own.declared or "text" in own.declared for own, _ in pair.columns) and not all(
        own.carries == own.declared for own, _ in pair.columns
    ):
        return False
    return any(
        key.judged
        and key.parent.name == pair.parent.table.name.name
        and (key.parent.schema == pair.parent.table.name.schema or not key.parent.schema)
        and set(zip(key.columns, key.parent_columns, strict=False)) == wanted
        for key in subject.catalog.foreign_keys
    )


def _asked(questions: Questions, subject: Subject, pairs: Sequence[_Pair]) -> Iterator[Lost]:
    """All relationships in one reading: each row that is an orphan in any of them, with its key.

    Joined and not looked up row by row, which without an index would take a reading of the parent each.
    """
    lost = [_lost(questions, pair, place) for place, pair in enumerate(pairs)]
    marks = [f"CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in lost]
    key = [questions.text(column, f"c.{questions.quoted(column.name)}") for _, column in subject.key]
    joined = " ".join(_joined(questions, pair, place) for place, pair in enumerate(pairs))
    rows = questions.ask(
        f"SELECT {', '.join([*marks, *key])} "  # noqa: S608 - quoted
        f"FROM (SELECT * {rows_of(questions, subject)}) c {joined} WHERE {' OR '.join(lost)}"
    )
    for place, pair in enumerate(pairs):
        found = [row for row in rows if row[place]]
        keys = [shown_key(subject, row[len(pairs) :]) for row in found[:KEYS_SHOWN]] if subject.key else []
        yield Lost(pair.reference, len(found), tuple(keys))


def _joined(questions: Questions, pair: _Pair, place: int) -> str:
    """The parent's keys, each once, beside the child's rows."""
    fars = [questions.quoted(far.name) for _, far in pair.columns]
    table = pair.parent.table
    names = {far.name for _, far in pair.columns}
    unique = any(key and set(key) <= names for key in (table.primary_key, *table.unique))
    kept = ", ".join(f"{far} AS f{number}" for number, far in enumerate(fars))
    same = " AND ".join(
        questions.same(own, f"c.{questions.quoted(own.name)}", f"p{place}.f{number}")
        for number, (own, _) in enumerate(pair.columns)
    )
    distinct = "" if unique else "DISTINCT "
    return f"LEFT JOIN (SELECT {distinct}{kept} {rows_of(questions, pair.parent)}) p{place} ON {same}"


def _lost(questions: Questions, pair: _Pair, place: int) -> str:
    there = [f"c.{questions.quoted(own.name)} IS NOT NULL" for own, _ in pair.columns]
    return f"({' AND '.join(there)} AND p{place}.f0 IS NULL)"
