"""The order in which partitions are loaded whose rows stand in each other's way."""

from collections.abc import Mapping

import pytest

from migration_assets.tables.together import needed
from migration_assets.tables.turns import turns


def sets(said: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {key: frozenset(letters) for key, letters in said.items()}


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({}, []),
        ({"a": ""}, ["a"]),
        ({"a": "b", "b": ""}, ["b", "a"]),
        ({"a": "b", "b": "a"}, ["ab"]),
        ({"a": "a"}, ["a"]),
        ({"a": "b", "b": "c", "c": "a", "d": "a"}, ["abc", "d"]),
        ({"a": "x"}, ["a"]),
        ({"a": "bc", "b": "c", "c": "", "d": "e", "e": "d", "f": "ae"}, ["c", "b", "de", "a", "f"]),
    ],
)
def test_each_group_comes_after_what_it_needs(needs: Mapping[str, str], expected: list[str]) -> None:
    assert turns(sets(needs)) == tuple(frozenset(group) for group in expected)


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ({"a": "b", "b": "a"}, {"a": "b", "b": "a"}),
        ({"a": "b", "b": ""}, {"a": "b", "b": "a"}),
        ({"a": "x", "b": ""}, {"a": "x", "b": ""}),
        ({"a": "b", "b": "", "c": "", "d": ""}, {"a": "b", "b": "a", "c": "bd", "d": "bc"}),
    ],
)
def test_who_is_in_nobodys_way_needs_those_that_are_in_its_own(
    holders: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    assert needed(sets(holders)) == sets(expected)
