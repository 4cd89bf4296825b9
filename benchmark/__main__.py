"""`python -m benchmark`: `run` (what `make bench` does), `show`, `readme`."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from benchmark import mariadb, readme
from benchmark.bench import contested
from benchmark.cases import CASES
from benchmark.contenders import CONTENDERS
from benchmark.plot import svg
from benchmark.results import Contest, entries, read, write
from benchmark.table import terminal
from benchmark.verify import results as verifications
from benchmark.verify.contenders import CONTENDERS as VERIFIERS
from benchmark.verify.contenders import VERIFICATIONS
from benchmark.verify.contest import DIFFERENCES, verified
from benchmark.world import World, opened

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Where servers, data and results are: BENCH_FOLDER, else `.bench` in the project's root."""
    return Path(os.environ.get("BENCH_FOLDER") or ROOT / ".bench").resolve()


def chosen_of(text: str, known: Mapping[str, object]) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise click.UsageError(f"{', '.join(unknown)}: not one of {', '.join(known)}.")
    return [name for name in known if name in wanted or not wanted]


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Whoever asks the process to end also wants its servers to be stopped; asking once is enough."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


@click.group()
def main() -> None:
    """How fast rows move, beside the limit and beside what a user would take instead."""
    signal.signal(signal.SIGTERM, _interrupt)


@main.command()
@click.option("--scale", type=click.FloatRange(min=0.0005), default=1.0, help="TPC-H's scale factor.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, help="Of each case.")
@click.option("--cases", default="", help=f"Of {', '.join((*CASES, *VERIFICATIONS))}; all without it.")
@click.option("--contenders", default="", help="Names with commas between them; all without it.")
def run(scale: float, rounds: int, cases: str, contenders: str) -> None:
    """Measures; results are written after every round."""
    names = chosen_of(cases, {**CASES, **VERIFICATIONS})
    wanted = [CASES[name] for name in names if name in CASES]
    known = chosen_of(contenders, {**CONTENDERS, **dict.fromkeys(VERIFIERS)})
    chosen = [CONTENDERS[name] for name in known if name in CONTENDERS]
    place, console = folder(), Console(highlight=False, soft_wrap=True)
    place.mkdir(parents=True, exist_ok=True)
    given = [f"CASES={cases}" if cases else "", f"CONTENDERS='{contenders}'" if contenders else ""]
    command = " ".join(filter(None, [f"make bench SCALE={scale:g} ROUNDS={rounds}", *given]))
    shorter = tuple(sorted({each.at_most for each in chosen if each.at_most}))
    done: list[Contest] = []
    with opened(place, scale, shorter) as world:
        about = {"scale": scale, "command": command, "machine": world.machine()}

        def keep(contests: list[Contest]) -> None:
            found = entries([*done, *contests], {**about, "measured_at": _now()})
            write(place / "results.json", found)
            (place / "results.svg").write_text(svg(found), encoding="utf-8")
            latest[:] = contests

        for case in wanted:
            latest: list[Contest] = []
            if case.engine == "mariadb" and mariadb.missing():
                console.print(f"{case.name}: left out, {mariadb.missing()}.")
                continue
            contested(world, case, chosen, rounds, console.print, keep)
            done += latest
        asked = [name for name in names if name in VERIFICATIONS]
        compared(world, asked, known, rounds, command, console.print)
    if wanted:
        _tell(place / "results.json")


def compared(
    world: World,
    names: Sequence[str],
    contenders: Sequence[str],
    rounds: int,
    command: str,
    say: Callable[[str], None],
    differences: Sequence[int] = DIFFERENCES,
) -> None:
    """The comparisons of these names; their results are written as they come."""
    done: list[verifications.Result] = []
    about = {"scale": world.rows.scale, "command": command, "machine": world.machine()}
    for name in names:
        case = VERIFICATIONS[name]
        if case.engine == "mariadb" and mariadb.missing():
            say(f"{name}: left out, {mariadb.missing()}.")
            continue
        for found in verified(world, name, case, contenders, differences, rounds, say):
            done.append(replace(found, **about, measured_at=_now()))
            verifications.write(world.folder / "verify.json", done)
    if done:
        say(verifications.section(done))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(file: Path) -> None:
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(terminal(read(file)))


@main.command(name="show")
def show() -> None:
    """The results of last time as a table."""
    _tell(folder() / "results.json")


@main.command(name="readme")
@click.option(
    "--only", type=click.Choice(["moving", "verification", "buckets"]), help="The results of one of them."
)
def write_readme(only: str | None) -> None:
    """Takes the results of last time into the repository and its pages."""
    if only in (None, "moving"):
        readme.publish(folder() / "results.json", ROOT)
    if only in (None, "verification"):
        readme.publish_verification(folder() / "verify.json", ROOT)
    if only in (None, "buckets"):
        readme.publish_buckets(folder() / "buckets.json", ROOT)


if __name__ == "__main__":
    main()
