"""The shop, opened anew for each test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from migration_assets_tests.tables.shop import Shop, open_shop


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    return open_shop(new_database, tmp_path)
