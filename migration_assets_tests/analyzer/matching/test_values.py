"""What two samples have in common, whatever way their databases print it."""

import pytest

from migration_assets.analyzer.matching.values import STRONG, WEAK, overlap, plainly, sketch


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.50", "1.5"),
        ("2024-05-01", "2024-05-01 00:00:00"),
        ("2024-05-01 10:00:00+00", "2024-05-01T10:00:00"),
        ("t", "1"),
        ("Berlin ", "berlin"),
        ("-0", "0"),
    ],
)
def test_one_value_in_two_spellings_is_one_value(one: str, other: str) -> None:
    assert plainly(one) == plainly(other)


def test_what_looks_like_a_number_and_is_none_is_text() -> None:
    assert plainly("1.2.3") == "1.2.3"
    assert plainly("9e999999") == "9e999999"


def test_counted_keys_say_little_and_other_values_much() -> None:
    keys = sketch(map(str, range(1, 50)), whole=True)
    names = sketch((f"name {n}" for n in range(50)), whole=True)

    of_keys, of_names = overlap(keys, keys, together=False), overlap(names, names, together=False)

    assert of_keys
    assert of_keys.weight == WEAK
    assert of_names
    assert of_names.weight == STRONG


def test_samples_of_large_tables_that_share_nothing_say_nothing() -> None:
    one = sketch((f"a {n}" for n in range(50)), whole=False)
    other = sketch((f"b {n}" for n in range(50)), whole=False)

    found = overlap(one, other, together=False)

    assert found
    assert found.weight == 0


def test_a_column_of_nulls_has_no_overlap() -> None:
    assert overlap(sketch([None], whole=True), sketch(["1"], whole=True), together=False) is None
