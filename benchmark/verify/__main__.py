"""`python -m benchmark.verify`: comparisons alone, in `.bench/verify.json`; `make bench` does them, too."""

import click
from rich.console import Console

from benchmark.__main__ import chosen_of, compared, folder
from benchmark.verify.contenders import CONTENDERS, VERIFICATIONS
from benchmark.verify.contest import DIFFERENCES
from benchmark.world import opened


@click.command()
@click.option("--scale", type=click.FloatRange(min=0.0005), default=1.0, help="TPC-H's scale factor.")
@click.option("--rounds", type=click.IntRange(min=1), default=3)
@click.option("--cases", default="", help=f"Of {', '.join(VERIFICATIONS)}; all without it.")
@click.option("--differences", default=",".join(map(str, DIFFERENCES)), help="Rows that differ.")
@click.option("--contenders", default="", help="Names with commas between them; all without it.")
def main(scale: float, rounds: int, cases: str, differences: str, contenders: str) -> None:
    """How fast two tables are compared."""
    names = chosen_of(cases, dict(VERIFICATIONS))
    wanted = chosen_of(contenders, dict.fromkeys(CONTENDERS))
    numbers = [int(number) for number in differences.split(",")]
    given = [f"--cases {cases}" if cases else "", f"--contenders '{contenders}'" if contenders else ""]
    command = " ".join(
        filter(None, [f"python -m benchmark.verify --scale {scale:g} --rounds {rounds}", *given])
    )
    folder().mkdir(parents=True, exist_ok=True)
    say = Console(highlight=False, soft_wrap=True).print
    with opened(folder(), scale, ()) as world:
        compared(world, names, wanted, rounds, command, say, numbers)


if __name__ == "__main__":
    main()
