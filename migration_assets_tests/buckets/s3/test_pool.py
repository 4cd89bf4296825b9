"""Pieces of work side by side."""

from collections.abc import Iterator
from threading import Event

import pytest

from migration_assets.buckets.s3.pool import side_by_side


def test_what_is_under_way_is_given_though_there_is_no_more_to_come() -> None:
    begun, broken = Event(), Event()

    def pieces() -> Iterator[int]:
        yield 0
        begun.wait(10)
        broken.set()
        raise ValueError("what feeds it broke")

    def work(piece: int) -> list[int]:
        begun.set()
        broken.wait(10)
        return [piece]

    given: list[int] = []
    with pytest.raises(ValueError, match="broke"):
        given.extend(side_by_side(work, pieces(), 2))
    assert given == [0]


def test_an_error_is_raised_when_the_others_have_been_given() -> None:
    def work(piece: int) -> Iterator[int]:
        yield piece
        if piece == 2:
            raise ValueError("broke")

    given: list[int] = []
    with pytest.raises(ValueError, match="broke"):
        given.extend(side_by_side(work, range(100), 1))
    assert given == [0, 1, 2]
