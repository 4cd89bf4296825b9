"""What a case of the matrix is: a column of the source, a column of the target, and nasty values.

A cell is written in the source's own SQL, and says what must become of it: it arrives as a text that
the target prints, or it is set aside with a reason. Nothing here knows how the package does it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Cell:
    """One value. With neither text nor reason it must arrive as the source itself prints it."""

    #: an SQL expression of the source's dialect
    written: str
    #: how the target prints it
    arrives: str | None = None
    #: words of the reason for which it is set aside
    refused: str | None = None
    #: it arrives as NULL, as the contract says
    as_null: bool = False


@dataclass(frozen=True)
class Case:
    """One column of one type, with its values; a NULL is always among them."""

    source: str
    target: str
    cells: tuple[Cell, ...]
    #: SQL of DuckDB; `{column}` is the source's column
    expression: str | None = None
    #: words of the refusal, where the rows cannot be set aside one by one
    refusal: str | None = None
    #: the values in the target have the same bytes as PostgreSQL's own cast of the source's values
    cast: bool = True

    #: said of the case in the document
    note: str = ""

    @property
    def alone(self) -> bool:
        """Whether no other case may be moved together with it."""
        return self.refusal is not None

    def __str__(self) -> str:
        made = f" by {self.expression}" if self.expression else ""
        return f"{self.source} → {self.target}{made}"


def quoted(text: str) -> str:
    """A string literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def same(source: str, *texts: str, target: str | None = None, **more: object) -> Case:
    """Every value arrives as the source prints it."""
    return Case(source, target or source, tuple(Cell(quoted(text)) for text in texts), **more)  # type: ignore[arg-type]


def becomes(
    source: str,
    target: str,
    arrives: dict[str, str] | Iterable[str] = (),
    refused: dict[str, str] | None = None,
    **more: object,
) -> Case:
    """Values by their text: `arrives` as what the target prints, `refused` with words of the reason."""
    texts = arrives if isinstance(arrives, dict) else {text: text for text in arrives}
    cells = [Cell(quoted(text), arrives=to) for text, to in texts.items()]
    cells += [Cell(quoted(text), refused=why) for text, why in (refused or {}).items()]
    return Case(source, target, tuple(cells), **more)  # type: ignore[arg-type]


def expressed(case: Case, refused: Mapping[str, str]) -> Case:
    """The same case through DuckDB, by an expression that changes nothing; `refused` are values of the
    case that do not come through, with words of the reason."""
    return replace(but(case, refused), expression="{column}")


def written(source: str, target: str, *cells: tuple[str, str], **more: object) -> Case:
    """Values as SQL of the source, with what the target prints; a text that begins with `!` is the
    reason for which the value is set aside."""
    made = [
        Cell(sql, refused=text[1:]) if text.startswith("!") else Cell(sql, arrives=text)
        for sql, text in cells
    ]
    return Case(source, target, tuple(made), **more)  # type: ignore[arg-type]


def but(case: Case, refused: Mapping[str, str]) -> Case:
    """The same case, where these values are set aside."""
    reasons = {quoted(text): why for text, why in refused.items()}
    known = {cell.written for cell in case.cells}
    assert set(reasons) <= known, f"{case} has no values {sorted(set(reasons) - known)}"
    return replace(
        case,
        cells=tuple(
            replace(cell, arrives=None, refused=reasons[cell.written]) if cell.written in reasons else cell
            for cell in case.cells
        ),
    )


@dataclass(frozen=True)
class Family:
    """Cases that are moved as one table, and what both databases need for them."""

    name: str
    #: heading and sentence of the document
    title: str
    about: str
    cases: tuple[Case, ...]
    #: statements for both databases (types, domains, extensions)
    both: tuple[str, ...] = ()
    #: another column is mapped, so that every line is taken apart and put together again
    beside_mapped: bool = False
    #: `package.module:function`
    hook: str | None = None
    zero_dates: str = "refuse"
    #: the family that has the same cases, and to which the document compares this one
    usual: "Family | None" = None
