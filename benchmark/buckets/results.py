"""What was measured of buckets: `buckets.json`, its lines on the terminal, its table in a page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

BEGIN, END = "<!-- buckets: begin -->", "<!-- buckets: end -->"
#: whom the goals speak of; where it takes no part, the first of the others
PEERS = ("rclone, tuned", "rclone")


@dataclass
class Result:
    """One contender with one set of objects."""

    #: `A`; `list A` and `verify A` move nothing
    set: str
    objects: int
    bytes: int
    contender: str
    servers: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    exit_codes: list[int] = field(default_factory=list)
    #: what was not there afterwards, by reading all of it back after the first round; empty where all was
    finding: str = ""
    note: str = ""

    @property
    def is_whole(self) -> bool:
        return not (any(self.exit_codes) or self.finding)


@dataclass(frozen=True)
class About:
    """Of all results of one command."""

    #: ISO 8601, UTC
    measured_at: str
    command: str
    machine: str
    scale: float
    rounds: int


def write(file: Path, about: About, found: Sequence[Result]) -> None:
    text = json.dumps({**asdict(about), "results": [asdict(each) for each in found]}, indent=1)
    aside = file.with_suffix(".part")
    aside.write_text(text + "\n", encoding="utf-8")
    aside.replace(file)


def read(file: Path) -> tuple[About, list[Result]]:
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    found = [Result(**each) for each in said.pop("results")]
    return About(**said), found


def ratio(each: Result, found: Sequence[Result]) -> float | None:
    """How many times as fast as the peer in the same rounds; None where no peer took part."""
    beside = {other.contender: median(other.seconds) for other in found if other.set == each.set}
    peer = next((beside[name] for name in PEERS if name in beside), None)
    return peer / median(each.seconds) if peer else None


def table(found: Sequence[Result]) -> str:
    """A line each, for the terminal."""
    lines: list[str] = []
    for each in found:
        seconds, times = median(each.seconds), ratio(each, found)
        said = f"{times:5.2f}x" if times else "     -"
        lines.append(
            f"{each.set}  {each.contender:<30}{seconds:8.2f} s {each.objects / seconds:9.0f} objects/s"
            f" {each.bytes / seconds / 1e6:8.1f} MB/s {median(each.cpu):7.1f} CPU s"
            f" {max(each.peak_mb):6.0f} MB {said}  {_said(each)}"
        )
    return "\n".join(lines)


def section(about: About, found: Sequence[Result]) -> str:
    """Markdown: a line each, with its multiple of the peer's speed."""
    servers = ", ".join(dict.fromkeys(each.servers for each in found))
    lines = [
        f"Measured on {about.measured_at[:10]} by `{about.command}` ({about.machine}; {servers}); medians of "
        f"{about.rounds} rounds.",
        "",
        "| set | contender | seconds | objects/s | MB/s | × rclone, tuned | CPU s | peak MB | arrived |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    return "\n".join([*lines, *(_line(each, found) for each in found)])


def _line(each: Result, found: Sequence[Result]) -> str:
    seconds, times = median(each.seconds), ratio(each, found)
    cells = [
        each.set,
        each.contender,
        f"{seconds:.2f}",
        f"{each.objects / seconds:,.0f}",
        f"{each.bytes / seconds / 1e6:,.0f}" if each.bytes else "",
        f"{times:.2f}" if times else "",
        f"{median(each.cpu):.1f}",
        f"{max(each.peak_mb):.0f}",
        _said(each),
    ]
    return f"| {' | '.join(cells)} |"


def _said(each: Result) -> str:
    """What became of it; what moves nothing has nothing to arrive."""
    if any(each.exit_codes):
        ended = f"exit codes {each.exit_codes}"
    else:
        ended = each.finding or ("all" if each.bytes else "")
    return "; ".join(filter(None, (ended, each.note)))
