"""`migrate run`"""

import os
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli import wave
from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.choosing import Chosen, choosing

if TYPE_CHECKING:
    from migration_assets.control.verdict import ContractVerdict, Verdict

#: failures that are named; --json has all
NAMED = 20


@click.command()
@choosing
@answering
def run(chosen: Chosen) -> Answer:
    """Moves partitions from source to target and waits until each is verified, or says why not.

    Without an option, those that are not loaded, whose last attempt failed, or whose source or contract
    has changed since: what is verified and still what its source is, is not moved again.

    It asks the Dagster instance for a backfill, so the UI shows all of it. Without a Dagster daemon it
    does the daemon's work itself. Ctrl-C cancels the backfill and its runs; the same command once more
    recovers.

    A wave that is named alone is moved as the sensor would move it: by its own plan, after its
    pre-flight, and only if it may start.
    """
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.bar import bar
    from migration_assets.control.interruption import asked_to_stop
    from migration_assets.control.project import contracts_folder, own_folder
    from migration_assets.control.run import run as move

    console = Console(stderr=True, highlight=False)
    if chosen.only == "changed" and wave.are_waves(chosen.contracts):
        of_waves = wave.moved(chosen.contracts, console)
        return Answer(
            told(of_waves), lambda out: _say(out, of_waves), exit_code=0 if of_waves.verified else 1
        )
    steps = chosen.steps(load(contracts_folder(os.environ)), console)
    with dg.DagsterInstance.get() as instance, bar(console) as show, asked_to_stop() as stopping:
        verdict = move(instance, steps, own_folder(os.environ), on_progress=show, stopping=stopping)
    return _answer(verdict)


def _answer(verdict: "Verdict") -> Answer:
    return Answer(told(verdict), lambda out: _say(out, verdict), exit_code=0 if verdict.verified else 1)


def told(verdict: "Verdict") -> dict[str, object]:
    return {
        **vars(verdict),
        "verified": verdict.verified,
        "contracts": [
            {
                **vars(contract),
                "verified": contract.verified,
                "unproven": contract.unproven,
                "warnings": contract.warnings,
            }
            for contract in verdict.contracts
        ],
    }


def _say(out: Console, verdict: "Verdict") -> None:
    if not verdict.contracts:
        out.print("Nothing to do.")
        return
    table = Table("contract", box=None, header_style="bold")
    for name in ("partitions", "rows", "quarantined", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for contract in verdict.contracts:
        table.add_row(
            escape(contract.contract),
            f"{contract.loaded}/{contract.partitions}",
            f"{contract.rows:,}",
            f"{contract.quarantined:,}",
            f"{contract.seconds:,.1f}",
            _verdict(contract),
        )
    out.print(table)
    failures = [failure for contract in verdict.contracts for failure in contract.failures]
    for failure in failures[:NAMED]:
        place = f"{failure.contract} {failure.partition} ({failure.stage}):"
        out.print(f"[red]{escape(place)}[/red] {escape(failure.reason)}")
    if len(failures) > NAMED:
        out.print(f"and {len(failures) - NAMED} more; `--json` names all of them.")


def _verdict(contract: "ContractVerdict") -> str:
    if not contract.verified:
        unproven = f": {', '.join(contract.unproven)}" if contract.unproven else ""
        return f"[red]not verified{escape(unproven)}[/red]"
    if contract.warnings:
        return f"[yellow]verified; warnings: {escape(', '.join(contract.warnings))}[/yellow]"
    return "[green]verified[/green]"
