"""The results as a table: on the terminal, and as Markdown."""

from collections.abc import Sequence

from rich.table import Table

from benchmark.results import Entry

HEAD = ("case", "contender", "rows", "median s", "× pipe", "rows/s", "CPU s", "peak MB", "exact", "note")


def terminal(found: Sequence[Entry]) -> Table:
    table = Table()
    for name in HEAD:
        table.add_column(name, justify="left" if name in ("case", "contender", "exact", "note") else "right")
    before = ""
    for entry in found:
        if before and entry.case != before:
            table.add_section()
        before = entry.case
        table.add_row(*cells(entry))
    return table


def cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.case,
        entry.contender,
        f"{entry.rows:,}",
        _number(entry.median_s, 2),
        _number(entry.ratio_to_pipe, 2),
        _number(entry.rows_per_s, 0),
        _number(entry.client_cpu_s, 2),
        _number(entry.peak_rss_mb, 0),
        exactness(entry),
        said(entry),
    )


def exactness(entry: Entry) -> str:
    return {True: "yes", False: "NO", None: ""}[entry.exact]


def said(entry: Entry) -> str:
    staged = f"{entry.staged_bytes_per_row:g} bytes a row staged" if entry.staged_bytes_per_row else ""
    return "; ".join(filter(None, (staged, entry.note)))


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
