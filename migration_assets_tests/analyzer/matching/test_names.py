"""Names that mean the same, in the ways in which databases write them."""

import pytest

from migration_assets.analyzer.matching.names import in_tables, likeness, words


@pytest.mark.parametrize(
    ("one", "other"),
    [("AlbumId", "album_id"), ("CUST_NO", "customerNumber"), ("qty", "Quantity"), ("orders", "order")],
)
def test_ways_of_writing_do_not_count(one: str, other: str) -> None:
    assert likeness(one, other) >= 0.98


def test_other_words_are_other_names() -> None:
    assert likeness("unit_price", "home_phone") < 0.4


def test_a_table_s_own_name_in_its_columns_does_not_count() -> None:
    assert in_tables("film_id", "film", "id", "movies") > 0.9


def test_a_name_without_a_letter_is_a_word_of_its_own() -> None:
    assert words("???") == ("???",)
