"""The exponent of a growth."""

import pytest

from benchmark.scale_growth import exponent, last_step


def test_what_doubles_with_its_size_is_linear_whatever_it_costs() -> None:
    assert exponent({10: 0.7, 100: 7.0, 1_000: 70.0}) == pytest.approx(1.0)


def test_what_costs_the_same_does_not_grow() -> None:
    assert exponent({10: 3.0, 1_000: 3.0}) == pytest.approx(0.0)


def test_the_square_is_two() -> None:
    assert exponent({size: 2.5 * size**2 for size in (3, 30, 300, 7_000)}) == pytest.approx(2.0)


def test_the_last_step_leaves_out_what_is_paid_once() -> None:
    points = {1: 10.0, 10: 10.0, 100: 10.0, 1_000: 100.0}
    assert last_step(points) == pytest.approx(1.0)
    assert exponent(points) < 0.5
