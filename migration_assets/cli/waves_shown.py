"""Where waves stand, as commands show it: a table, the sentences below it, and `--json`."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer

if TYPE_CHECKING:
    import dagster as dg

    from migration_assets.contracts.model import Contract
    from migration_assets.control.wave_attempts import Scene
    from migration_assets.control.wave_report import WaveReport
    from migration_assets.waves.soundness import Waves

_COLOURS = {"green": "green", "held": "red", "moving": "cyan", "checking": "cyan", "waiting": "yellow"}


@contextmanager
def scene() -> "Generator[tuple[Scene, Waves]]":
    """The instance and contracts of this project, and its wave files."""
    import dagster as dg

    from migration_assets.contracts.loader import load
    from migration_assets.control.project import contracts_folder
    from migration_assets.control.wave_attempts import scene_of
    from migration_assets.control.wave_files import waves_there

    contracts = load(contracts_folder(os.environ))
    with dg.DagsterInstance.get() as instance:
        seen_by = scene_of(instance, contracts)
        yield seen_by, waves_there(os.environ, contracts, {k: tuple(v) for k, v in seen_by.keys.items()})


def found(seen_by: "Scene", there: "Waves", names: Sequence[str] = ()) -> "list[WaveReport]":
    """The waves of these names; all where none is said."""
    from migration_assets.control.wave_round import reports

    every = reports(seen_by, there.waves, datetime.now(UTC)) if there.waves else {}
    return [each for name, each in every.items() if not names or name in names]


def shown(
    instance: "dg.DagsterInstance", contracts: "Mapping[str, Contract]", names: Sequence[str]
) -> Answer:
    """The waves of these names, or all, beside something else: says nothing where there are none."""
    from migration_assets.control.wave_attempts import scene_of
    from migration_assets.control.wave_files import waves_there

    there = waves_there(os.environ, contracts)
    seen_by = scene_of(instance, contracts)
    chosen = found(seen_by, there, names)
    whole = answer(chosen, there)

    def say_some(out: Console) -> None:
        if chosen or there.faults:
            out.print()
            whole.say(out)

    return Answer(whole.data, say_some, whole.exit_code)


def data(report: "WaveReport") -> dict[str, Any]:
    moved = report.moved
    return {
        "wave": report.wave.name,
        "version": report.wave.version,
        "file": report.wave.origin,
        "state": report.state,
        "why": report.why,
        "next_step": report.next_step,
        "after": report.wave.after,
        "contracts": report.contracts,
        "attempt": report.attempt.number,
        **vars(moved),
        "rows_per_second": moved.rows_per_second,
        "seconds_left": moved.seconds_left if report.state == "moving" else None,
        "approval_needed": report.wave.approval,
        "approved": report.approved,
        "released": report.released,
    }


def answer(reports: "Sequence[WaveReport]", there: "Waves") -> Answer:
    finding = bool(there.faults) or any(each.state == "held" for each in reports)

    def say_all(out: Console) -> None:
        say(out, reports)
        for fault in there.faults:
            out.print(f"[red]{escape(str(fault))}[/red]")
        if not reports and not there.faults:
            out.print("There are no wave files.")

    document = {"waves": [data(each) for each in reports], "faults": there.faults}
    return Answer(document, say_all, exit_code=1 if finding else 0)


def say(out: Console, reports: "Sequence[WaveReport]") -> None:
    if not reports:
        return
    table = Table("wave", "state", box=None, header_style="bold")
    for name in ("contracts", "partitions", "failed", "rows", "rows/s", "left"):
        table.add_column(name, justify="right")
    approved = any(each.approved for each in reports)
    if approved:
        table.add_column("approved by")
    for each in reports:
        moved, left = each.moved, each.moved.seconds_left
        table.add_row(
            escape(each.wave.name),
            f"[{_COLOURS[each.state]}]{each.state}[/{_COLOURS[each.state]}]",
            str(len(each.contracts)),
            f"{moved.loaded}/{moved.partitions}" if moved.partitions else "",
            str(moved.failed or ""),
            f"{moved.rows:,}" if moved.partitions else "",
            f"{moved.rows_per_second:,.0f}" if moved.rows else "",
            f"{left:,.0f} s" if each.state == "moving" and left is not None else "",
            *([escape(each.approved.by) if each.approved else ""] if approved else []),
        )
    out.print(table)
    for each in reports:
        if each.state != "green":
            out.print(f"[bold]{escape(each.wave.name)}[/bold]: {escape(f'{each.why} {each.next_step}')}")
