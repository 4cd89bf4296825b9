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
    ("holders", "referring", "expected"),
    [
        ({"a": "b", "b": "a"}, "", {"a": "b", "b": "a"}),
        ({"a": "b", "b": ""}, "", {"a": "b", "b": ""}),
        ({"a": "b", "b": ""}, "b", {"a": "b", "b": "a"}),
        ({"a": "x", "b": ""}, "b", {"a": "x", "b": ""}),
        ({"a": "b", "b": "", "c": "", "d": ""}, "bcd", {"a": "b", "b": "a", "c": "bd", "d": "bc"}),
        ({"a": "b", "b": "", "c": "", "d": ""}, "c", {"a": "b", "b": "", "c": "", "d": ""}),
    ],
)
def test_a_partition_that_is_refused_for_references_needs_those_that_need_it(
    holders: Mapping[str, str], referring: str, expected: Mapping[str, str]
) -> None:
    assert needed(sets(holders), frozenset(referring)) == sets(expected)
