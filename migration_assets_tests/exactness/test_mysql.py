"""From MariaDB, every value arrives exactly or is set aside as its case says."""

import pytest

from migration_assets_tests.exactness import mysql_types
from migration_assets_tests.exactness.case import Family
from migration_assets_tests.exactness.conftest import Moved
from migration_assets_tests.exactness.document import judge

FAMILIES = (mysql_types.UNTOUCHED, mysql_types.BESIDE_MAPPED, mysql_types.EXPRESSED, mysql_types.AS_NULL)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_value_arrives_exactly_or_is_set_aside_as_its_case_says(
    family: Family, mysql_matrix: Moved
) -> None:
    judge(family, mysql_matrix(family))
