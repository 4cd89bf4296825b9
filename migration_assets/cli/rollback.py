"""`migrate rollback`"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.choosing import keys
from migration_assets.cli.run import told

if TYPE_CHECKING:
    from migration_assets.control.rollback_plan import RollbackPlan
    from migration_assets.control.verdict import Verdict
    from migration_assets.stages.foreseen import Foreseen

#: partitions that are listed; --json has all
LISTED = 40
#: partitions that are named in a line
SOME = 10


@click.command()
@click.argument("contracts", nargs=-1, required=True, metavar="CONTRACT|WAVE…")
@click.option("--partitions", metavar="A,B,…", help="Only these of the one contract named.")
@click.option(
    "--to",
    type=click.IntRange(0),
    metavar="GENERATION",
    help="The generation to put back; 0 leaves no rows. The load before the present one by default.",
)
@click.option(
    "--discard-target-changes",
    "discard",
    is_flag=True,
    help="Gives up what was changed in the target since it was loaded.",
)
@click.option("--preview", is_flag=True, help="Says what would be done, and does nothing.")
@click.option("--yes", is_flag=True, help="Does not ask.")
@answering
def rollback(
    contracts: tuple[str, ...],
    partitions: str | None,
    to: int | None,
    discard: bool,
    preview: bool,
    yes: bool,
) -> Answer:
    """Puts earlier rows back, proves them, and says how to go on.

    What goes back together, in one transaction: all partitions of a contract, and contracts that refer
    to one another. An interrupted rollback is completed by the same command.
    """
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.project import contracts_folder
    from migration_assets.control.rollback import failure_point
    from migration_assets.control.rollback_plan import plan

    there = load(contracts_folder(os.environ))
    names = contracts_meant(there, contracts, os.environ)
    found = plan(there, names, os.environ, wanted=keys(partitions), to=to, discard=discard)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with dg.DagsterInstance.get() as instance:
        failed = failure_point(instance, found, there)
        data = {**_data(found), "failed": failed}
        if preview or not found.foreseen or found.refusals:
            code = 1 if found.refusals else 0
            return Answer(data, lambda out: _say_plan(out, found, failed), exit_code=code)
        _say_plan(console, found, failed)
        if not yes and sys.stdin.isatty() and not click.confirm("Roll back?", err=True):
            said = {**data, "asked": "no"}
            return Answer(said, lambda out: out.print("Nothing was done."), exit_code=1)
        verdict = _done(instance, found, there, console)
    data |= {**told(verdict), "next": list(_next(found, verdict))}
    code = 0 if verdict.verified else 1
    return Answer(data, lambda out: _say(out, found, verdict), exit_code=code)


def _done(instance: Any, found: "RollbackPlan", there: Any, console: Console) -> "Verdict":
    from migration_assets.control.bar import bar
    from migration_assets.control.interruption import asked_to_stop
    from migration_assets.control.project import own_folder
    from migration_assets.control.rollback import roll_back

    folder = own_folder(os.environ)
    with bar(console) as show, asked_to_stop() as stopping:
        return roll_back(instance, found, there, os.environ, folder, on_progress=show, stopping=stopping)


def _data(found: "RollbackPlan") -> dict[str, Any]:
    return {
        "rollback": found.restore,
        "completes": found.begun,
        "partitions": [vars(each) for each in found.foreseen],
        "dependents": found.dependents,
        "refusals": found.refusals,
    }


def _say_plan(out: Console, found: "RollbackPlan", failed: Mapping[str, Sequence[str]]) -> None:
    if not found.foreseen:
        out.print("Nothing to roll back: nothing was loaded, or what is asked for is there already.")
        return
    if found.begun:
        out.print("Completes the rollback that was not completed; `--to` asks for another one.")
    table = Table("contract", "partition", box=None, header_style="bold")
    for name in ("generation", "rows", "takes back", "edited"):
        table.add_column(name, justify="right")
    for each in found.foreseen[:LISTED]:
        table.add_row(escape(each.contract), escape(each.partition), *_cells(each))
    out.print(table)
    if len(found.foreseen) > LISTED:
        out.print(f"and {len(found.foreseen) - LISTED} more; `--json` lists all.")
    for contract, some in failed.items():
        more = f" and {len(some) - SOME} more" if len(some) > SOME else ""
        out.print(f"Last attempt failed: {escape(contract)} {escape(', '.join(some[:SOME]))}{more}")
    if found.dependents:
        names = escape(", ".join(found.dependents))
        out.print(
            f"[yellow]Not rolled back: {names}. Where rows of them need rows that would go, it is refused; "
            "name them too.[/yellow]"
        )
    for refusal in found.refusals:
        out.print(f"[red]Would be refused:[/red] {escape(refusal)}")


def _cells(each: "Foreseen") -> tuple[str, ...]:
    to = "none" if each.generation == 0 else str(each.generation)
    undone = ", ".join(map(str, each.undone[:5])) + (" …" if len(each.undone) > 5 else "")
    edited = ("yes" if not each.edited_keys else f"{len(each.edited_keys)}+ rows") if each.edited else ""
    rows = f"{each.rows_before:,} → {each.rows:,}"
    return f"{each.before} → {to}", rows, "back already" if each.done else undone, edited


def _say(out: Console, found: "RollbackPlan", verdict: "Verdict") -> None:
    for contract in verdict.contracts:
        if contract.verified:
            out.print(
                f"{escape(contract.contract)}: {contract.loaded} of {contract.partitions} partitions, "
                f"{contract.rows:,} rows [green]back and verified[/green]"
            )
        else:
            out.print(f"{escape(contract.contract)}: [red]not rolled back[/red]")
    for failure in [failure for contract in verdict.contracts for failure in contract.failures][:LISTED]:
        out.print(f"[red]{escape(f'{failure.contract} {failure.partition}:')}[/red] {escape(failure.reason)}")
    for line in _next(found, verdict):
        out.print(line, markup=False)


def _next(found: "RollbackPlan", verdict: "Verdict") -> tuple[str, ...]:
    """How to go on."""
    names = " ".join(found.contracts)
    if not verdict.verified:
        return (f"What is not back is completed by `migrate rollback {names}`.",)
    return (
        f"To go on: correct the cause, then `migrate run {names}` loads what the source has now.",
        f"One load further back: `migrate rollback {names}`.",
    )
