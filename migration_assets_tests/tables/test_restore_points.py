"""Which generation a rollback goes to, and which staged sets it may need: the tables of the docstrings."""

import pytest

from migration_assets.ledger.postgres import Entry
from migration_assets.tables.restore_points import needed, origin, previous


def history(*words: str) -> list[Entry]:
    """`a` a load of the staged set a; `=2` a rollback to generation 2, `=0` to nothing; newest first."""
    entries: list[Entry] = []
    for number, word in enumerate(words, 1):
        state = "loaded"
        staged = word
        if word.startswith("="):
            state = "rolled_back"
            staged = entries[int(word[1:]) - 1].staged if word != "=0" else ""
        said = ("c", "p", number, "run", "1.0.0", 1, 1, 0, f"1:{staged}", state, staged)
        entries.append(Entry(*said))
    return entries[::-1]


@pytest.mark.parametrize(
    ("words", "goes_to"),
    [
        ("a b c", 2),
        ("a b c =2", 1),
        ("a b c =2 =1", 0),
        ("a b c =2 e", 2),
        ("a", 0),
        ("a =0", None),
        ("a =0 b", 0),
        ("a b =1 =2", 1),
        ("", None),
    ],
)
def test_a_rollback_goes_to_the_load_before_the_rows_that_are_there(words: str, goes_to: int | None) -> None:
    assert previous(history(*words.split())) == goes_to


@pytest.mark.parametrize(("words", "rows_of"), [("a b", 2), ("a b =1", 1), ("a b =1 =2 =4", 2), ("a =0", 0)])
def test_a_rollback_has_the_rows_of_a_load(words: str, rows_of: int) -> None:
    entries = history(*words.split())
    assert origin(entries, entries[0]) == rows_of


@pytest.mark.parametrize(
    ("words", "keep", "sets"),
    [
        ("a b c d", 2, "cd"),
        ("a b c d", 9, "abcd"),
        # what is there now, and what is before it
        ("a b c d =2", 2, "abd"),
        ("a b c d =2 =1", 1, "a"),
        ("a b =0", 1, "b"),
        ("", 3, ""),
    ],
)
def test_what_a_rollback_may_need_is_kept(words: str, keep: int, sets: str) -> None:
    assert needed(history(*words.split()), keep) == frozenset(sets)
