"""The results as a picture: for each case a bar a contender, as long as its ratio's logarithm."""

import math
from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from benchmark.contenders import PIPE, WHOLE
from benchmark.results import Entry

WIDTH, LEFT, RIGHT, BAR, GAP = 940, 310, 120, 16, 6
COLORS = {PIPE: "#888888", WHOLE: "#1f6feb"}
OTHER, OWN = "#d0894a", "#79aef5"


def svg(found: Sequence[Entry]) -> str:
    """An SVG document; entries without a ratio are left out."""
    bars = [entry for entry in found if entry.ratio_to_pipe]
    most = max((entry.ratio_to_pipe or 1 for entry in bars), default=1)
    lines: list[str] = []
    top = 10
    for case, group in groupby(bars, key=lambda entry: entry.case):
        lines.append(_text(10, top + 14, case, "bold"))
        top += 24
        for entry in group:
            lines += _bar(entry, top, most)
            top += BAR + GAP
        top += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" '
        f'viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top}" fill="white"/>', *lines, "</svg>", ""])


def _bar(entry: Entry, top: int, most: float) -> list[str]:
    ratio = entry.ratio_to_pipe or 1
    least = 0.5  # where a bar of no length would be: half the pipe's time
    share = math.log(max(ratio, least * 1.01) / least) / math.log(max(most, 2) / least)
    length = round(share * (WIDTH - LEFT - RIGHT), 1)
    own = OWN if entry.contender.startswith((WHOLE, "stage")) else OTHER
    color = COLORS.get(entry.contender, own)
    damaged = ", not exact" if entry.exact is False else ""
    return [
        _text(20, top + 12, f"{entry.contender}, {entry.rows:,} rows"),
        f'<rect x="{LEFT}" y="{top}" width="{length}" height="{BAR}" fill="{color}"/>',
        _text(LEFT + length + 6, top + 12, f"{ratio:.2f} ×{damaged}"),
    ]


def _text(x: float, y: float, text: str, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" font-weight="{weight}" fill="#222222">{escape(text)}</text>'
