"""One table's profile, in at most three readings of it.

1  the source counts: rows, NULLs, lowest and highest, lengths, and conditions of hazards
2  rows are read as a run reads them, all of them or a sample: distinct values, shapes, hazards
3  rows that refer to nothing, where the source does not keep the relationship itself
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from migration_assets.analyzer.profile import findings, score
from migration_assets.analyzer.profile.model import Figures, Hazard, TableProfile
from migration_assets.analyzer.profile.orphans import Lost, orphans
from migration_assets.analyzer.profile.questions import Questions
from migration_assets.analyzer.profile.rehearsal import Rehearsal, Rehearsed
from migration_assets.analyzer.profile.standing import hazard
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.analyzer.profile.tally import ColumnTally, Spread, decoded
from migration_assets.analyzer.profile.whole import Measured, Whole, estimate
from migration_assets.analyzer.proposal import personal
from migration_assets.errors import MappingFault, MigrationError
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.mapping import mapping
from migration_assets.tables.sources.base import Reading, Source

#: frequent values that are looked at for personal data
LOOKED = 200


@dataclass
class Look:
    """One table while it is looked at."""

    subject: Subject
    source: Source
    questions: Questions
    snapshot: Any
    sample_above: int
    hazards: list[Hazard] = field(default_factory=list)
    scans: int = 0

    def profile(self, parents: Mapping[str, Subject]) -> TableProfile:
        """`parents` are the subjects of the same source, by contract."""
        started = time.monotonic()
        whole = estimate(self.questions, self.subject)
        self.scans += whole.scans
        if whole.rows is None:
            self.hazards.append(findings.not_looked_at(self.subject, "the source did not count its rows"))
        tallies = self._tallies(whole)
        rehearsed = self._rehearsed(whole, tallies)
        lost = self._lost(parents)
        self.hazards += findings.in_rows(self.subject, rehearsed, whole)
        self.hazards += findings.in_whole(self.subject, whole)
        self.hazards += findings.in_references(self.subject, lost)
        rows = rehearsed.rows if whole.rows is None else whole.rows
        figures = tuple(
            self._figures(column.name, whole, tallies, rehearsed) for column in self.subject.table.columns
        )
        bad = rehearsed.bad + max((each.rows for each in lost), default=0)
        return TableProfile(
            self.subject.contract.name,
            str(self.subject.table.name),
            str(self.subject.contract.target_table),
            rows,
            rehearsed.rows,
            figures,
            tuple(self.hazards),
            score.parts(self.subject, figures, self.hazards, rows, rehearsed.rows, bad),
            self.scans,
            round(time.monotonic() - started, 2),
        )

    def _tallies(self, whole: Whole) -> dict[str, ColumnTally]:
        return {
            column.name: ColumnTally(
                None
                if column.name in self.subject.personal
                else _spread(whole.columns.get(column.name, Measured()))
            )
            for column in self.subject.table.columns
        }

    def _rehearsed(self, whole: Whole, tallies: Mapping[str, ColumnTally]) -> Rehearsed:
        planned = self._planned()
        condition, most = self._sample(whole)
        first = planned.reading if planned else ()
        columns = (*first, *(column for column in self.subject.table.columns if column not in first))
        where = " AND ".join(f"(\n{text}\n)" for text in (self.subject.contract.where, condition) if text)
        as_null = self.subject.contract.zero_dates == "as_null"
        reading = Reading(self.subject.table, columns, where or None, zero_dates_as_null=as_null)
        self.scans += 1
        rehearsed = Rehearsed()
        try:
            rehearsal = Rehearsal(self.subject, planned, reading, tallies, most)
            rehearsed = rehearsal.rehearsed
            return rehearsal.run(self.source, self.snapshot)
        except MigrationError as error:
            if error.passing:
                raise
            # what keeps the rows from being read or mapped here does so in a run
            effect = "will be refused when its rows are read"
            detail = " ".join(error.what.split())
            found = hazard("does not fit its source", self.subject, "refused", effect, detail=detail)
            self.hazards.append(found)
            return rehearsed

    def _planned(self) -> TableMapping | None:
        try:
            return mapping(self.subject.guarded, self.subject.table)
        except MappingFault as fault:
            effect = "will be refused before a row is read"
            for line in fault.what.splitlines()[1:] or [fault.what]:
                if line.strip():
                    self.hazards.append(
                        hazard(
                            "does not fit its source", self.subject, "refused", effect, detail=line.strip()
                        )
                    )
            return None

    def _sample(self, whole: Whole) -> tuple[str | None, int | None]:
        """A condition for the rows to read, or how many of the first ones; neither means all of them."""
        if whole.rows is None or whole.rows <= self.sample_above:
            return None, None
        table = self.subject.catalog
        numbered = table is None or table.storage != "without rowid"
        share = self.questions.share(self.sample_above / whole.rows, numbered=numbered)
        if share is None:
            return None, self.sample_above
        few = [each.condition for each, rows in whole.suspects.items() if 0 < rows <= findings.FEW]
        return " OR ".join([share, *few]), None

    def _lost(self, parents: Mapping[str, Subject]) -> tuple[Lost, ...]:
        try:
            lost, scans = orphans(self.questions, self.subject, parents)
        except MigrationError as error:
            if error.passing:
                raise
            self.hazards.append(
                findings.not_looked_at(self.subject, "its relationships could not be asked for")
            )
            return ()
        self.scans += scans
        return lost

    def _figures(
        self, name: str, whole: Whole, tallies: Mapping[str, ColumnTally], rehearsed: Rehearsed
    ) -> Figures:
        column = self.subject.table.column(name)
        assert column is not None, "it is one of the table's"
        tally, measured = tallies[name], whole.columns.get(name, Measured())
        made = self.subject.made_from.get(name, ())
        hidden = name in self.subject.personal or self._looks_personal(name, tally)
        histogram = tally.spread.histogram if tally.spread and not hidden else None
        return Figures(
            name,
            column.declared,
            tuple(f"{each.name} {each.type}" for each in made),
            hidden,
            measured.nulls,
            *_distinct(self.subject, name, tally, whole, measured, rehearsed),
            None if hidden else measured.lowest,
            None if hidden else measured.highest,
            measured.shortest,
            measured.longest,
            measured.mean_length,
            tally.shapes.top(),
            tally.shapes.seen,
            () if hidden else tally.frequent.top(),
            histogram,
        )

    def _looks_personal(self, name: str, tally: ColumnTally) -> bool:
        """Whether the values look like personal data, where no person has said that they are none."""
        made = self.subject.made_from.get(name, ())
        if made and all(each.classification for each in made):
            return False
        values = [decoded(value) for value in tally.frequent.sample(LOOKED)]
        return personal.judged(name, "text", values) is not None


def _distinct(
    subject: Subject, name: str, tally: ColumnTally, whole: Whole, measured: Measured, rehearsed: Rehearsed
) -> tuple[int | None, bool]:
    """How many distinct values, and whether exactly."""
    if not rehearsed.rows:
        return (0 if whole.rows == 0 else None), True
    if (name,) in (subject.table.primary_key, *subject.table.unique) and measured.nulls is not None:
        return (whole.rows or 0) - measured.nulls, True
    whole_table = whole.rows is None or rehearsed.rows >= whole.rows
    return tally.distinct.number, tally.distinct.exact and whole_table


def _spread(measured: Measured) -> Spread | None:
    """Where a histogram reaches from and to; None for what is no number and no moment."""
    low, high = measured.lowest or "", measured.highest or ""
    if low[4:5] == "-" and high[4:5] == "-" and low[:4].isdigit() and high[:4].isdigit():
        return Spread("year", int(low[:4]), int(high[:4]) + 1)
    try:
        ends = float(low), float(high)
    except ValueError:
        return None
    finite = all(abs(end) < 1e300 for end in ends)
    return Spread("value", *ends) if finite and ends[0] < ends[1] else None
