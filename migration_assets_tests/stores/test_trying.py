"""What is tried again, how long is waited, and what an error may say."""

from collections.abc import Callable

import pytest

from migration_assets.contracts.model import TableName
from migration_assets.errors import LoadRefused, Passing
from migration_assets.stores.trying import LONGEST_WAIT, in_words, tried


def work(*answers: str | Exception) -> Callable[[], str]:
    told = list(answers)

    def next_answer() -> str:
        answer = told.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return next_answer


def test_waits_double_within_bounds_and_are_drawn_by_chance() -> None:
    waited: list[float] = []
    bounds: list[tuple[float, float]] = []

    def between(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    result = tried(work(*[Passing("gone")] * 3, "there"), sleep=waited.append, between=between)
    assert result == ("there", 3)
    assert bounds == [(0, 1.0), (0, 2.0), (0, 4.0)]
    assert max(waited) <= LONGEST_WAIT


def test_the_last_fault_is_raised_as_it_is() -> None:
    with pytest.raises(Passing, match="gone"):
        tried(work(*[Passing("gone")] * 4), sleep=lambda _: None)


def test_a_lasting_fault_is_raised_at_once() -> None:
    waited: list[float] = []
    with pytest.raises(LoadRefused):
        tried(work(LoadRefused("no"), "never asked"), sleep=waited.append)
    assert waited == []


def test_our_own_errors_speak_for_themselves() -> None:
    assert in_words(LoadRefused("Key twice.", advice="Look at `id`.")) == "Key twice. Look at `id`."


def test_other_errors_say_their_type_and_where_in_the_project_they_arose() -> None:
    try:
        TableName.parse("a.b.c.secret")
    except ValueError as error:
        words = in_words(error)
    assert "ValueError at migration_assets/contracts/model.py, line " in words
    assert "secret" not in words
