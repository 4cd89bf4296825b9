"""The first reading: what the source counts itself, over all rows that the contract means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migration_assets.analyzer.profile.questions import Questions, Suspect
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.contracts.pgtypes import PgType
from migration_assets.errors import MigrationError
from migration_assets.tables.sources.base import SourceColumn

#: columns that are asked for at once; a server's list of results is limited
AT_ONCE = 150


@dataclass(frozen=True)
class Measured:
    """What the source says of a column; None where it was not asked."""

    nulls: int | None = None
    lowest: str | None = None
    highest: str | None = None
    shortest: int | None = None
    longest: int | None = None
    mean_length: float | None = None


@dataclass(frozen=True)
class Whole:
    rows: int | None
    columns: Mapping[str, Measured] = field(default_factory=dict)
    #: how many rows each condition holds for
    suspects: Mapping[Suspect, int] = field(default_factory=dict)
    scans: int = 0


def measure(questions: Questions, subject: Subject) -> Whole:
    """One reading of the table; one more for every hundred and fifty columns of it."""
    asked = [_Asked(questions, subject, column) for column in subject.table.columns]
    rows: int | None = None
    measured: dict[str, Measured] = {}
    suspects: dict[Suspect, int] = {}
    scans = 0
    for start in range(0, max(len(asked), 1), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        found = _answers(questions, subject, some)
        scans += 1
        rows = _number(found[0])
        place = 1
        for each in some:
            place = each.take(rows, found, place, measured, suspects)
    return Whole(rows, measured, suspects, scans)


def _answers(questions: Questions, subject: Subject, asked: Sequence["_Asked"]) -> tuple[object, ...]:
    wanted = ", ".join(["COUNT(*)", *(part for each in asked for part in each.parts)])
    return questions.ask(f"SELECT {wanted} {rows_of(questions, subject)}")[0]


def rows_of(questions: Questions, subject: Subject, also: str = "") -> str:
    """`FROM … WHERE …` of the rows that the contract means."""
    conditions = [f"(\n{text}\n)" for text in (subject.contract.where, also) if text]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"FROM {questions.place(subject.table.name)}{where}"


class _Asked:
    """The parts of the question that are about one column, and how their answers are read."""

    def __init__(self, questions: Questions, subject: Subject, column: SourceColumn) -> None:
        name = questions.quoted(column.name)
        self.column = column
        self.bounds = questions.bounds(column, name)
        self.length = questions.length(column, name)
        self.suspects = list(suspects(questions, subject, column))
        self.parts = [
            f"COUNT({name})",
            *(self.bounds or ()),
            *((f"{what}({self.length})" for what in ("MIN", "MAX", "AVG")) if self.length else ()),
            *(f"SUM(CASE WHEN {each.condition} THEN 1 ELSE 0 END)" for each in self.suspects),
        ]

    def take(
        self,
        rows: int,
        found: Sequence[object],
        place: int,
        measured: dict[str, Measured],
        counted: dict[Suspect, int],
    ) -> int:
        """Reads this column's answers from `place` on, and says where the next one's begin."""
        answers = iter(found[place : place + len(self.parts)])
        nulls = rows - _number(next(answers))
        low, high = (_text(next(answers)), _text(next(answers))) if self.bounds else (None, None)
        lengths = [next(answers) for _ in range(3)] if self.length else [None] * 3
        shortest, longest, mean = (None if each is None else float(str(_plain(each))) for each in lengths)
        measured[self.column.name] = Measured(
            nulls,
            low,
            high,
            None if shortest is None else int(shortest),
            None if longest is None else int(longest),
            mean,
        )
        for suspect, answer in zip(self.suspects, answers, strict=True):
            counted[suspect] = _number(answer)
        return place + len(self.parts)


def suspects(questions: Questions, subject: Subject, column: SourceColumn) -> Iterator[Suspect]:
    """What to count of the column, for the type that it becomes."""
    target = subject.target(column) or PgType("none")
    name = questions.quoted(column.name)
    for kind, condition in questions.suspects(column, name, target):
        yield Suspect(kind, column.name, condition)
    required = any(each.required and each.untouched for each in subject.made_from.get(column.name, ()))
    if required and column.nullable:
        yield Suspect("NULL where required", column.name, f"{name} IS NULL")


def estimate(questions: Questions, subject: Subject) -> Whole:
    """The same, or nothing of it where the source cannot answer (a type without an order, a broken text)."""
    try:
        return measure(questions, subject)
    except MigrationError as error:
        if error.passing:
            raise
        return Whole(None)


def _number(value: object) -> int:
    return int(str(value)) if value is not None else 0


def _plain(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
