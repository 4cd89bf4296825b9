"""Which side a difference comes from."""

import pytest

from migration_assets.tables.verify.cause import Now, Then, cause

THEN = Then(3, target="t", source="s", meaning="m")


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (None, Now("x", "y", "s", "m"), "The ledger has no load"),
        (THEN, Now("x", "t", "s", "m"), "The target's rows changed since generation 3"),
        (THEN, Now("t", "y", "other", "m"), "the source's rows changed since"),
        (THEN, Now("t", "y", "s", "n"), "the contract is another one"),
        (THEN, Now("t", "y", "s", "m"), "the mapping makes other rows"),
        (Then(3, "t"), Now("t", "y", "s", "m"), "the source or the contract changed since"),
        (THEN, Now("x", "y", "other", "m"), "and the source's rows changed since"),
        (THEN, Now("x", "y", "s", "n"), "and the source's rows did not: the contract is another one"),
    ],
)
def test_each_link_of_the_chain_has_its_words(then: Then | None, now: Now, words: str) -> None:
    assert words in cause(then, now)
