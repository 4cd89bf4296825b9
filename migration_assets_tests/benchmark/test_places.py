"""Who takes part, over how many rows, and in which order."""

from pathlib import Path

from benchmark.cases import CASES
from benchmark.contenders import CONTENDERS
from benchmark.places import places, turned


def test_the_pipe_runs_over_each_number_of_rows_that_somebody_has(tmp_path: Path) -> None:
    chosen = [CONTENDERS["pipe"], CONTENDERS["migration-assets"]]

    found = places(CASES["postgres_identity"], chosen, 6_000_000, tmp_path)

    assert [(place.contest.contender, place.contest.rows) for place in found] == [
        ("pipe", 6_000_000),
        ("migration-assets", 6_000_000),
    ]


def test_a_peer_that_is_not_installed_says_so_and_needs_no_pipe(tmp_path: Path) -> None:
    chosen = [CONTENDERS["pipe"], CONTENDERS["dlt pyarrow"]]

    found = places(CASES["postgres_identity"], chosen, 6_000_000, tmp_path)

    assert [place.contest.rows for place in found if place.contender.name == "pipe"] == [6_000_000]
    assert found[-1].absent == "not installed; `make bench-peers` installs it"
    assert found[-1].contest.rows == 200_000


def test_no_peer_is_asked_to_map(tmp_path: Path) -> None:
    found = places(CASES["postgres_mapping"], list(CONTENDERS.values()), 1000, tmp_path)

    assert {place.contender.name.partition(" ")[0] for place in found} == {"pipe", "migration-assets"}


def test_each_round_begins_one_further() -> None:
    assert [turned("abc", number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]
