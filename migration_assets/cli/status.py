"""`migrate status`"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering

if TYPE_CHECKING:
    from migration_assets.control.status import ContractStatus


@click.command()
@click.argument("contracts", nargs=-1, metavar="[CONTRACT]…")
@answering
def status(contracts: tuple[str, ...]) -> Answer:
    """Where every contract stands: partitions, rows, checks, last load."""
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.choice import contracts_named
    from migration_assets.control.project import contracts_folder
    from migration_assets.control.status import status as found
    from migration_assets.planning.order import in_order

    named = contracts_named(load(contracts_folder(os.environ)), contracts)
    with dg.DagsterInstance.get() as instance:
        lines = found(instance, in_order(named.values()), os.environ)
    finding = any(line.failed or line.failed_checks for line in lines)
    data = [{**vars(line), "done": line.done, "failed_checks": line.failed_checks} for line in lines]
    return Answer({"contracts": data}, lambda out: _say(out, lines), exit_code=1 if finding else 0)


def _say(out: Console, lines: Sequence["ContractStatus"]) -> None:
    table = Table("contract", box=None, header_style="bold")
    for name in ("loaded", "failed", "running", "missing", "in ledger", "rows"):
        table.add_column(name, justify="right")
    table.add_column("last loaded")
    table.add_column("checks")
    for line in lines:
        table.add_row(
            escape(line.contract),
            f"{line.loaded}/{line.partitions}",
            str(line.failed or ""),
            str(line.running or ""),
            str(line.missing or ""),
            "?" if line.in_ledger is None else str(line.in_ledger),
            f"{line.rows:,}",
            line.last_loaded or "never",
            _checks(line),
        )
    out.print(table)
    for remark in dict.fromkeys(line.remark for line in lines if line.remark):
        out.print(f"[yellow]{escape(remark)}[/yellow]")


def _checks(line: "ContractStatus") -> str:
    if line.failed_checks:
        return f"[red]failed: {escape(', '.join(line.failed_checks))}[/red]"
    warned = [name for name, tally in line.checks.items() if tally.failed]
    if warned:
        return f"[yellow]warnings: {escape(', '.join(warned))}[/yellow]"
    return "[green]held[/green]" if line.loaded else ""
