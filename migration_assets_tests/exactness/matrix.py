"""The matrix: a family's table goes its whole way, and every cell of it is judged.

One row holds one value; all its other columns are NULL. So a value that is set aside takes no other one
with it, and every type sees NULL. A cell is `exact`, `refused` by declared policy, or at fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from migration_assets.contracts.model import Column, Contract, Server, TableName
from migration_assets.errors import MigrationError
from migration_assets.tables.engine import TableMigration
from migration_assets_tests.exactness.case import Case, Cell, Family
from migration_assets_tests.exactness.world import (
    PostgresSide,
    Printed,
    Row,
    SourceSide,
    column_of,
    rows_of,
)

Verdict = Literal["exact", "refused", "fault"]


@dataclass(frozen=True)
class Found:
    """What became of one cell."""

    cell: Cell | None
    verdict: Verdict
    #: the reason of a refusal, or what is wrong
    words: str = ""


@dataclass
class Results:
    """What became of every cell of a case, or why the whole table was refused."""

    case: Case
    found: list[Found] = field(default_factory=list)
    refusal: str = ""

    def count(self, verdict: Verdict) -> int:
        return sum(1 for one in self.found if one.verdict == verdict)

    @property
    def faults(self) -> list[str]:
        """One sentence for everything that is not as the case says."""
        if self.refusal or self.case.refusal:
            if self.case.refusal and self.case.refusal in self.refusal:
                return []
            return [f"the whole table: {self.refusal or 'was loaded, and should have been refused'}"]
        return [f"{_shown(one.cell)}: {one.words}" for one in self.found if one.verdict == "fault"]


@dataclass(frozen=True)
class Matrix:
    """A source, a target, and a folder for staging."""

    source: SourceSide
    target: PostgresSide
    folder: Path

    def moved(self, family: Family) -> list[Results]:
        """The results of all of the family's cases, in their order."""
        together = [case for case in family.cases if not case.alone]
        results = self._moved(family, together, family.name) if together else []
        of = {id(one.case): one for one in results}
        for number, case in enumerate(one for one in family.cases if one.alone):
            of[id(case)] = self._moved(family, [case], f"{family.name}_alone{number}")[0]
        return [of[id(case)] for case in family.cases]

    def _moved(self, family: Family, cases: Sequence[Case], table: str) -> list[Results]:
        """Where a table is refused as a whole, its halves say which case is the cause."""
        rows = rows_of(cases)
        self.source.write(table, cases, rows)
        refusal = self._run(contract(self.source, table, cases, family))
        if not refusal:
            return self._judged(table, cases, rows)
        if len(cases) == 1:
            return [Results(cases[0], refusal=refusal)]
        middle = len(cases) // 2
        halves = (cases[:middle], f"{table}a"), (cases[middle:], f"{table}b")
        return [one for half, name in halves for one in self._moved(family, half, name)]

    def _run(self, moved: Contract) -> str:
        """Takes the contract through its stages; the words of its refusal, if it was refused."""
        environment = {
            "OLD_URL": self.source.url,
            "NEW_URL": self.target.url,
            "MIGRATION_STAGING": str(self.folder),
        }
        migration = TableMigration(moved, {moved.name: moved}, environment)
        try:
            for stage in (migration.extract, migration.transform, migration.load):
                report = stage("all", "run")
                if report.refusal is not None:
                    failed = [f"{o.name} {[r.key for r in o.rows]}" for o in report.outcomes if not o.passed]
                    return f"{report.refusal} ({'; '.join(failed)})"
        except MigrationError as refusal:
            return str(refusal)
        return ""

    def _judged(self, table: str, cases: Sequence[Case], rows: Sequence[Row]) -> list[Results]:
        aside = {
            int(key.removeprefix("id=")): reason
            for key, reason in self.target.run(
                [f"SELECT row_key, reason FROM migration.quarantine WHERE contract = '{table}'"]
            )
        }
        filled = self.target.filled(table, len(cases))
        results = [Results(case) for case in cases]
        for number, case in enumerate(cases):
            kept = [row.id for row in rows if row.case == number and row.cell and row.cell.refused is None]
            judge = Judge(case, self._expected(table, number, case, kept), self.target.printed(table, number))
            for row in rows:
                if row.case == number:
                    results[number].found.append(judge.found(row, aside.get(row.id), filled.get(row.id)))
        return results

    def _expected(self, table: str, number: int, case: Case, ids: list[int]) -> dict[int, Printed]:
        """What PostgreSQL by itself makes of the source's values that should arrive."""
        if not isinstance(self.source, PostgresSide) or not case.cast or not ids:
            return {}
        return self.source.printed(table, number, None if case.source == case.target else case.target, ids)


@dataclass(frozen=True)
class Judge:
    """Judges the cells of one case."""

    case: Case
    #: by id, where PostgreSQL itself can say it
    expected: dict[int, Printed]
    target: dict[int, Printed]

    def found(self, row: Row, aside: str | None, filled: int | None) -> Found:
        cell = row.cell
        if aside is not None and filled is not None:
            return Found(cell, "fault", "is both loaded and set aside")
        if aside is not None:
            if cell is None or cell.refused is None or cell.refused not in aside:
                return Found(cell, "fault", f"was set aside: {aside}")
            return Found(cell, "refused", aside)
        if filled is None:
            return Found(cell, "fault", "is lost")
        if filled != (cell is not None and not cell.as_null):
            return Found(cell, "fault", f"its row has {filled} values")
        if cell is None or cell.as_null:
            return Found(cell, "exact")

        return self._arrived(row.id, cell)

    def _arrived(self, id: int, cell: Cell) -> Found:
        text, digest = self.target[id]
        if cell.refused is not None:
            return Found(cell, "fault", f"arrived as {_cut(text)}, and should have been set aside")
        if cell.arrives is not None and text != cell.arrives:
            return Found(cell, "fault", f"arrived as {_cut(text)}, not as {_cut(cell.arrives)}")
        if id in self.expected and self.expected[id] != (text, digest):
            has = _cut(self.expected[id][0])
            return Found(cell, "fault", f"arrived as {_cut(text)}, the source has {has}")
        if cell.arrives is None and id not in self.expected:
            return Found(cell, "fault", "nothing says how it should arrive")
        return Found(cell, "exact")


def contract(source: SourceSide, table: str, cases: Sequence[Case], family: Family) -> Contract:
    """The family's contract: bad rows are set aside, so that each value has its own fate."""
    columns = [
        Column(
            column_of(number),
            case.target,
            sources=() if case.expression else (column_of(number),),
            expression=case.expression and case.expression.format(column=column_of(number)),
        )
        for number, case in enumerate(cases)
    ]
    if family.beside_mapped:
        columns.append(Column("twice", "bigint", expression="2 * id"))
    return Contract(
        name=table,
        version="1.0.0",
        digest="0" * 64,
        file=f"{table}.odcs.yaml",
        source=Server("old", source.type),
        target=Server("new", "postgres"),
        source_table=TableName(None, table),
        target_table=TableName("public", table),
        columns=(*columns, Column("id", "bigint", sources=("id",), required=True)),
        primary_key=("id",),
        bad_rows="quarantine",
        zero_dates=family.zero_dates,  # type: ignore[arg-type]
        hook=family.hook,
    )


def _shown(cell: Cell | None) -> str:
    return "NULL" if cell is None else _cut(cell.written)


def _cut(text: str | None) -> str:
    return repr(text) if text is None or len(text) < 90 else f"{text[:60]!r}… ({len(text)} characters)"
