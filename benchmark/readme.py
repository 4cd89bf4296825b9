"""The README's figures: between two marks stands what `benchmark/results.json` says, nothing else."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmark.plot import svg
from benchmark.results import Entry, read
from benchmark.table import exactness, said

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
HEAD = ("", "× the pipe", "rows/s", "CPU s a million rows", "peak MB", "every value exact", "")


def section(found: Sequence[Entry]) -> str:
    """Markdown of the results, a table for each case; empty without any."""
    if not found:
        return ""
    first = found[0]
    lines = [
        f"Measured on {first.measured_at[:10]} by `{first.command}` ({first.machine}); the medians of"
        f" {max(entry.rounds for entry in found)} rounds, in which the contenders took turns.",
    ]
    for case in dict.fromkeys(entry.case for entry in found):
        of_case = [entry for entry in found if entry.case == case]
        lines += ["", f"**{case}**", "", *_table(of_case)]
    return "\n".join(lines)


def _table(found: Sequence[Entry]) -> list[str]:
    rows = [_row(entry) for entry in found]
    return [f"| {' | '.join(HEAD)} |", "|---|---:|---:|---:|---:|---|---|", *rows]


def _row(entry: Entry) -> str:
    per_million = entry.client_cpu_s / entry.rows * 1e6 if entry.client_cpu_s is not None else None
    cells = (
        f"{entry.contender}, {entry.rows:,} rows",
        f"{entry.ratio_to_pipe:.2f}" if entry.ratio_to_pipe else "",
        f"{entry.rows_per_s:,}" if entry.rows_per_s else "",
        f"{per_million:.1f}" if per_million is not None and entry.ratio_to_pipe else "",
        f"{entry.peak_rss_mb:.0f}" if entry.peak_rss_mb is not None else "",
        exactness(entry),
        said(entry),
    )
    return f"| {' | '.join(cells)} |"


def with_section(text: str, section_text: str) -> str:
    """The README's text with that between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"README.md has no {BEGIN} with {END} after it.")
    return f"{before}{BEGIN}\n{section_text}\n{END}{after}"


def publish(measured: Path, root: Path) -> None:
    """Takes what was measured into the repository: its results, their picture, the README's text."""
    kept = root / "benchmark" / "results.json"
    shutil.copyfile(measured, kept)
    found = read(kept)
    (root / "benchmark" / "results.svg").write_text(svg(found), encoding="utf-8")
    page = root / "README.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), section(found)), encoding="utf-8")
