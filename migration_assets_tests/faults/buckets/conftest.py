"""One world of two S3 sides for all trials of a test run's process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.buckets.world import World, opened


@pytest.fixture(scope="package")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("faulty-buckets")
    with opened(folder) as world:
        yield world
