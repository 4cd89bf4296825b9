"""`python -m faults.buckets`, which is what `make faults-buckets` does."""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom

import click

from faults.buckets.kinds import KINDS, WAYS, Way
from faults.buckets.trial import Trial, timed
from faults.buckets.world import opened


@click.command()
@click.option("--trials", "number", type=click.IntRange(min=1), default=14, help="How many.")
@click.option("--seed", type=int, help="The same seed draws the same trials; chosen by chance without it.")
@click.option("--kind", default="", help=f"Names with commas: {', '.join(KINDS)}.")
@click.option("--way", default="", help=f"Likewise: {', '.join(WAYS)}.")
@click.option("--first", type=click.IntRange(min=1), default=1, help="Number of the first trial.")
def main(number: int, seed: int | None, kind: str, way: str, first: int) -> None:
    """Copies buckets on bad days; exits with 1 when an invariant was violated."""
    named = [word.strip() for word in kind.split(",") if word.strip()]
    if unknown := [name for name in named if name not in KINDS]:
        raise click.UsageError(f"{', '.join(unknown)}: none of {', '.join(KINDS)}.")
    among = [word.strip() for word in way.split(",") if word.strip()] or list(WAYS)
    if unknown := [name for name in among if name not in WAYS]:
        raise click.UsageError(f"{', '.join(unknown)}: none of {', '.join(WAYS)}.")
    kinds = [KINDS[name] for name in named or KINDS if set(KINDS[name].ways) & set(among)]
    if not kinds:
        raise click.UsageError("No such kind has a way like that.")
    chosen = SystemRandom().randrange(1 << 31) if seed is None else seed
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    violations = 0
    place = tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)
    with place as folder, opened(Path(folder)) as world:
        for at in range(first, first + number):
            one, rng = kinds[(at - 1) % len(kinds)], Random(f"{chosen} bucket {at}")
            # each kind has all its ways in turn
            ways: list[Way] = [each for each in one.ways if each in among]
            trial = Trial(world, at, one, rng, ways[(at - 1) // len(kinds) % len(ways)])
            happened, seconds = timed(trial)
            counts[one.name] += 1
            struck[one.name] += trial.struck
            violations += len(trial.violations)
            said = "VIOLATED " + "; ".join(trial.violations) if trial.violations else "ok"
            click.echo(f"{at:4d}  {one.name:14s} {trial.way:8s} {happened}. {said} ({seconds:.1f} s)")
    click.echo(", ".join(f"{name} {count} ({struck[name]} struck)" for name, count in counts.items()))
    click.echo(f"faults: {number} trials, {violations} violations, seed {chosen}")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
