"""What the tests of one partition begin with."""

from pathlib import Path

import pytest

from migration_assets_tests.buckets.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Five objects, of 0 to 4 bytes."""
    made = World(tmp_path)
    for number in range(5):
        made.source.put(f"a/{number}", b"x" * number)
    return made
