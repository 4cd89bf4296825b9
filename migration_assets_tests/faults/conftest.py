"""A world of the fault suite, opened once for all tests of this folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.world import World, opened


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """Its servers are its own: they may be ended at any moment."""
    # the path of a socket must be short, and another pytest must not tidy it away
    place = tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)
    with place as folder, opened(Path(folder)) as made:
        yield made
