"""`python -m benchmark.scale`: what the control side costs, and how that grows, on real instances.

Contracts are made for it (20 columns, 11 checks, nine in ten with a parent), in a temporary folder; the
tables are a few rows each, in an embedded PostgreSQL. CPU seconds hold on a busy machine, wall time less.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmark import scale_catalog
from benchmark.scale_growth import exponent, last_step
from benchmark.scale_world import World, world

RESULTS = Path(".bench") / "scale.json"
CONTRACTS, PARTITIONS = (10, 100, 1_000), (1_000, 10_000, 100_000)
#: contracts and partitions of each, for the runs
RUNS = ((1, 1_000), (1_000, 1))
#: 100,000 partitions in one contract, and over a thousand
MANY = ((1, 100_000), (1_000, 100))


@dataclass(frozen=True)
class Size:
    contracts: int
    partitions: int


@dataclass(frozen=True)
class Sizes:
    """What is measured, and how often definitions are loaded."""

    growth: Mapping[str, Sequence[Size]]
    runs: Sequence[Size]
    catalogs: Sequence[Size]
    rounds: int


WHOLE = Sizes(
    {
        "contracts": [Size(number, 1) for number in CONTRACTS],
        "partitions": [Size(1, number) for number in PARTITIONS],
    },
    [Size(*size) for size in RUNS],
    [Size(*size) for size in ((10, 1), (100, 1), (1_000, 1), (1, 1_000), (1, 10_000), *MANY)],
    3,
)
SHORT = Sizes(
    {"contracts": [Size(5, 1), Size(20, 1)], "partitions": [Size(1, 100), Size(1, 1_000)]},
    [Size(1, 20)],
    [Size(5, 1)],
    1,
)


def measured(sizes: Sizes, folder: Path, say: Callable[[str], object] = print) -> dict[str, object]:
    """All of it, as it goes into the results."""
    growth: dict[str, object] = {}
    for what, steps in sizes.growth.items():
        costs = {name: dict(_costs(steps, name, folder, sizes.rounds, say)) for name in _COSTS}
        growth[what] = {
            name: {
                "cpu_s": {f"{size:.0f}": cost for size, cost in points.items()},
                "exponent": round(exponent(points), 2),
                "exponent_of_the_last_step": round(last_step(points), 2),
            }
            for name, points in costs.items()
        }
    return {
        "growth": growth,
        "catalog": [catalog(size, folder, say) for size in sizes.catalogs],
        "runs": [run(size, folder, say) for size in sizes.runs],
    }


def _load(one: World) -> float:
    out = one.folder / "load.json"
    cost = one.command("-m", "benchmark.scale_load", out=out)
    if cost.exit_code:
        raise RuntimeError("The definitions cannot be loaded.")
    return float(json.loads(out.read_text().splitlines()[-1])["cpu_s"])


def _asked(*words: str) -> Callable[[World], float]:
    def ask(one: World) -> float:
        return one.migrate(*words, "--json").cpu_s

    return ask


#: the CPU seconds of a process of its own, from its start to its end
_COSTS: Mapping[str, Callable[[World], float]] = {
    "definitions": _load,
    "plan": _asked("plan"),
    "status": _asked("status"),
}


def _costs(
    steps: Sequence[Size], name: str, folder: Path, rounds: int, say: Callable[[str], object]
) -> Iterator[tuple[float, float]]:
    for size in steps:
        with world(_fresh(folder), size.contracts, size.partitions, rows=False) as one:
            cost = median(_COSTS[name](one) for _ in range(rounds))
        say(f"{name}: {size.contracts:,} contracts of {size.partitions:,} partitions: {cost:.2f} CPU s")
        yield max(size.contracts, size.partitions), round(cost, 3)


def catalog(size: Size, folder: Path, say: Callable[[str], object]) -> dict[str, object]:
    with world(_fresh(folder), size.contracts, size.partitions, rows=False) as one:
        found = scale_catalog.asked(one)
    say(f"catalog: {size.contracts:,} contracts of {size.partitions:,} partitions: {found}")
    return {"contracts": size.contracts, "partitions": size.partitions, **found}


def run(size: Size, folder: Path, say: Callable[[str], object]) -> dict[str, object]:
    """The whole of a `migrate run`, then another of one partition, which has next to nothing to do."""
    with world(_fresh(folder), size.contracts, size.partitions) as one:
        cost = one.migrate("run", "--json", out=one.folder / "run.json")
        verified = bool(json.loads((one.folder / "run.json").read_text()).get("verified"))
        again = one.migrate("run", "thing_00000", "--partitions", _first(size), "--json")
    runs = [process.cpu_s for process in cost.runs]
    found: dict[str, object] = {
        "contracts": size.contracts,
        "partitions": size.partitions,
        "wall_s": cost.wall_s,
        "cpu_s": cost.cpu_s,
        "wall_s_a_partition": round(cost.wall_s / (size.contracts * size.partitions), 3),
        "cpu_s_a_partition": round(cost.cpu_s / (size.contracts * size.partitions), 3),
        "runs": len(runs),
        "cpu_s_of_the_runs": round(sum(runs), 2),
        "verified": verified and not cost.exit_code,
        "one_partition": {
            "cpu_s": again.cpu_s,
            "cpu_s_of_its_run": round(sum(process.cpu_s for process in again.runs), 2),
            "exit_code": again.exit_code,
        },
    }
    say(f"run: {found}")
    return found


def _first(size: Size) -> str:
    return "all" if size.partitions == 1 else "0001"


def _fresh(folder: Path) -> Path:
    """The same folder every time, empty but for the server of the runs, which is kept."""
    for name in ("contracts", "home"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmark.scale", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few contracts and partitions only")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        found = measured(SHORT if options.short else WHOLE, Path(folder))
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(found, indent=1) + "\n")
    print(f"Written to {options.results}.")


if __name__ == "__main__":
    main()
