"""`migrate check`"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.estimates import data_of, say_estimates

if TYPE_CHECKING:
    from migration_assets.analyzer.preflight.check import Preflight

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "unknown": "cyan"}


@click.command()
@click.argument("contracts", nargs=-1, metavar="[CONTRACT|WAVE]…")
@answering
def check(contracts: tuple[str, ...]) -> Answer:
    """Looks at both sides before anything moves: reach, versions, rights, room, connections, speed.

    The source is only read. In the target a temporary table is made and rolled back. Exit code 1 when
    something stands in the way; warnings alone do not.
    """
    from migration_assets.contracts.loader import load
    from migration_assets.control.choice import contracts_named
    from migration_assets.control.meant import contracts_meant
    from migration_assets.control.preflight import preflights
    from migration_assets.control.project import contracts_folder

    there = load(contracts_folder(os.environ))
    names = contracts_meant(there, contracts, os.environ)
    found = tuple(preflights(contracts_named(there, names), there, os.environ))
    stops = any(each.stops for each in found)
    return Answer(_data(found), lambda out: _say(out, found), exit_code=1 if stops else 0)


def _data(found: Sequence["Preflight"]) -> dict[str, Any]:
    return {
        "passed": not any(each.stops for each in found),
        "pairs": [
            {
                "source": each.source,
                "target": each.target,
                "passed": not each.stops,
                "findings": [{**vars(finding), "state": finding.state} for finding in each.findings],
                "estimates": data_of(each.estimates) if each.estimates else None,
            }
            for each in found
        ],
    }


def _say(out: Console, found: Sequence["Preflight"]) -> None:
    for each in found:
        out.print(f"\n[bold]{escape(each.source)} → {escape(each.target)}[/bold]")
        table = Table("", "side", "item", "found", box=None, header_style="bold")
        for finding in each.findings:
            colour = _COLOURS[finding.state]
            table.add_row(
                f"[{colour}]{finding.state}[/{colour}]", finding.side, finding.name, escape(finding.found)
            )
        out.print(table)
        for finding in each.findings:
            if finding.passed is not True and finding.advice:
                out.print(f"{finding.side}, {finding.name}: {finding.advice}", markup=False)
        if each.estimates:
            out.print()
            say_estimates(out, each.estimates)
    if not found:
        out.print("There are no contracts.")
