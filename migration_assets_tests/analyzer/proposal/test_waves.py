"""Cycles and waves of a graph of references."""

import random

import pytest

from migration_assets.analyzer.proposal.waves import Edge, order


def test_each_table_comes_after_all_that_it_refers_to() -> None:
    found = order(("c", "b", "a", "d"), [Edge("c", "b"), Edge("b", "a"), Edge("c", "a"), Edge("a", "a")])
    assert found.wave == {"a": 1, "d": 1, "b": 2, "c": 3}
    assert (found.cycles, found.deferred) == ((), frozenset())


def test_an_optional_reference_of_a_cycle_waits() -> None:
    found = order(("staff", "store"), [Edge("staff", "store"), Edge("store", "staff", optional=True)])
    assert found.cycles == (("staff", "store"),)
    assert {(edge.child, edge.parent) for edge in found.deferred} == {("store", "staff")}
    assert found.wave == {"store": 1, "staff": 2}


def test_all_references_between_the_two_wait_together() -> None:
    edges = [Edge("a", "b", optional=True), Edge("a", "b"), Edge("b", "a")]
    found = order(("a", "b"), edges)
    left = [edge for edge in edges if edge not in found.deferred]
    assert len({(edge.child, edge.parent) for edge in left}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_graphs_made_at_random_come_into_an_order(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"t{n}" for n in range(30)]
    edges = [Edge(chance.choice(names), chance.choice(names), chance.random() < 0.5) for _ in range(60)]
    found = order(names, edges)
    assert set(found.wave) == set(names), f"seed {seed}"
    for edge in set(edges) - found.deferred:
        if edge.child != edge.parent:
            assert found.wave[edge.parent] < found.wave[edge.child], f"seed {seed}"
    assert bool(found.cycles) == bool(found.deferred)
