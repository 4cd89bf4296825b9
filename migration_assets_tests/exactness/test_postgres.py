"""From PostgreSQL, every value arrives exactly or is set aside as its case says."""

from types import SimpleNamespace

import pytest

from migration_assets.tables import engine
from migration_assets.tables.sources import general
from migration_assets_tests.exactness import postgres_changes, postgres_expressions, postgres_types
from migration_assets_tests.exactness.case import Family
from migration_assets_tests.exactness.conftest import Moved
from migration_assets_tests.exactness.document import judge

FAMILIES = (
    postgres_types.UNTOUCHED,
    postgres_types.BESIDE_MAPPED,
    postgres_changes.CHANGED,
    postgres_expressions.EXPRESSED,
    postgres_expressions.MADE_OTHERWISE,
    postgres_expressions.HOOKED,
)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_value_arrives_exactly_or_is_set_aside_as_its_case_says(
    family: Family, postgres_matrix: Moved
) -> None:
    judge(family, postgres_matrix(family))


def test_by_the_general_path_every_value_arrives_exactly_too(
    postgres_matrix: Moved, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_psycopg2 = SimpleNamespace(**vars(general))
    # the driver that is installed with the project; SQLAlchemy's own choice is another one
    by_psycopg2.snapshot = lambda server, url: general.snapshot(
        server, url.replace("postgresql://", "postgresql+psycopg2://", 1)
    )
    monkeypatch.setattr(engine, "source_of", lambda _: ("sqlalchemy", by_psycopg2))
    judge(postgres_types.GENERAL, postgres_matrix(postgres_types.GENERAL))


def test_from_an_older_version_every_value_arrives_exactly(across_matrix: Moved) -> None:
    judge(postgres_types.ACROSS, across_matrix(postgres_types.ACROSS))


@pytest.mark.parametrize(
    "family", [postgres_types.EXTENDED, postgres_types.EXTENDED_BESIDE], ids=lambda family: family.name
)
def test_the_types_of_extensions_arrive_exactly(family: Family, installed_matrix: Moved) -> None:
    judge(family, installed_matrix(family))
