"""`migrate wave`, and `migrate run` of waves"""

import getpass
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from migration_assets.cli.answering import Answer, answering
from migration_assets.cli.waves_shown import answer, data, found, scene

if TYPE_CHECKING:
    from migration_assets.control.verdict import Verdict
    from migration_assets.control.wave_attempts import Scene
    from migration_assets.waves.soundness import Waves


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


def _told(seen_by: "Scene", there: "Waves", name: str, said: str) -> Answer:
    (report,) = [each for each in found(seen_by, there) if each.wave.name == name]
    return Answer(data(report), lambda out: out.print(f"{said} {report.why}", markup=False))
