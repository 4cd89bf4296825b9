"""From SQLite, every value arrives exactly or is set aside as its case says."""

import pytest

from migration_assets_tests.exactness import sqlite_values
from migration_assets_tests.exactness.case import Family
from migration_assets_tests.exactness.conftest import Moved
from migration_assets_tests.exactness.document import judge

FAMILIES = (sqlite_values.UNTOUCHED, sqlite_values.EXPRESSED)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_value_arrives_exactly_or_is_set_aside_as_its_case_says(
    family: Family, sqlite_matrix: Moved
) -> None:
    judge(family, sqlite_matrix(family))
