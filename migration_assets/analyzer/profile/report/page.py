"""A profile as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape

from migration_assets.analyzer.profile.kinds import KINDS
from migration_assets.analyzer.profile.model import OUTCOMES, Figures, Hazard, Profile, TableProfile
from migration_assets.analyzer.profile.report import plots
from migration_assets.analyzer.profile.report.style import STYLE
from migration_assets.analyzer.profile.report.words import FATES, GLOSSARY, OUTCOME_WORDS, fate, rows_said

#: hazards of one kind, and keys of one hazard, that the page shows; the document beside it has all
OF_A_KIND, KEYS = 25, 8
#: places of hazards of one kind that are shown in one line
MANY = 120
#: tables that are all shown unfolded
FEW = 3


def page(profile: Profile) -> str:
    """The whole page; values of rows that are not personal are on it."""
    title = f"Profile of {profile.source}"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body><main>",
            *_head(profile, title),
            *_fates(profile),
            *_hazards(profile),
            "<h2>Table by table</h2>",
            *(part for each in profile.tables for part in _table(each, few=len(profile.tables) <= FEW)),
            *_glossary(),
            "</main></body></html>",
            "",
        ]
    )


def _head(profile: Profile, title: str) -> Iterator[str]:
    rows = sum(table.rows or 0 for table in profile.tables)
    engine = f"{profile.engine} {profile.version}"
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f'<p class="soft">{escape(engine)} · {_counted(len(profile.tables), "table")} · {rows:,} rows · '
        f"{escape(profile.made_at)}</p>"
    )
    yield (
        '<p class="lead">What is in this database, and what will happen to it when it is moved. '
        "It was only read; nothing was changed.</p>"
    )
    said = [
        "Nobody has written contracts for this source yet; it is judged by those that are proposed for it."
        if profile.proposed
        else "It is judged by its contracts.",
        *(f"The {name} was not looked at: {text}." for name, text in profile.facts.items() if _absent(text)),
        *([f"Tables with more than {profile.sample_above:,} rows are sampled."] if _sampled(profile) else []),
    ]
    yield f'<p class="soft">{escape(" ".join(said))}</p>'
    fine = sum(fate(table) == "fine" for table in profile.tables)
    tiles = [
        ("", f"{profile.score}", "quality score, of 100"),
        ("fine", str(fine), "tables that move as they are"),
    ]
    for name in OUTCOMES[:3]:
        found = [each for each in profile.all_hazards if each.outcome == name]
        tiles.append((name if found else "", str(len(found)), f"hazards: {OUTCOME_WORDS[name][0].lower()}"))
    tiles_shown = "".join(
        f'<div class="tile {kind}"><b>{n}</b>{escape(what)}</div>' for kind, n, what in tiles
    )
    yield f'<div class="tiles">{tiles_shown}</div>'


def _absent(text: str) -> bool:
    return not text.startswith("compared")


def _sampled(profile: Profile) -> bool:
    return any(table.sampled for table in profile.tables)


def _fates(profile: Profile) -> Iterator[str]:
    yield "<h2>What will happen to the tables</h2>"
    counted = [(FATES[name], sum(fate(table) == name for table in profile.tables), name) for name in FATES]
    yield f'<div class="card">{plots.stacked(counted)}<p class="legend">'
    yield "".join(
        f'<span><i class="{name}"></i>{number} {escape(label)}</span>'
        for label, number, name in counted
        if number
    )
    yield "</p><table><tr><th>table</th><th>becomes</th><th class='number'>rows</th>"
    yield "<th>score</th><th></th></tr>"
    order = list(FATES)
    for table in sorted(profile.tables, key=lambda each: (order.index(fate(each)), each.score, each.table)):
        name = fate(table)
        score = plots.bar(table.score / 100, "ink", f"score {table.score} of 100", 120)
        yield (
            f'<tr><td><a href="#{_anchor(table)}">{escape(table.table)}</a></td>'
            f"<td>{escape(table.target)}</td>"
            f'<td class="number">{_number(table.rows)}</td><td>{score} {table.score}</td>'
            f'<td><span class="pill {name}">{escape(FATES[name])}</span></td></tr>'
        )
    yield "</table></div>"


def _hazards(profile: Profile) -> Iterator[str]:
    yield "<h2>Hazards</h2>"
    if not profile.all_hazards:
        yield "<p>None were found.</p>"
    for outcome in OUTCOMES:
        found = [each for each in profile.all_hazards if each.outcome == outcome]
        if not found:
            continue
        title, explained = OUTCOME_WORDS[outcome]
        pill = f'<span class="pill {outcome}">{escape(title)}</span>'
        yield f'<div class="card">{pill} <small>{escape(explained)}</small>'
        head = "".join(
            f"<th{mark}>{name}</th>"
            for name, mark in (
                ("what", ""),
                ("where", ""),
                ("rows", ' class="number"'),
                ("which", ""),
                ("what to do", ""),
            )
        )
        yield f"<table><tr>{head}</tr>"
        for kind in dict.fromkeys(each.kind for each in found):
            yield from _of_kind(kind, [each for each in found if each.kind == kind])
        yield "</table></div>"


def _of_kind(kind: str, found: Sequence[Hazard]) -> Iterator[str]:
    """A line a hazard; those of which no more is to be said than where they are share one."""
    bare = [each for each in found if each.rows is None and not each.detail]
    lines = [_of_bare(bare)] if bare else []
    lines += [_of_one(each) for each in found if each not in bare][:OF_A_KIND]
    shown = len(bare[:MANY]) + len(lines) - bool(bare)
    for place, line in enumerate(lines):
        what = f"<b>{escape(kind)}</b><br><small>{escape(KINDS[kind].what)}</small>" if not place else ""
        advice = f"<small>{plots.marked(found[0].advice)}</small>" if not place else ""
        yield f'<tr><td style="min-width:190px">{what}</td>{line}<td>{advice}</td></tr>'
    if len(found) > shown:
        yield f"<tr><td></td><td colspan=4><small>and {len(found) - shown} more</small></td></tr>"


def _of_one(hazard: Hazard) -> str:
    return (
        f"<td><code>{escape(hazard.table)}</code>{_column(hazard)}"
        f"<br><small>{plots.marked(hazard.effect)}</small></td>"
        f'<td class="number">{escape(rows_said(hazard))}</td><td>{_which(hazard)}</td>'
    )


def _of_bare(found: Sequence[Hazard]) -> str:
    places = ", ".join(
        f"<code>{escape(f'{each.table}.{each.column}' if each.column else each.table)}</code>"
        for each in found[:MANY]
    )
    return f"<td colspan=3>{places}<br><small>{plots.marked(found[0].effect)}</small></td>"


def _column(hazard: Hazard) -> str:
    return f"<br><code>{escape(hazard.column)}</code>" if hazard.column else ""


def _which(hazard: Hazard) -> str:
    keys = "<br>".join(f"<code>{plots.shown(key)}</code>" for key in hazard.keys[:KEYS])
    more = f"<br><small>and {len(hazard.keys) - KEYS} more</small>" if len(hazard.keys) > KEYS else ""
    detail = escape(hazard.detail)
    return f"{detail}<div class='keys'>{keys}{more}</div>" if keys else detail


def _table(table: TableProfile, *, few: bool) -> Iterator[str]:
    name = fate(table)
    looked = (
        f"{table.read:,} of {_number(table.rows)} rows looked at" if table.sampled else "all rows looked at"
    )
    yield (
        f'<details class="table" id="{_anchor(table)}"{" open" if few or name == "refused" else ""}><summary>'
        f"<b>{escape(table.table)}</b> <span class='soft'>→ {escape(table.target)}</span>"
        f'<span class="pill {name}">{escape(FATES[name])}</span>'
        f'<span class="push soft">{_number(table.rows)} rows · {len(table.columns)} columns · '
        f"score {table.score}</span></summary><div>"
    )
    yield '<div class="parts">' + "".join(
        f"<div>{escape(part.name)} <small>({part.weight})</small><br>"
        f"{plots.bar(part.share, 'ink', part.why, 110)}<br><small>{escape(part.why)}</small></div>"
        for part in table.parts
    )
    yield "</div><table><tr><th>column</th><th>NULL</th><th>distinct</th><th>from … to</th><th>length</th>"
    yield "<th>shapes</th><th>values</th></tr>"
    for column in table.columns:
        yield from _figures(column, table)
    times = "once" if table.scans == 1 else f"{table.scans} times"
    yield f"</table><p class='soft'><small>{looked}; read {times}, {table.seconds:g} s</small></p>"
    yield "</div></details>"


def _figures(column: Figures, table: TableProfile) -> Iterator[str]:
    rows, read = table.rows or 0, table.read
    becomes = ", ".join(column.becomes) or "stays behind"
    nulls = column.nulls or 0
    hidden = '<span class="hidden">personal: not shown</span>'
    ends = hidden if column.personal else _ends(column)
    values = hidden if column.personal else _values(column, read)
    distinct = (
        "" if column.distinct is None else f"{'' if column.distinct_exact else '≈ '}{column.distinct:,}"
    )
    share = (column.distinct or 0) / read if read else 0
    yield (
        f"<tr><td><b>{escape(column.name)}</b><br>"
        f"<small>{escape(column.declared)} → {escape(becomes)}</small></td>"
        f"<td>{plots.bar(nulls / rows if rows else 0, 'noted', f'{nulls:,} NULL', 60)}<br>"
        f"<small>{'?' if column.nulls is None else plots.percent(nulls, rows)}</small></td>"
        f"<td>{plots.bar(share, 'ink', distinct, 60)}<br><small>{distinct}</small></td>"
        f"<td>{ends}</td><td>{_lengths(column)}</td><td>{plots.ranking(column.shapes, column.shaped, 3)}</td>"
        f"<td>{values}</td></tr>"
    )


def _ends(column: Figures) -> str:
    if column.lowest is None:
        return ""
    low, high = (plots.shown((text or "")[:40]) for text in (column.lowest, column.highest))
    return f"<code>{low}</code><br><code>{high}</code>"


def _values(column: Figures, read: int) -> str:
    parts: list[str] = []
    few = (column.distinct or 0) <= 12
    if column.histogram and not few:
        parts.append(plots.columns(column.histogram))
    elif column.top:
        parts.append(plots.ranking(column.top, read))
    return "".join(parts)


def _lengths(column: Figures) -> str:
    if column.longest is None:
        return ""
    mean = f"<br><small>mean {column.mean_length:.1f}</small>" if column.mean_length is not None else ""
    ends = (
        f"{column.longest:,}"
        if column.shortest == column.longest
        else f"{column.shortest:,} to {column.longest:,}"
    )
    return f"{ends}{mean}"


def _glossary() -> Iterator[str]:
    yield "<h2>How to read this page</h2><div class='card'><dl>"
    for name in OUTCOMES:
        title, explained = OUTCOME_WORDS[name]
        yield f'<dt><span class="pill {name}">{escape(title)}</span></dt><dd>{escape(explained)}</dd>'
    for word, explained in GLOSSARY.items():
        yield f"<dt>{escape(word)}</dt><dd>{escape(explained)}</dd>"
    yield "</dl></div>"


def _anchor(table: TableProfile) -> str:
    return escape(f"table-{table.contract}", quote=True)


def _number(rows: int | None) -> str:
    return "?" if rows is None else f"{rows:,}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
