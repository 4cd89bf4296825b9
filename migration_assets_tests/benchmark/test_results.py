"""Rounds become entries: medians, ratios, and what failed has none."""

from dataclasses import asdict
from pathlib import Path

from benchmark.results import Contest, Entry, Round, entries, read, write

ABOUT = {"scale": 1, "measured_at": "2020-01-01T00:00:00Z", "command": "make bench", "machine": "a desk"}


def contest(name: str, rows: int, *seconds: float, **facts: object) -> Contest:
    return Contest("case", name, rows, rounds=[Round(each, 1.0, 10.0) for each in seconds], **facts)  # type: ignore[arg-type]


def by_name(contests: list[Contest]) -> dict[tuple[str, int], Entry]:
    return {(entry.contender, entry.rows): entry for entry in entries(contests, ABOUT)}


def test_a_ratio_is_that_of_the_medians_over_the_same_rows() -> None:
    found = by_name(
        [
            contest("pipe", 1000, 2.0, 1.0, 9.0),
            contest("pipe", 100, 0.5, 0.5, 0.5),
            contest("whole", 1000, 4.0, 5.0, 3.0),
            contest("slow", 100, 5.0, 5.0, 7.0),
        ]
    )

    assert found["whole", 1000].ratio_to_pipe == 2.0
    assert found["whole", 1000].rows_per_s == 250
    assert found["slow", 100].ratio_to_pipe == 10.0


def test_what_failed_has_no_ratio_and_says_why() -> None:
    failed = Contest(
        "case", "loader", 1000, rounds=[Round(1.0, exit_code=1)], notes=["exit code 1"], exact=False
    )

    found = by_name([contest("pipe", 1000, 2.0), failed])["loader", 1000]

    assert (found.ratio_to_pipe, found.rows_per_s, found.exact, found.note) == (
        None,
        None,
        False,
        "exit code 1",
    )


def test_an_absent_contender_is_named_with_the_reason() -> None:
    found = entries([Contest("case", "dlt", 1000, notes=["not installed"])], ABOUT)

    assert [(entry.rounds, entry.median_s, entry.note) for entry in found] == [(0, None, "not installed")]


def test_hard_values_are_not_timed() -> None:
    found = by_name([contest("pipe", 7, 1.0, timed=False), contest("whole", 7, 2.0, timed=False)])

    assert found["whole", 7].ratio_to_pipe is None


def test_entries_come_back_from_their_file(tmp_path: Path) -> None:
    found = entries([contest("pipe", 1000, 2.0)], ABOUT)

    write(tmp_path / "results.json", found)

    assert [asdict(entry) for entry in read(tmp_path / "results.json")] == [asdict(entry) for entry in found]
