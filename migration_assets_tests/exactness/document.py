"""docs/exactness.md: what became of every cell of the matrix, one section a family.

The test of a family holds its section; `TEST_WRITE_EXACTNESS=1 pytest migration_assets_tests/exactness`
writes the sections, and the totals at the head, from what was found.
"""

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from migration_assets_tests.exactness.case import Case, Family
from migration_assets_tests.exactness.matrix import Results

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exactness.md"
WRITES = "TEST_WRITE_EXACTNESS"

COUNTS = "{values} values of {cases} columns: {exact} exact, {aside} set aside, {refused} refused with their table."
_COUNTED = re.compile(re.escape(COUNTS).replace(r"\{", "{").replace(r"\}", "}").format(
    values=r"(\d+)", cases=r"(\d+)", exact=r"(\d+)", aside=r"(\d+)", refused=r"(\d+)"
))  # fmt: skip
HEAD = f"""# Exactness

Values that like to be damaged on their way, one in a row, each taken through extract, transform and load under
`bad_rows: quarantine`. A value is *exact* when the target's PostgreSQL prints it, and sends it in its binary
protocol, as the source's PostgreSQL does, or, from other databases, as the case says it must be printed. What a
type does not hold exactly is *set aside* with its key and the reason, and under `bad_rows: fail` refuses its
partition; nothing is rounded, cut, shifted or guessed. Some types PostgreSQL alone can read: a value that
it refuses, or prints otherwise than it was written, refuses the whole table, and the target keeps its rows. NULL is
among the values of every column.

The cases are in `migration_assets_tests/exactness/`; the tests of each family hold its section here, and
`{WRITES}=1 .venv/bin/pytest migration_assets_tests/exactness` writes it anew.
"""


def judge(family: Family, results: Sequence[Results]) -> None:
    """Fails with every cell that is not as its case says, or when the page says something else of the
    family; or writes the page."""
    faults = [f"{result.case}: {fault}" for result in results for fault in result.faults]
    assert not faults, "\n".join(faults)
    text = section(family, results)
    page = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    if os.environ.get(WRITES):
        PAGE.write_text(with_section(page, family, text), "utf-8")
        return
    assert text in page, f"{PAGE.name} is not what was found; write it anew by {WRITES}=1."


def section(family: Family, results: Sequence[Results]) -> str:
    """The family's part of the page."""
    counted = Counter(one.verdict for result in results for one in result.found)
    refused = sum(len(result.case.cells) for result in results if result.refusal)
    counts = COUNTS.format(
        values=sum(counted.values()) + refused,
        cases=len(results),
        exact=counted["exact"],
        aside=counted["refused"],
        refused=refused,
    )
    plain = [result.case for result in results if _is_plain(result)]
    told = [result for result in results if not _is_plain(result)]
    parts = [f"## {family.title}", family.about, counts]
    if family.usual is not None:
        usual = _set_aside(family.usual.cases)
        here = _set_aside(family.cases)
        told = [one for one in told if here[_pair(one.case)] != usual[_pair(one.case)]]
        parts.append(f"All as under *{family.usual.title}*" + (", but:" if told else "."))
    elif plain:
        parts.append(f"Exact in all values: {', '.join(map(_types, plain))}.")
    if told:
        head = "| source | target | exact | set aside | why |\n| --- | --- | --- | --- | --- |"
        parts.append("\n".join([head, *map(_row, told)]))
    return "\n\n".join(parts) + "\n"


def _set_aside(cases: Sequence[Case]) -> dict[tuple[str, str], set[str]]:
    """The values that are set aside, by the types of their columns."""
    found: dict[tuple[str, str], set[str]] = {}
    for case in cases:
        here = {cell.written for cell in case.cells if cell.refused is not None}
        found.setdefault(_pair(case), set()).update(here)
    return found


def _pair(case: Case) -> tuple[str, str]:
    return case.source, case.target


def with_section(page: str, family: Family, text: str) -> str:
    """The page with the family's section put in, its parts in order of their titles, and the totals."""
    parts = re.split(r"(?m)^(?=## )", page)
    sections = {part.partition("\n")[0]: part.rstrip() + "\n" for part in parts[1:]}
    sections[f"## {family.title}"] = text
    sections.pop("## Totals", None)
    ordered = [sections[title] for title in sorted(sections, key=_source_first)]
    return "\n".join([HEAD, totals(ordered), *ordered])


def totals(sections: Sequence[str]) -> str:
    """The counts of all sections, as one table."""
    rows: list[str] = []
    sums = [0] * 5
    for part in sections:
        found = _COUNTED.search(part)
        assert found is not None, part
        counts = [int(number) for number in found.groups()]
        sums = [one + other for one, other in zip(sums, counts, strict=True)]
        rows.append(_cells(part.partition("\n")[0].removeprefix("## "), *counts))
    head = "| | values | columns | exact | set aside | refused |\n| --- | --- | --- | --- | --- | --- |"
    return "\n".join(["## Totals\n", head, *rows, _cells("**all**", *sums)]) + "\n"


def _source_first(title: str) -> tuple[int, str]:
    return next(
        n for n, name in enumerate(("PostgreSQL", "MySQL", "SQLite", "")) if title[3:].startswith(name)
    ), title


def _is_plain(result: Results) -> bool:
    """Whether one word says it all."""
    exact = not result.refusal and result.count("exact") == len(result.found)
    return exact and not result.case.note


def _types(case: Case) -> str:
    same = case.source == case.target
    return (_declared(case) if same else f"{_declared(case)} → `{case.target}`") + _made(case)


def _declared(case: Case) -> str:
    return f"`{case.source}`" if case.source else "no type"


def _made(case: Case) -> str:
    if case.expression in (None, "{column}"):
        return ""
    return f" by `{case.expression.format(column='c')}`"


def _row(result: Results) -> str:
    case = result.case
    reasons = Counter(_reason(one.words) for one in result.found if one.verdict == "refused")
    said = [f"{reason} ({number})" if number > 1 else reason for reason, number in reasons.items()]
    if result.refusal:
        said.append(f"the table is refused: {case.refusal}")
    if case.note:
        said.append(f"*{case.note}*")
    aside = len(case.cells) if result.refusal else result.count("refused")
    target = f"`{case.target}`{_made(case)}"
    return _cells(_declared(case), target, result.count("exact"), aside, "; ".join(said))


def _reason(words: str) -> str:
    return re.sub(r"(?:source )?column c\d{3} ", "", words)


def _cells(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"
