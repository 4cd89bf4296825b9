"""Folders for servers: not among pytest's own, which another pytest at the same time closes to others."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that a server's user may pass."""
    made = Path(tempfile.mkdtemp(prefix="demo-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def lasting_folder() -> Iterator[Path]:
    """The same, for all tests of a module."""
    made = Path(tempfile.mkdtemp(prefix="demo-"))
    yield made
    shutil.rmtree(made)
