"""What was measured of comparisons: `verify.json`, and its table in this folder's page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmark.measuring import Measured

BEGIN, END = "<!-- verification: begin -->", "<!-- verification: end -->"
#: the limit: both tables read, and nothing compared
READ = "read both"
PEER = "reladiff"


@dataclass(frozen=True)
class Result:
    """One contender in one case, with so many rows that differ."""

    case: str
    contender: str
    differences: int
    #: of each table
    rows: int
    rounds: tuple[float, ...]
    median_s: float
    #: of the client's processes
    cpu_s: float
    peak_rss_mb: float | None
    #: whether exactly the rows that differ were told, in every round; None for what compares nothing
    exact: bool | None
    scale: float = 0
    #: ISO 8601, UTC
    measured_at: str = ""
    command: str = ""
    machine: str = ""


def result(
    case: str, contender: str, differences: int, rows: int, found: Sequence[tuple[Measured, bool | None]]
) -> Result:
    """`found`: each round, and whether it told exactly the rows that differ."""
    measured = [each for each, _ in found]
    told = [exact for _, exact in found if exact is not None]
    return Result(
        case,
        contender,
        differences,
        rows,
        tuple(round(each.seconds, 3) for each in measured),
        round(median(each.seconds for each in measured), 3),
        round(median(each.cpu for each in measured), 3),
        max((each.peak_mb or 0.0) for each in measured) or None,
        all(told) if told else None,
    )


def write(file: Path, found: Iterable[Result]) -> None:
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n", encoding="utf-8")
    aside.replace(file)


def read(file: Path) -> list[Result]:
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    for each in found:
        each["rounds"] = tuple(each["rounds"])
    return [Result(**each) for each in found]


def section(found: Sequence[Result]) -> str:
    """Markdown: a line for each measurement, with its multiples of what it is compared with."""
    if not found:
        return "Nothing has been measured yet."
    first = found[0]
    lines = [
        f"Measured on {first.measured_at[:10]} by `{first.command}` ({first.machine}), {first.rows:,} rows "
        "in each table; medians.",
        "",
        "| case | differing rows | contender | seconds | × read both | × none differing | reladiff takes "
        "| CPU s | peak MB | exactly those rows |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    return "\n".join([*lines, *(_line(found, each) for each in found)])


def _line(found: Sequence[Result], each: Result) -> str:
    def of(contender: str, differences: int = 0) -> float | None:
        same = (each.case, contender, differences)
        return next(
            (o.median_s for o in found if (o.case, o.contender, o.differences) == same and o.median_s), None
        )

    limit, none, peer = of(READ), of(each.contender), of(PEER)
    own = each.contender not in (READ, PEER)
    cells = [
        each.case,
        f"{each.differences:,}",
        each.contender,
        f"{each.median_s:.2f} ({len(each.rounds)} rounds)"
        if len(each.rounds) > 1
        else f"{each.median_s:.2f}",
        f"{each.median_s / limit:.2f}" if limit else "",
        f"{each.median_s / none:.2f}" if none and each.differences else "",
        f"{peer / each.median_s:.2f} ×" if peer and own and not each.differences else "",
        f"{each.cpu_s:.1f}",
        f"{each.peak_rss_mb:.0f}" if each.peak_rss_mb else "",
        {True: "yes", False: "NO", None: ""}[each.exact],
    ]
    return f"| {' | '.join(cells)} |"
