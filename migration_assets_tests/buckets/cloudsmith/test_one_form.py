"""A file in one form arrives as it is, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from migration_assets.buckets.cloudsmith import one_form
from migration_assets.buckets.model import Found
from migration_assets.buckets.places import Pace
from migration_assets.buckets.s3.source import S3Source
from migration_assets_tests.buckets.cloudsmith.conftest import Side, generic


def test_a_url_that_is_not_good_any_more_is_asked_for_anew(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("expire", "POST /upload/")

    (moved,) = side.move()

    assert (moved.state, moved.reason) == ("moved", "")


@pytest.mark.parametrize("small", [2**20, 2])
def test_an_object_that_goes_on_behind_its_end_is_not_sent(
    side: Side, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(one_form, "SMALL", small)
    side.put({"one": b"12345"})

    class Longer(S3Source):
        @contextmanager
        def open(self, found: Found, first: int = 0, last: int | None = None) -> Iterator[Any]:
            with super().open(found, first, last) as opened:
                yield _Longer(opened)

    class _Longer:
        def __init__(self, opened: Any) -> None:
            self.attributes, self.headers, self._opened = opened.attributes, {}, opened

        def pieces(self, size: int) -> Iterator[bytes]:
            yield from self._opened.pieces(size)
            yield b"more"

    source = Longer(side.source.store, "")
    (moved,) = side.target.move(map(generic, source.listed()), source, Pace("small", 1))

    assert moved.state == "failed"
    assert not side.standin.world.packages
    assert all(each.file is None for each in side.standin.world.uploads.values())


def test_hosts_of_files_that_ask_for_less_are_heard(side: Side) -> None:
    side.put({"one": b"1"})
    side.standin.faults.add("429", "POST /upload/", seconds=1)
    target = side.target

    (moved,) = target.move([generic(each) for each in side.listed()], side.source, Pace("small", 1))

    assert moved.state == "moved"
    assert target.budget.waited > 0.5
