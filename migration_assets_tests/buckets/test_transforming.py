from pathlib import Path

import pytest

from migration_assets_tests.buckets.world import World, contract


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(5):
        made.source.put(f"a/{number}", b"x" * number)
    return made


def test_an_object_that_was_moved_goes_to_the_key_that_the_contract_says_now(world: World) -> None:
    assert world.run()["loaded"].failure == ""
    world.contract = contract(key="'new/' || key")

    assert world.run()["loaded"].failure == ""

    assert {key for key in world.target.objects if key.startswith("new/")} == {
        f"new/a/{each}" for each in range(5)
    }
    assert world.migration.verify("all").findings == []
