"""How far the run is: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from migration_assets.control.progress import Progress

#: seconds between two lines where there is no terminal
LULL = 5.0


@contextmanager
def bar(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Gives the function that is told of every progress."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with Bar(BarColumn(40), TextColumn("{task.description}"), console=console, transient=True) as drawn:
        task = drawn.add_task("Dagster starts ...", total=None)
        yield lambda seen: drawn.update(
            task, total=seen.partitions, completed=seen.done, description=in_words(seen)
        )


def in_words(seen: Progress) -> str:
    """`12/28 partitions, 433,000 rows, 41,000 rows/s, 9 s left`"""
    words = [
        f"{seen.done}/{seen.partitions} partitions",
        *([f"{seen.failed} failed"] if seen.failed else []),
        f"{seen.rows:,} rows",
        f"{seen.rows_per_second:,.0f} rows/s",
    ]
    left = seen.seconds_left
    return ", ".join([*words, *([f"{left:.0f} s left"] if left else [])])


def _lines(console: Console) -> Callable[[Progress], None]:
    said_at = 0.0

    def say(seen: Progress) -> None:
        nonlocal said_at
        if seen.seconds - said_at >= LULL:
            said_at = seen.seconds
            console.print(in_words(seen))

    return say
