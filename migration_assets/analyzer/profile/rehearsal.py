"""The second reading: rows as a run would read them, judged by the very code that a run judges them by.

So what a run would refuse for a row's sake is foretold, with the same words and the same keys. Nothing
is staged; the hashes of keys that have to be unique are in a folder that ends with the reading.
"""

import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from migration_assets.analyzer.profile import kinds
from migration_assets.analyzer.profile.subject import Subject, shown_key
from migration_assets.analyzer.profile.tally import ColumnTally, decoded, hasher
from migration_assets.checks.from_contract import SCHEMA
from migration_assets.checks.outcome import KEYS_SHOWN
from migration_assets.checks.rules import Rule
from migration_assets.tables import copy_text
from migration_assets.tables.batch import BatchJudge, Judged
from migration_assets.tables.copy_text import StagedLines, pc
from migration_assets.tables.duplicates import repeated
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.pieces import gathered
from migration_assets.tables.sources.base import MISFIT, Reading, Source

#: bytes of lines that are judged at once
PIECE = 4 << 20
#: what PostgreSQL takes, and other programs may not
_STRANGE = {
    "infinity": "infinity",
    "-infinity": "infinity",
    "Infinity": "infinity",
    "-Infinity": "infinity",
    "NaN": "not a number",
}
_MARK = MISFIT.encode()
_ENDLESS = ("float", "numeric", "date", "timestamp", "timestamptz")


@dataclass
class Found:
    """Rows of one kind of hazard in one column."""

    rows: int = 0
    keys: list[str] = field(default_factory=list)
    detail: str = ""

    def add(self, key: str, detail: str = "") -> None:
        self.rows += 1
        self.detail = self.detail or detail
        if len(self.keys) < KEYS_SHOWN:
            self.keys.append(key)


@dataclass
class Rehearsed:
    rows: int = 0
    #: rows that a run would not let in
    bad: int = 0
    #: by kind and column (None for what is about the row)
    found: dict[tuple[str, str | None], Found] = field(default_factory=lambda: defaultdict(Found))
    #: kind and column of what breaks a rule that only warns
    warned: dict[tuple[str, str | None], Found] = field(default_factory=lambda: defaultdict(Found))


class Rehearsal:
    """`planned` is None where contract and source do not fit; then there are figures alone."""

    def __init__(
        self,
        subject: Subject,
        planned: TableMapping | None,
        reading: Reading,
        tallies: Mapping[str, ColumnTally],
        most: int | None,
    ) -> None:
        self.rehearsed = Rehearsed()
        self._subject, self._reading, self._tallies, self._most = subject, reading, tallies, most
        self._judge = BatchJudge(planned) if planned else None
        self._planned = planned
        self._names = [column.name for column in reading.columns]
        #: by batch, the key's fields; kept where rows may share a key
        self._keys: list[list[pa.Array]] = []

    def run(self, source: Source, snapshot: Any) -> Rehearsed:
        rules = self._planned.rules if self._planned else ()
        unique = [rule for rule in rules if rule.kind == "unique"]
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="profile-")))
            files = {rule.name: opened.enter_context((folder / rule.name).open("wb")) for rule in unique}
            lines = source.read(snapshot, self._reading)
            if hasattr(lines, "close"):
                opened.callback(lines.close)  # type: ignore[attr-defined]
            for piece in gathered(lines, PIECE):
                self._batch(StagedLines(piece, len(self._names)), files)
                if self._most is not None and self.rehearsed.rows >= self._most:
                    break
            for rule in unique:
                files[rule.name].close()
                self._duplicates(rule, folder / rule.name)
        return self.rehearsed

    def _batch(self, staged: StagedLines, files: Mapping[str, IO[bytes]]) -> None:
        columns = [_present(staged, place) for place in range(len(self._names))]
        for name, fields, hashes in zip(self._names, columns, hasher()(columns), strict=True):
            self._tallies[name].add(fields, hashes)
        keys = [columns[self._names.index(column.name)] for _, column in self._subject.key]
        if files:
            self._keys.append(keys)
        self._strange(columns, keys)
        planned = self._planned
        if planned and self._judge and (planned.looks or _MARK in staged.lines):
            width = len(planned.reading)
            lines = staged.lines
            if width < len(self._names):
                lines = copy_text.lines_of([staged.run(0, width - 1)])
            judged = self._judge.judge(lines, self.rehearsed.rows + 1, {})
            self._judged(judged)
            for name, pieces in judged.unique.items():
                files[name].write(pieces)
        self.rehearsed.rows += staged.rows

    def _judged(self, judged: Judged) -> None:
        self.rehearsed.bad += len(judged.bad)
        for bad in judged.bad:
            told: set[tuple[str, str | None]] = set()
            for check, reason in bad.reasons.items():
                for part in reason.split("; ") if check == SCHEMA else [reason]:
                    place = self._kind(check, part)
                    if place not in told:
                        told.add(place)
                        self.rehearsed.found[place].add(bad.key, _without_name(part))
        for name, keys in judged.warned.items():
            rule = self._rule(name)
            place = ("breaks a rule", rule.columns[0] if rule and rule.columns else None)
            for key in keys:
                self.rehearsed.warned[place].add(key, name)
            self.rehearsed.warned[place].rows += judged.broken[name] - len(keys)

    def _kind(self, check: str, reason: str) -> tuple[str, str | None]:
        if check != SCHEMA:
            rule = self._rule(check)
            kind = "duplicate key" if rule and rule.kind == "unique" else "breaks a rule"
            return kind, ", ".join(rule.columns) if rule and rule.columns else None
        return kinds.kind_of(reason), self._column(reason)

    def _column(self, reason: str) -> str | None:
        """The target's column that a reason names, or the source's where it is of a source column."""
        of_source = reason.startswith("source column ")
        bare = reason.removeprefix("source ").removeprefix("column ")
        names = self._names if of_source else [column.name for column in self._subject.contract.columns]
        found = max((name for name in names if bare.startswith(name + " ")), key=len, default=None)
        if found is None or not of_source:
            return found
        columns = self._subject.made_from.get(found, ())
        return columns[0].name if columns else found

    def _rule(self, name: str) -> Rule | None:
        rules = self._planned.rules if self._planned else ()
        return next((rule for rule in rules if rule.name == name), None)

    def _strange(self, columns: Sequence[pa.Array], keys: Sequence[pa.Array]) -> None:
        """Infinity and NaN, which arrive as they are."""
        for place, name in enumerate(self._names):
            target = self._subject.target(self._reading.columns[place])
            if target is None or target.family not in _ENDLESS:
                continue
            is_strange = pc.is_in(columns[place], value_set=pa.array(list(_STRANGE)))
            for row in pc.indices_nonzero(is_strange).to_pylist():
                kind = _STRANGE[columns[place][row].as_py()]
                self.rehearsed.found[kind, name].add(self._key(keys, row, self.rehearsed.rows + row + 1))

    def _duplicates(self, rule: Rule, hashes: Path) -> None:
        with hashes.open("rb") as opened:
            places = sorted(repeated(opened))
        if not places:
            return
        found = (self.rehearsed.found if rule.names_rows else self.rehearsed.warned)[
            "duplicate key", ", ".join(rule.columns)
        ]
        found.rows += len(places)
        if rule.names_rows:
            self.rehearsed.bad += len(places)
        first, batches = 0, iter(self._keys)
        keys = next(batches, [])
        for place in places[:KEYS_SHOWN]:
            while keys and place >= first + len(keys[0]):
                first += len(keys[0])
                keys = next(batches, [])
            found.keys.append(self._key(keys, place - first, place + 1))

    def _key(self, keys: Sequence[pa.Array], row: int, number: int) -> str:
        values = [column[row].as_py() for column in keys]
        if not values or None in values:
            return f"row {number}"
        return shown_key(self._subject, [decoded(value) for value in values])


def _present(staged: StagedLines, place: int) -> pa.Array:
    """The escaped fields, null where there is NULL or a mark in place of a value."""
    fields = staged.column(place)
    if _MARK not in staged.lines:
        return fields
    marked = pc.fill_null(pc.starts_with(fields, MISFIT), False)
    return pc.if_else(marked, pa.scalar(None, pa.string()), fields)


def _without_name(reason: str) -> str:
    return re.sub(r"^(?:source )?column .*? (?=has |is )", "", reason)
