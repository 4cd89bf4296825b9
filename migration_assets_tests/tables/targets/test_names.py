"""Derived names fit into PostgreSQL's 63 bytes and are never shared."""

import random

from migration_assets.tables.targets.names import LONGEST, candidates, first_free


def test_short_words_are_joined_plainly() -> None:
    assert candidates("orders", "pkey")[0] == "orders_pkey"


def test_words_that_join_to_the_same_text_are_parted_by_their_mark() -> None:
    one, other = candidates("a", "b_c", "key"), candidates("a_b", "c", "key")
    assert one[0] == other[0]
    assert not set(one[1:]) & set(other[1:])


def test_long_names_that_begin_alike_stay_different() -> None:
    one, other = ("t" * 60, "x" * 30 + "1", "key"), ("t" * 60, "x" * 30 + "2", "key")
    assert candidates(*one)[0] != candidates(*other)[0]


def test_no_name_is_longer_than_63_bytes_or_cuts_a_letter() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(500):
        words = [
            "".join(chance.choices("aé😀_", k=chance.randint(1, 40))) for _ in range(chance.randint(1, 4))
        ]
        for name in candidates(*words):
            assert len(name.encode()) <= LONGEST
            assert "\ufffd" not in name


def test_the_same_words_give_the_same_names() -> None:
    assert candidates("a", "b") == candidates("a", "b")


def test_the_first_name_that_is_free_is_taken() -> None:
    assert first_free(("a", "b"), {"a"}) == "b"
    assert first_free(("a", "b"), ()) == "a"
