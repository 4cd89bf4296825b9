"""What is tried again, how long is waited, and what an error may say."""

from collections.abc import Callable

import pytest

from migration_assets import errors
from migration_assets.contracts.model import TableName
from migration_assets.errors import LoadRefused, MigrationError, Passing
from migration_assets.stores.trying import LONGEST_WAIT, in_words, tried

LASTING = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, MigrationError)
    and not kind.passing
    # made of words alone
    and kind.__init__ is MigrationError.__init__
]


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
    assert result == ("there", ("moment",) * 3)
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


def test_nothing_is_tried_again_after_an_hour() -> None:
    times = iter([0.0, 10.0, 3700.0])
    with pytest.raises(Passing) as raised:
        tried(work(*[Passing("gone")] * 3), sleep=lambda _: None, clock=lambda: next(times))
    assert raised.value.tried_after == ("moment",)


def test_an_error_tells_how_often_and_after_what_it_was_tried_again() -> None:
    faults = [Passing("gone", cause="connection"), Passing("gone", cause="connection"), LoadRefused("No.")]
    with pytest.raises(LoadRefused) as raised:
        tried(work(*faults), sleep=lambda _: None)
    assert in_words(raised.value) == "No. It was tried again 2 times, after: connection (2)."


@pytest.mark.parametrize("kind", LASTING)
def test_no_fault_of_data_structure_rights_or_the_fence_is_tried_again(kind: type[MigrationError]) -> None:
    waited: list[float] = []
    with pytest.raises(kind):
        tried(work(kind("no"), "never asked"), sleep=waited.append)
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
