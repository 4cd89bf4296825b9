"""Rounds as the entries of `results.json`: medians, ratios, and what is to be said of them."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmark.contenders import PIPE


@dataclass(frozen=True)
class Round:
    """One contender's round; None where nothing was measured."""

    seconds: float
    cpu: float | None = None
    peak_mb: float | None = None
    exit_code: int = 0
    staged_bytes: int | None = None


@dataclass(frozen=True)
class Entry:
    """What `results.json` says of one contender in one case, over so many rows."""

    case: str
    contender: str
    rows: int
    rounds: int
    #: None where it did not end well, as all that follows from it
    median_s: float | None
    #: to the pipe's median over the same rows in the same rounds
    ratio_to_pipe: float | None
    rows_per_s: int | None
    client_cpu_s: float | None
    peak_rss_mb: float | None
    #: None where nothing was compared
    exact: bool | None
    staged_bytes_per_row: float | None = None
    note: str = ""
    scale: float = 0
    #: ISO 8601, UTC
    measured_at: str = ""
    command: str = ""
    machine: str = ""


@dataclass
class Contest:
    """All rounds of one contender over so many rows, as they come."""

    case: str
    contender: str
    rows: int
    timed: bool = True
    rounds: list[Round] = field(default_factory=list)
    exact: bool | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(each.exit_code for each in self.rounds)


def entries(contests: Sequence[Contest], about: Mapping[str, Any]) -> list[Entry]:
    """`about` is the same for all: scale, date, command, machine."""
    pipes = {
        (contest.case, contest.rows): _median(each.seconds for each in contest.rounds)
        for contest in contests
        if contest.contender == PIPE and contest.rounds and not contest.failed
    }
    return [_entry(contest, pipes, about) for contest in contests if contest.rounds or contest.notes]


def _entry(contest: Contest, pipes: Mapping[tuple[str, int], float], about: Mapping[str, Any]) -> Entry:
    seconds = _median(each.seconds for each in contest.rounds) if contest.rounds else None
    pipe = pipes.get((contest.case, contest.rows))
    counts = seconds is not None and contest.timed and not contest.failed
    staged = [each.staged_bytes for each in contest.rounds if each.staged_bytes is not None]
    return Entry(
        case=contest.case,
        contender=contest.contender,
        rows=contest.rows,
        rounds=len(contest.rounds),
        median_s=round(seconds, 3) if seconds is not None else None,
        ratio_to_pipe=round(seconds / pipe, 2) if counts and pipe and seconds is not None else None,
        rows_per_s=round(contest.rows / seconds) if counts and seconds else None,
        client_cpu_s=_rounded([each.cpu for each in contest.rounds], 2),
        peak_rss_mb=_rounded([each.peak_mb for each in contest.rounds], 1),
        exact=contest.exact,
        staged_bytes_per_row=round(statistics.median(staged) / contest.rows, 1) if staged else None,
        note="; ".join(dict.fromkeys(filter(None, contest.notes))),
        **about,
    )


def _rounded(values: Iterable[float | None], digits: int) -> float | None:
    known = [value for value in values if value is not None]
    return round(_median(known), digits) if known else None


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def write(file: Path, found: Sequence[Entry]) -> None:
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps([asdict(entry) for entry in found], indent=1) + "\n", encoding="utf-8")
    aside.replace(file)


def read(file: Path) -> list[Entry]:
    return [Entry(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
