"""Suggestions against what a person has labelled, on real databases."""

import pytest

from migration_assets.analyzer.catalog.model import Catalog, CatalogColumn, CatalogTable
from migration_assets.analyzer.matching import Samples, suggest
from migration_assets_tests.analyzer.matching.worlds import (
    LABELS,
    Labels,
    Rows,
    Worlds,
    links,
    scored,
    suggestions,
)

#: what must be reached at least, precision and recall, by the rows that the target has
SAME_WORDS: dict[Rows, tuple[float, float]] = {
    "the same": (1.0, 1.0),
    "half": (1.0, 1.0),
    "others": (1.0, 1.0),
    "none": (1.0, 1.0),
}
OTHER_WORDS: dict[Rows, tuple[float, float]] = {
    "the same": (0.95, 0.88),
    "half": (0.95, 0.7),
    "others": (0.95, 0.18),
    "none": (0.9, 0.15),
}


@pytest.mark.parametrize("name", LABELS)
def test_suggestions_are_as_precise_and_as_complete_as_promised(worlds: Worlds, name: str) -> None:
    labels = Labels.read(name)
    source, target = worlds[labels.source], worlds[labels.target]

    for rows, (precision, recall) in (OTHER_WORDS if "modern" in name else SAME_WORDS).items():
        score = scored(links(suggestions(source, target, rows)), labels)
        print(f"{name}, rows of the target: {rows}: {score}")
        assert score.precision >= precision
        assert score.recall >= recall


def catalog(*tables: CatalogTable) -> Catalog:
    return Catalog("one", "postgres", "PostgreSQL", "18", "UTF8", tables)


def table(name: str, *columns: tuple[str, str]) -> CatalogTable:
    return CatalogTable(
        None, name, tuple(CatalogColumn(column, declared, None) for column, declared in columns)
    )


def test_values_find_what_names_hide() -> None:
    people = [(f"person {n}", f"{n}@example.com") for n in range(40)]
    source = catalog(table("t1", ("c1", "text"), ("c2", "text")))
    target = catalog(table("users", ("mail", "text"), ("full_name", "text")))

    found = suggest(
        source, target, Samples(lambda _: people, lambda _: [(mail, name) for name, mail in people])
    )

    assert {(each.column, each.target_column) for each in found} == {("c1", "full_name"), ("c2", "mail")}


def test_types_without_a_value_in_common_are_not_suggested_whatever_the_name() -> None:
    source = catalog(table("t", ("id", "bigint"), ("at", "timestamp")))
    target = catalog(table("t", ("id", "bigint"), ("at", "bytea")))

    assert [each.column for each in suggest(source, target, None)] == ["id"]


def test_no_reason_tells_a_value() -> None:
    rows = [(f"a secret {n}",) for n in range(30)]
    source, target = catalog(table("t", ("word", "text"))), catalog(table("t", ("word", "text")))

    (found,) = suggest(source, target, Samples(lambda _: rows, lambda _: rows))

    assert "secret" not in repr(found)
    assert found.confidence > 0.95
    assert "100% of 30 sampled values are in both" in found.reasons


def test_of_very_many_tables_the_likeliest_are_compared_and_the_same_is_found() -> None:
    names = [f"area{n}_{word}" for n in range(30) for word in ("orders", "people", "prices", "stock")]
    tables = [table(name, ("id", "bigint"), (f"{name}_note", "text"), ("made_at", "date")) for name in names]
    renamed = [
        table(each.name.title().replace("_", ""), *((c.name, c.declared) for c in each.columns))
        for each in tables
    ]

    found = suggest(catalog(*tables), catalog(*renamed), None)

    assert len(found) == 3 * len(tables)
    assert all(each.target.name.lower() == each.source.name.replace("_", "") for each in found)
