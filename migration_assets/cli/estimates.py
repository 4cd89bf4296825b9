"""Estimates as the commands show them."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from migration_assets.analyzer.estimate.model import Estimate, Estimates

#: lines that are shown; --json has all
SHOWN = 30


def data_of(estimates: "Estimates") -> dict[str, Any]:
    return {
        "rows": estimates.rows,
        "bytes": estimates.bytes,
        "seconds": round(estimates.seconds, 1),
        "contracts": [vars(each) for each in estimates.contracts],
        "samples": [{**vars(each), "seconds": round(each.seconds, 3)} for each in estimates.probes],
        "failed": [vars(each) for each in estimates.failed],
    }


def say_estimates(out: Console, estimates: "Estimates") -> None:
    table = Table("contract", box=None, header_style="bold")
    for name in ("partitions", "rows", "size", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("known by")
    largest = sorted(estimates.contracts, key=lambda each: -(each.bytes or 0))
    for each in largest[:SHOWN]:
        table.add_row(escape(each.contract), *words(each), each.how)
    if len(largest) > 1:
        table.add_row(
            f"all {len(largest)}",
            "",
            f"{estimates.rows:,}",
            sized(estimates.bytes),
            f"{estimates.seconds:,.1f}",
            "one after another, in one lane",
        )
    out.print(table)
    for each in estimates.failed:
        out.print(f"No sample of {each.contract}: {each.reason}", markup=False)
    if len(largest) > SHOWN:
        out.print(f"… {len(largest) - SHOWN} smaller ones are not shown; --json has all.")


def words(each: "Estimate") -> tuple[str, str, str, str]:
    """Partitions, rows, size and seconds."""
    return (
        "?" if each.partitions is None else f"{each.partitions:,}",
        "?" if each.rows is None else f"{each.rows:,}",
        "?" if each.bytes is None else sized(each.bytes),
        "?" if each.seconds is None else f"{each.seconds:,.1f}",
    )


def sized(number: int) -> str:
    from migration_assets.analyzer.preflight.judging import size

    return size(number)
