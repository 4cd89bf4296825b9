"""The labelled databases."""

from collections.abc import Callable

import pytest

from migration_assets_tests.analyzer.matching.worlds import Worlds
from migration_assets_tests.real.conftest import MariaDB, maria

__all__ = ["maria"]


@pytest.fixture
def worlds(new_database: Callable[[str], str], request: pytest.FixtureRequest) -> Worlds:
    def server() -> MariaDB:
        return request.getfixturevalue("maria")

    return Worlds(new_database, server)
