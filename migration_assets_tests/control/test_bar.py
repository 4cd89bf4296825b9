"""Progress in words, on a terminal and elsewhere."""

import io

from rich.console import Console

from migration_assets.control.bar import bar, in_words
from migration_assets.control.progress import Progress


def test_progress_says_partitions_rows_pace_and_time_left() -> None:
    assert in_words(Progress(40, 10, 0, 1_200_000, 30.0)) == (
        "10 of 40 partitions",
        "1,200,000 rows, 40,000 rows/s, 1:30 left",
    )
    assert in_words(Progress(40, 10, 2, 0, 3600.0 * 3))[0] == "10 of 40 partitions, 2 failed"
    assert in_words(Progress(40, 10, 2, 0, 3600.0 * 3))[1].endswith("7:00:00 left")


def test_before_the_first_partition_nobody_knows_how_long_it_takes() -> None:
    assert Progress(40, 0, 0, 0, 3.0).seconds_left is None
    assert "left" not in in_words(Progress(40, 0, 0, 0, 3.0))[1]


def test_elsewhere_a_line_comes_now_and_then_and_at_the_end() -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=200)
    with bar(console) as show:
        for done in (0, 1, 2, 3, 4, 4):
            show(Progress(4, done, 0, done * 10, 1.0 + done))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line[:17] for line in lines] == ["0 of 4 partitions", "4 of 4 partitions"]


def test_a_terminal_shows_a_bar() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with bar(console) as show:
        show(Progress(4, 2, 0, 20, 1.0))
    assert "2 of 4 partitions" in console.file.getvalue()  # type: ignore[attr-defined]
