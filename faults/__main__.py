"""`python -m faults`, which is what `make faults` does."""

import signal
import sys
import tempfile
from pathlib import Path
from random import SystemRandom
from types import FrameType

import click

from faults.kinds import KINDS
from faults.servers import mariadb_missing
from faults.suite import closing_lines, kinds_of, trials
from faults.world import opened


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Whoever asks the process to end also wants its servers to be stopped; asking once is enough."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


@click.command()
@click.option("--trials", "number", type=click.IntRange(min=1), default=20, help="How many.")
@click.option("--seed", type=int, help="The same seed draws the same trials; chosen by chance without it.")
@click.option("--kind", default="", help=f"Names or their beginnings, with commas: {', '.join(KINDS)}.")
@click.option("--first", type=click.IntRange(min=1), default=1, help="Number of the first trial.")
def main(number: int, seed: int | None, kind: str, first: int) -> None:
    """Kills, stops, cuts and fills up what moves rows; exits with 1 when an invariant was violated."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        kinds, skipped = kinds_of(kind)
    except KeyError as unknown:
        raise click.UsageError(f"{unknown.args[0]} begins none of {', '.join(KINDS)}.") from None
    if not kinds:
        raise click.UsageError("; ".join(f"{name}: {why}" for name, why in skipped.items()))
    if mariadb_missing():
        skipped = {**skipped, "(from a MariaDB)": mariadb_missing()}
    chosen = SystemRandom().randrange(1 << 31) if seed is None else seed
    place = tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)
    with place as folder, opened(Path(folder)) as world:
        count = trials(world, chosen, first, number, kinds, click.echo)
    for line in closing_lines(count, skipped, chosen):
        click.echo(line)
    sys.exit(1 if count.violations else 0)


if __name__ == "__main__":
    main()
