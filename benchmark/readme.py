"""The figures of both READMEs: between two marks stands what `results.json`, `verify.json` and `buckets.json`
say, nothing else."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmark.buckets import results as of_buckets
from benchmark.plot import svg
from benchmark.results import Entry, read
from benchmark.verify import results as verification

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"


def section(found: Sequence[Entry]) -> str:
    """Markdown of the results: ratios of every contender by case, then what became of fragile values."""
    if not found:
        return ""
    first = found[0]
    timed = [entry for entry in found if entry.ratio_to_pipe is not None and entry.exact is not None]
    cases = list(dict.fromkeys(entry.case for entry in timed))
    lines = [
        f"Measured on {first.measured_at[:10]} by `{first.command}` ({first.machine}): times as multiples of"
        " the pipe's in the same rounds, rows a second in thousands. The rounds of a case are behind its"
        " name; the contenders take turns in each.",
        "",
        "|  | " + " | ".join(f"{case} ({_rounds(timed, case)})" for case in cases) + " |",
        "|---|" + "---:|" * len(cases),
    ]
    for name in dict.fromkeys(entry.contender for entry in timed):
        lines.append(f"| {name} | " + " | ".join(_cell(timed, case, name) for case in cases) + " |")
    exact = [entry for entry in found if entry.case not in cases]
    return "\n".join([*lines, *_fragile(exact)])


def _rounds(found: Sequence[Entry], case: str) -> str:
    least = min(entry.rounds for entry in found if entry.case == case)
    return f"{least} rounds" if least > 1 else "1 round"


def _cell(found: Sequence[Entry], case: str, name: str) -> str:
    """Of the most rows that the contender moved: fewer are only there to be compared with."""
    mine = [entry for entry in found if (entry.case, entry.contender) == (case, name)]
    if not mine:
        return ""
    entry = max(mine, key=lambda each: each.rows)
    damaged = "" if entry.exact else ", values damaged"
    return f"{entry.ratio_to_pipe:.2f} × ({(entry.rows_per_s or 0) / 1000:,.0f}){damaged}"


def _fragile(found: Sequence[Entry]) -> list[str]:
    """A line for each case in which only what became of the values counts."""
    lines: list[str] = []
    for case in dict.fromkeys(entry.case for entry in found):
        of_case = [entry for entry in found if entry.case == case and entry.exact is not None]
        whole = ", ".join(entry.contender for entry in of_case if entry.exact)
        lost = "; ".join(
            f"{entry.contender} ({entry.note.split('; ')[0]})" for entry in of_case if not entry.exact
        )
        lines += [
            "",
            f"**{case}**: every value arrived as it was by {whole}.{f' Not by {lost}.' if lost else ''}",
        ]
    return lines


def with_section(text: str, section_text: str, begin: str = BEGIN, end: str = END) -> str:
    """A page's text with that between the marks."""
    before, _, rest = text.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"The page has no {begin} with {end} after it.")
    return f"{before}{begin}\n{section_text}\n{end}{after}"


def with_verification(text: str, found: Sequence[verification.Result]) -> str:
    """The text of this folder's page with the figures of comparisons."""
    return with_section(text, verification.section(found), verification.BEGIN, verification.END)


def publish_verification(measured: Path, root: Path) -> None:
    """Takes what was measured of comparisons into the repository."""
    kept = root / "benchmark" / "verify.json"
    shutil.copyfile(measured, kept)
    page = root / "benchmark" / "README.md"
    text = with_verification(page.read_text(encoding="utf-8"), verification.read(kept))
    page.write_text(text, encoding="utf-8")


def with_buckets(text: str, file: Path) -> str:
    """The text of this folder's page with the figures of buckets."""
    return with_section(text, of_buckets.section(*of_buckets.read(file)), of_buckets.BEGIN, of_buckets.END)


def publish_buckets(measured: Path, root: Path) -> None:
    """Takes what was measured of buckets into the repository."""
    kept = root / "benchmark" / "buckets.json"
    shutil.copyfile(measured, kept)
    page = root / "benchmark" / "README.md"
    page.write_text(with_buckets(page.read_text(encoding="utf-8"), kept), encoding="utf-8")


def publish(measured: Path, root: Path) -> None:
    """Takes what was measured into the repository: its results, their picture, the README's text."""
    kept = root / "benchmark" / "results.json"
    shutil.copyfile(measured, kept)
    found = read(kept)
    (root / "benchmark" / "results.svg").write_text(svg(found), encoding="utf-8")
    page = root / "README.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), section(found)), encoding="utf-8")
