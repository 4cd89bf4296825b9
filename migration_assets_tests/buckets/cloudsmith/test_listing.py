"""The listing is read whole, though packages come and go while it is read."""

import pytest

from migration_assets.buckets.cloudsmith import listing
from migration_assets_tests.buckets.cloudsmith.conftest import Side


@pytest.fixture
def five(side: Side, monkeypatch: pytest.MonkeyPatch) -> Side:
    monkeypatch.setattr(listing, "PAGE", 2)
    side.put({f"{number}": b"x" for number in range(5)})
    side.move(workers=1)
    return side


def test_nothing_is_missed_when_packages_before_it_are_deleted_meanwhile(five: Side) -> None:
    pages = listing.pages(five.target._client)  # pyright: ignore[reportPrivateUsage]
    first = next(pages)
    world = five.standin.world
    for each in first:
        world.delete(world.packages[each.slug])

    rest = {each.path for page in pages for each in page}

    assert rest | {each.path for each in first} == {f"{number}" for number in range(5)}


def test_a_listing_that_grew_shorter_ends(five: Side) -> None:
    pages = listing.pages(five.target._client)  # pyright: ignore[reportPrivateUsage]
    next(pages)
    world = five.standin.world
    for each in list(world.packages.values()):
        world.delete(each)

    assert [each for page in pages for each in page] == []
