"""`migrate wave`"""

import getpass
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from migration_assets.cli.answering import Answer, answering

if TYPE_CHECKING:
    import dagster as dg

    from migration_assets.contracts.model import Contract
    from migration_assets.control.verdict import Verdict
    from migration_assets.control.wave_attempts import Scene
    from migration_assets.control.wave_report import WaveReport
    from migration_assets.waves.soundness import Waves

_COLOURS = {"green": "green", "held": "red", "moving": "cyan", "checking": "cyan", "waiting": "yellow"}


@click.group()
def wave() -> None:
    """Waves: contracts and partitions that move together."""


def _by(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--by", metavar="NAME", help="Who says so; the user of this machine by default.")(
        command
    )


@wave.command("list")
@answering
def listed() -> Answer:
    """Where every wave stands: what it has moved, why it waits or is held, and what comes next."""
    with scene() as (seen_by, there):
        return answer(found(seen_by, there), there)


@wave.command()
@click.argument("name")
@_by
@answering
def approve(name: str, by: str | None) -> Answer:
    """Lets a wave start that needs approval; it holds for what the wave moves now."""
    from migration_assets.control import wave_allowing
    from migration_assets.control.wave_files import wave_named

    with scene() as (seen_by, there):
        wave_named(there, name)
        who = by or getpass.getuser()
        new = wave_allowing.approve(seen_by, there.waves, name, who, datetime.now(UTC), os.environ)
        said = f"{name} is approved by {who}." if new else f"{name} was approved before."
        return _told(seen_by, there, name, said)


@wave.command()
@click.argument("name")
@_by
@answering
def release(name: str, by: str | None) -> Answer:
    """Lets a held wave go on with what is not there yet, once its cause is corrected."""
    from migration_assets.control import wave_allowing
    from migration_assets.control.wave_files import wave_named

    with scene() as (seen_by, there):
        wave_named(there, name)
        who = by or getpass.getuser()
        wave_allowing.release(seen_by, there.waves, name, who, datetime.now(UTC), os.environ)
        return _told(seen_by, there, name, f"{name} is released by {who}.")


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


def are_waves(names: Sequence[str]) -> bool:
    """Whether all of these are names of waves; only wave files are read for it."""
    from migration_assets.control.wave_files import waves_there

    return bool(names) and set(names) <= waves_there(os.environ, None).waves.keys()


def moved(names: Sequence[str], console: Console) -> "Verdict":
    """The waves one after another, as far as each is verified; WaveHeld where one may not start."""
    from migration_assets.control.bar import bar
    from migration_assets.control.interruption import asked_to_stop
    from migration_assets.control.project import own_folder
    from migration_assets.control.verdict import Verdict
    from migration_assets.control.wave_files import wave_named
    from migration_assets.control.wave_run import run_wave

    done: list[Verdict] = []
    with scene() as (seen_by, there), bar(console) as show, asked_to_stop() as stopping:
        for name in names:
            wave_named(there, name)
            done.append(
                run_wave(
                    seen_by,
                    there.waves,
                    name,
                    own_folder(os.environ),
                    os.environ,
                    by=getpass.getuser(),
                    on_progress=show,
                    stopping=stopping,
                ).verdict
            )
            if not done[-1].verified:
                break
    seconds = round(sum(each.seconds for each in done), 3)
    contracts = tuple(contract for each in done for contract in each.contracts)
    backfills = ", ".join(each.backfill for each in done if each.backfill)
    return Verdict(", ".join(each.run for each in done if each.run), backfills, seconds, contracts)


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


def _told(seen_by: "Scene", there: "Waves", name: str, said: str) -> Answer:
    (report,) = [each for each in found(seen_by, there) if each.wave.name == name]
    return Answer(data(report), lambda out: out.print(f"{said} {report.why}", markup=False))
