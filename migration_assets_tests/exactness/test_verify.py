"""What arrived is equal, and any other value of the same type is a difference, whatever the type."""

from typing import Any

import pytest
from psycopg2 import sql

from migration_assets.planning.partitions import WHOLE, AllRows, Partition
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets_tests.exactness import (
    mysql_types,
    postgres_changes,
    postgres_types,
    sqlite_values,
)
from migration_assets_tests.exactness.case import Case, Family
from migration_assets_tests.exactness.conftest import Moved
from migration_assets_tests.exactness.matrix import Matrix, contract
from migration_assets_tests.exactness.world import PostgresSide, column_of


def proof(matrix: Matrix, family: Family, cases: list[Case]) -> Any:
    made = contract(matrix.source, family.name, cases, family)
    environment = {
        "OLD_URL": matrix.source.url,
        "NEW_URL": matrix.target.url,
        "MIGRATION_STAGING": str(matrix.folder),
    }
    (found,) = compare(made, environment, Asked((Partition(WHOLE, AllRows()),), quiet=0.01))
    return found


def turned(target: PostgresSide, table: str, number: int) -> dict[int, str]:
    """Gives each row of a case the next row's value, where that is another one; the ids, with the column."""
    name = sql.Identifier(column_of(number))
    printed = [
        (id, text)
        for id, text in target.run(
            [
                sql.SQL("SELECT id, format('%s', {0}) FROM {1} WHERE {0} IS NOT NULL ORDER BY id").format(
                    name, sql.Identifier(table)
                )
            ]
        )
    ]
    pairs = [
        (one, other)
        for (one, text), (other, another) in zip(printed, printed[1:] + printed[:1], strict=True)
        if text != another
    ]
    if not pairs:
        return {}
    values = sql.SQL(", ").join(sql.SQL("({}, {})").format(*map(sql.Literal, pair)) for pair in pairs)
    target.run(
        [
            sql.SQL(
                "UPDATE {0} AS t SET {1} = o.{1} FROM {0} AS o, (VALUES {2}) AS v (id, other) "
                "WHERE t.id = v.id AND o.id = v.other"
            ).format(sql.Identifier(table), name, values)
        ]
    )
    return {one: column_of(number) for one, _ in pairs}


def judged(moved: Moved, family: Family) -> None:
    """Equal as it arrived; then each value exchanged for another one of its type, all named."""
    moved(family)
    matrix: Matrix = moved.matrix  # type: ignore[attr-defined]
    cases = [case for case in family.cases if not case.alone]
    assert proof(matrix, family, cases).equal
    edited: dict[int, str] = {}
    for number in range(len(cases)):
        edited |= turned(matrix.target, family.name, number)
    found = proof(matrix, family, cases)
    named = {int(each.key.removeprefix("id=")): each.columns for each in found.findings}
    assert {each.kind for each in found.findings} <= {"changed"}
    assert named == {id: (column,) for id, column in edited.items()}
    print(f"\n{family.name}: {len(edited)} values of {len(cases)} columns exchanged, {len(named)} named")


FROM_POSTGRES = (postgres_types.UNTOUCHED, postgres_changes.CHANGED)


@pytest.mark.parametrize("family", FROM_POSTGRES, ids=lambda family: family.name)
def test_from_postgres_equal_values_are_equal_and_others_are_named(
    family: Family, postgres_matrix: Moved
) -> None:
    judged(postgres_matrix, family)


def test_from_mysql_equal_values_are_equal_and_others_are_named(mysql_matrix: Moved) -> None:
    judged(mysql_matrix, mysql_types.UNTOUCHED)


@pytest.mark.slow
def test_from_sqlite_equal_values_are_equal_and_others_are_named(sqlite_matrix: Moved) -> None:
    judged(sqlite_matrix, sqlite_values.UNTOUCHED)
