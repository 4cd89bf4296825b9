"""Where rows are hashed: as asked, or where a trial is faster."""

import pytest

from migration_assets.errors import PlanRefused
from migration_assets.tables.verify.method import WORTH, Method, Trial, Way, way

FAST_CLIENT, FAST_DATABASE = Trial(0.1, 0.2), Trial(0.4, 0.1)


def chosen(method: Method, rows: int, *sides: Trial, unfit: str = "") -> Way:
    def tried() -> tuple[Trial, Trial]:
        assert sides, "no trial was to be made"
        return sides[0], sides[1]

    return way(method, "orders", unfit, rows, tried)


def test_what_is_asked_for_is_done_without_a_trial() -> None:
    assert not chosen("client", WORTH).in_database
    assert chosen("database", 0).in_database
    assert chosen("client", 0).words.endswith("as asked")


def test_few_rows_and_rows_that_a_database_cannot_hash_go_to_the_client() -> None:
    assert not chosen("auto", WORTH - 1).in_database
    assert not chosen("auto", WORTH, unfit="its rows are mapped").in_database


@pytest.mark.parametrize(
    ("source", "target", "inside"),
    [
        (FAST_CLIENT, FAST_CLIENT, False),
        (FAST_DATABASE, FAST_DATABASE, True),
        (FAST_DATABASE, FAST_CLIENT, True),
        (Trial(0.2, 0.1), Trial(0.1, 0.3), False),
        (Trial(0.2, 0.19), Trial(0.2, 0.19), False),
    ],
)
def test_the_slower_side_of_a_trial_decides_and_the_result_says_so(
    source: Trial, target: Trial, inside: bool
) -> None:
    found = chosen("auto", WORTH, source, target)
    assert found.in_database is inside
    assert f"{max(source.client, target.client):.3f} s on the client" in found.words


def test_a_database_that_cannot_is_refused_with_the_reason() -> None:
    with pytest.raises(PlanRefused, match=r"orders cannot be compared inside the databases: it is SQLite\."):
        chosen("database", WORTH, unfit="it is SQLite")
