"""Plots as inline SVG, and marks of numbers; every text is escaped here."""

import re
from collections.abc import Sequence
from html import escape

from migration_assets.analyzer.profile.model import Counted, Histogram

WIDTH, HEIGHT = 168, 44


def bar(share: float, colour: str = "ink", title: str = "", width: int = 90) -> str:
    """A share from 0 to 1 as a filled part of a bar."""
    share = min(max(share, 0.0), 1.0)
    filled = max(share * width, 1.5) if share else 0
    return (
        f'<svg class="bar" width="{width}" height="10" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{width}" height="10" rx="3" class="empty"/>'
        f'<rect width="{filled:.1f}" height="10" rx="3" class="{colour}"/></svg>'
    )


def stacked(parts: Sequence[tuple[str, int, str]], width: int = 760) -> str:
    """Numbers side by side in one bar: label, number, colour."""
    total = sum(number for _, number, _ in parts) or 1
    pieces: list[str] = []
    place = 0.0
    for label, number, colour in parts:
        if not number:
            continue
        wide = width * number / total
        said = f"{number} {label}"
        pieces.append(
            f'<rect x="{place:.1f}" width="{max(wide - 2, 1):.1f}" height="18" rx="4" class="{colour}">'
            f"<title>{escape(said)}</title></rect>"
        )
        place += wide
    said = ", ".join(f"{number} {label}" for label, number, _ in parts if number)
    return (
        f'<svg class="stacked" viewBox="0 0 {width} 18" width="100%" height="18" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(said)}">{"".join(pieces)}</svg>'
    )


def columns(histogram: Histogram) -> str:
    """A histogram with its ends written below."""
    most = max(histogram.rows) or 1
    wide = WIDTH / len(histogram.rows)
    bars = "".join(
        f'<rect x="{place * wide:.1f}" y="{HEIGHT - _tall(rows, most):.1f}" width="{wide - 1:.1f}" '
        f'height="{_tall(rows, most):.1f}" class="ink"><title>{rows:,} rows</title></rect>'
        for place, rows in enumerate(histogram.rows)
        if rows
    )
    low, high = _end(histogram, histogram.lowest), _end(histogram, histogram.highest)
    what = "years" if histogram.of == "year" else "values"
    said = f"{what} from {low} to {high}"
    return (
        f'<svg class="plot" width="{WIDTH}" height="{HEIGHT + 14}" role="img" aria-label="{escape(said)}">'
        f'{bars}<line x1="0" x2="{WIDTH}" y1="{HEIGHT}.5" y2="{HEIGHT}.5"/>'
        f'<text x="0" y="{HEIGHT + 12}">{escape(low)}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 12}" class="end">{escape(high)}</text></svg>'
    )


def ranking(counted: Sequence[Counted], read: int, most: int = 5) -> str:
    """The most frequent texts, each with a bar of its share of the rows that were read."""
    lines = "".join(
        f"<li>{bar(each.rows / read if read else 0, 'ink', f'{each.rows:,} rows', 44)}"
        f"<code>{shown(each.text)}</code> <small>{percent(each.rows, read)}</small></li>"
        for each in counted[:most]
    )
    more = f"<li><small>and {len(counted) - most} more</small></li>" if len(counted) > most else ""
    return f'<ul class="ranking">{lines}{more}</ul>'


def marked(text: str) -> str:
    """A sentence, escaped, what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def shown(text: str) -> str:
    """A value, escaped, with a sign for what cannot be seen."""
    if not text:
        return "<i>empty</i>"
    seen = "".join(sign if sign.isprintable() else "·" for sign in text)
    return escape(seen.replace(" ", "␣") if seen != seen.strip() else seen)


def percent(part: int, whole: int) -> str:
    if not whole or not part:
        return "0 %"
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 or part == whole else "under 1 %"


def _tall(rows: int, most: int) -> float:
    return max(rows / most * HEIGHT, 1.5) if rows else 0.0


def _end(histogram: Histogram, end: float) -> str:
    if histogram.of == "year":
        return str(int(end) - (1 if end == histogram.highest else 0))
    return f"{int(end):,}" if end == int(end) and abs(end) < 1e15 else f"{end:,.6g}"
