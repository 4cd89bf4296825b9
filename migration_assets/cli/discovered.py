"""What `migrate discover` found, as data and for a reader."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from migration_assets.analyzer.discovery.discover import Discovery
    from migration_assets.analyzer.proposal.model import ProposedTable

#: lines of one kind that are shown; --json and the contracts have all
SHOWN = 20


def data(found: "Discovery") -> dict[str, Any]:
    catalog, proposal = found.catalog, found.proposal
    return {
        "source": {
            "name": catalog.server,
            "engine": catalog.engine,
            "version": catalog.version,
            "encoding": catalog.encoding,
        },
        "tables": len(catalog.tables),
        "left_out": [{"table": str(each.table), "why": each.why} for each in catalog.left_out],
        "written": [str(file) for file in found.written],
        "edited": [str(file) for file in found.edited],
        "changes": [{**asdict(change), "sentence": str(change)} for change in found.changes],
        "left": list(found.left),
        "contracts": [_contract(table) for table in proposal.tables] if proposal else [],
        "waves": [list(wave) for wave in proposal.waves] if proposal else [],
        "cycles": [list(cycle) for cycle in proposal.cycles] if proposal else [],
        "remarks": [asdict(remark) for remark in proposal.remarks] if proposal else [],
    }


def _contract(table: "ProposedTable") -> dict[str, Any]:
    return {
        "contract": table.name,
        "table": str(table.source.table),
        "target": str(table.target),
        "rows": table.source.rows,
        "bytes": table.source.bytes,
        "columns": len(table.columns),
        "partitions": table.partitions,
        "wave": table.wave,
        "references": [
            {"columns": each.columns, "to": each.parent, "deferred": each.deferred}
            for each in table.references
        ],
        "suggested": [
            {"columns": each.columns, "to": each.parent, "why": each.why} for each in table.suggested
        ],
        "personal": [
            {"column": c.name, "what": c.personal.what, "evidence": c.personal.evidence}
            for c in table.columns
            if c.personal
        ],
    }


def say(out: Console, found: "Discovery") -> None:
    catalog = found.catalog
    left = Counter(each.why.partition(" of ")[0] for each in catalog.left_out)
    kinds = "".join(f"; left out: {why}, {number} times" for why, number in left.items())
    out.print(
        f"{catalog.server}: {catalog.engine} {catalog.version}, {len(catalog.tables)} tables{kinds}",
        markup=False,
    )
    for change in found.changes:
        out.print(f"  {change}", markup=False)
    for sentence in found.left:
        out.print(f"[yellow]left to you[/yellow]  {escape(sentence)}")
    if found.proposal is not None and found.written:
        _say_proposal(out, found)
    _say_end(out, found)


def _say_end(out: Console, found: "Discovery") -> None:
    if found.edited:
        out.print(f"{len(found.edited)} contracts edited.")
    if found.written:
        folder = found.written[0].parent
        out.print(
            f"{len(found.written)} contracts written to {folder}. Look them through, then `migrate plan`.",
            markup=False,
        )
    elif not found.changes:
        out.print("Nothing changed.")
    elif not found.edited:
        out.print(
            f"{len(found.changes)} changes; nothing was written. `--update` brings the contracts up to date."
        )


def _say_proposal(out: Console, found: "Discovery") -> None:
    assert found.proposal is not None
    proposal = found.proposal
    table = Table(box=None)
    for head in ("contract", "wave", "rows", "size", "partitions", "key", "refers to"):
        table.add_column(head, overflow="fold")
    for each in proposal.tables:
        table.add_row(*map(escape, _row(each)))
    out.print(table)
    for title, lines in (
        ("What to know", [str(remark) for remark in proposal.remarks]),
        ("Personal data, classified as restricted", list(_personal(found))),
        ("References that nobody declared, as suggestions", list(_suggested(found))),
        ("Waves", [f"{n}: {', '.join(wave)}" for n, wave in enumerate(proposal.waves, 1)]),
    ):
        if lines:
            out.print(f"\n[bold]{title}[/bold]")
        for line in lines[:SHOWN]:
            out.print(f"  {line}", markup=False)
        if len(lines) > SHOWN:
            out.print(f"  … {len(lines) - SHOWN} more; --json has all")


def _row(table: "ProposedTable") -> tuple[str, ...]:
    parted = table.partitions
    parents = dict.fromkeys(
        f"{each.parent}{' (waits)' if each.deferred else ''}" for each in table.references
    )
    return (
        table.name,
        str(table.wave),
        "?" if table.source.rows is None else f"{table.source.rows:,}",
        _size(table.source.bytes),
        f"by {parted.column}, {parted.rows:,} rows each" if parted else "one",
        ", ".join(table.primary_key) or "none",
        ", ".join(parents),
    )


def _personal(found: "Discovery") -> Iterator[str]:
    assert found.proposal is not None
    for table in found.proposal.tables:
        columns = [f"{each.name} ({each.personal.what})" for each in table.columns if each.personal]
        if columns:
            yield f"{table.name}: {', '.join(columns)}"


def _suggested(found: "Discovery") -> Iterator[str]:
    assert found.proposal is not None
    for table in found.proposal.tables:
        for each in table.suggested:
            far = f"{each.parent}.{', '.join(each.parent_columns)}"
            yield f"{table.name}.{', '.join(each.columns)} → {far}: {each.why}"


def _size(size: int | None) -> str:
    if size is None:
        return "?"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = size // 1000
    return f"{size} TB"
