"""`migrate status`"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli import waves_shown
from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.truth import (
    changed_sources,
    decisions_told_again,
    rebuilt_from_ledger,
    say_changed,
    say_decisions,
    say_rebuilt,
)

if TYPE_CHECKING:
    from migration_assets.control.status import ContractStatus


@click.command()
@click.argument("contracts", nargs=-1, metavar="[CONTRACT|WAVE]…")
@click.option(
    "--rebuild", is_flag=True, help="First tell Dagster's instance again what the ledgers vouch for."
)
@click.option("--stale", is_flag=True, help="Ask the sources which partitions have changed since their load.")
@answering
def status(contracts: tuple[str, ...], rebuild: bool, stale: bool) -> Answer:
    """Where every contract and wave stands: partitions, rows, checks, last load, what comes next."""
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.choice import contracts_named
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.project import contracts_folder
    from migration_assets.control.status import status as found
    from migration_assets.planning.order import in_order

    every = load(contracts_folder(os.environ))
    named = contracts_named(every, contracts_meant(every, contracts, os.environ))
    ordered = in_order(named.values())
    with dg.DagsterInstance.get() as instance:
        rebuilt = rebuilt_from_ledger(instance, ordered, every) if rebuild else []
        decisions = decisions_told_again(instance, every) if rebuild else []
        changed, remarks = changed_sources(instance, named) if stale else ({}, [])
        lines = found(instance, ordered, os.environ)
        waves = waves_shown.shown(instance, every, contracts)
    finding = any(line.failed or line.failed_checks for line in lines) or any(changed.values())
    finding = finding or bool(remarks) or waves.exit_code == 1
    data = [
        {
            **vars(line),
            "done": line.done,
            "failed_checks": line.failed_checks,
            **({"stale": changed.get(line.contract, ())} if stale else {}),
        }
        for line in lines
    ]

    def say(out: Console) -> None:
        say_rebuilt(out, rebuilt)
        say_decisions(out, decisions)
        _say(out, lines)
        if stale:
            say_changed(out, changed, remarks)
        waves.say(out)

    more: dict[str, object] = {"rebuilt": [vars(each) for each in rebuilt]} if rebuild else {}
    more |= {"decisions": [vars(each) for each in decisions]} if rebuild else {}
    more |= {"remarks": remarks} if stale else {}
    return Answer(
        {"contracts": data, **waves.data, **more},
        say,
        exit_code=1 if finding else 0,
    )


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
