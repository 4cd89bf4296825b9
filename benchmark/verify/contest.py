"""The rounds of a comparison: without a row that differs, then with some, the contenders taking turns."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmark.cases import Case
from benchmark.measuring import Measured, measured
from benchmark.verify.contenders import Contender, contenders
from benchmark.verify.results import Result, result
from benchmark.verify.tables import Key, copied, differing
from benchmark.world import World

DIFFERENCES = (0, 1, 10, 1_000)
#: seconds that one round of one contender may take
LIMIT = 600

Say = Callable[[str], None]


def verified(
    world: World,
    name: str,
    case: Case,
    wanted: Sequence[str],
    differences: Sequence[int],
    rounds: int,
    say: Say,
) -> Iterator[Result]:
    """One result for each contender and number of differences, as they come."""
    other = copied(world)
    with world.source_of(case) as source:
        chosen = [each for each in contenders(case, world, source, other) if each.name in wanted]
        for number in differences:
            here = [each for each in chosen if not number or each.with_differences]
            with differing(other, number, world.total) as keys:
                found: dict[str, list[tuple[Measured, bool | None]]] = {each.name: [] for each in here}
                for at in range(rounds):
                    for each in here[at % len(here) :] + here[: at % len(here)]:
                        log = world.folder / "logs" / f"{name}-{each.name}-{number}-{at + 1}.log"
                        found[each.name].append(_round(each, keys, log, f"{name}, {number} differing", say))
            for each in here:
                yield result(name, each.name, number, world.total, found[each.name])


def _round(
    contender: Contender, keys: frozenset[Key], log: Path, said: str, say: Say
) -> tuple[Measured, bool | None]:
    log.parent.mkdir(parents=True, exist_ok=True)
    done = measured(contender.command, log, LIMIT)
    exact = contender.told(log.read_text(encoding="utf-8", errors="replace"), keys)
    word = {True: "exactly those rows", False: "OTHER ROWS", None: "nothing compared"}[exact]
    figures = f"{done.seconds:.2f} s, CPU {done.cpu:.2f} s, {done.peak_mb or 0:.0f} MB"
    say(f"{said}: {contender.name}: {figures}, {word}")
    return done, exact
