"""The suite's own comparison of rows, and what a reader may see one after another."""

from collections import Counter

import pytest

from faults.poller import strange
from faults.reading import difference, digest, sorted_out
from faults.subjects import PEOPLE, VISITS


def test_rows_are_compared_as_often_as_they_are_there() -> None:
    wanted = Counter({("1", "a"): 1, ("2", None): 2})
    assert difference(wanted, Counter(wanted)) == ""
    assert (
        difference(wanted, Counter({("1", "a"): 1, ("2", None): 1}))
        == "1 rows missing, 0 too many (0 of them doubled)"
    )
    assert "1 too many (1 of them doubled)" in difference(wanted, Counter({("1", "a"): 2, ("2", None): 2}))


def test_a_difference_tells_no_value() -> None:
    assert "secret" not in difference(Counter({("1", "secret"): 1}), Counter({("1", "secret2"): 1}))


def test_the_digest_knows_null_from_empty_and_no_order() -> None:
    assert digest(Counter([("1", None), ("2", "")])) == digest(Counter([("2", ""), ("1", None)]))
    assert digest(Counter([("1", None)])) != digest(Counter([("1", "")]))
    assert digest(Counter([("1", "a")])) != digest(Counter([("1", "a"), ("1", "a")]))


def test_bad_rows_and_orphans_are_not_expected_to_arrive() -> None:
    state = sorted_out(PEOPLE, [(True, "1", "x"), (False, "17", "y")], None)
    assert (state.read, sorted(state.loaded), state.aside) == (2, [("1", "x")], {"id=17"})
    rows = [(True, "5", "1"), (True, "6", None), (True, "7", "99")]
    state = sorted_out(VISITS, rows, frozenset({"1"}))
    assert (set(state.loaded), state.aside) == ({("5", "1"), ("6", None)}, {"id=7"})


@pytest.mark.parametrize(
    ("seen", "states", "said"),
    [
        ("ab", "ab", ""),
        ("b", "ab", ""),
        ("a", "ab", ""),
        ("axb", "ab", "look 2 saw rows that are neither"),
        ("aba", "ab", "look 3 saw the old rows again"),
        ("aba", "aba", ""),
        ("ac", "abc", ""),
        ("acb", "abc", "look 3 saw the old rows again"),
    ],
)
def test_a_reader_sees_states_in_their_order_and_nothing_between(seen: str, states: str, said: str) -> None:
    assert strange(seen, states).startswith(said)
    assert bool(strange(seen, states)) == bool(said)
