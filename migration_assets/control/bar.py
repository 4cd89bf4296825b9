"""Progress as an operator sees it: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as RichBar

from migration_assets.control.progress import Progress

#: seconds between two lines where there is no terminal
BETWEEN = 10.0


@contextmanager
def bar(console: Console) -> Generator[Callable[[Progress], None]]:
    """What is called with each Progress; the bar is gone afterwards, the lines stay."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        TextColumn("{task.fields[count]}"),
        BarColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with RichBar(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=None, count="starting", pace="")

        def show(progress: Progress) -> None:
            count, pace = in_words(progress)
            shown.update(
                task, total=progress.partitions, completed=progress.done, count=count, pace=pace, refresh=True
            )

        yield show


def in_words(progress: Progress) -> tuple[str, str]:
    """`12 of 40 partitions, 1 failed` and `1,200,000 rows, 40,000 rows/s, 0:30 left`."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    count = f"{progress.loaded} of {progress.partitions} partitions{failed}"
    pace = f"{progress.rows:,} rows, {progress.rows_per_second:,.0f} rows/s"
    left = progress.seconds_left
    return count, f"{pace}, {_clock(left)} left" if left is not None and progress.seconds_left else pace


class _Lines:
    """A line when a partition more is done, but not more often than every few seconds."""

    def __init__(self, console: Console, between: float = BETWEEN) -> None:
        self._console = console
        self._between = between
        self._last = float("-inf")
        self._said = -1

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.done == progress.partitions
        if progress.done == self._said or (now - self._last < self._between and not finished):
            return
        self._last, self._said = now, progress.done
        self._console.print("; ".join(in_words(progress)))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
