"""SQLite's catalog."""

import sqlite3
from pathlib import Path

import pytest

from migration_assets.analyzer.catalog import look, read
from migration_assets.analyzer.catalog.model import Catalog, Check
from migration_assets.analyzer.catalog.sqlite_text import checks
from migration_assets.contracts.model import Server, TableName

LEGACY = Server("legacy", "custom")
STATEMENTS = """
CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT '', size NUMERIC CHECK (size > 0),
    twice AS (size * 2), UNIQUE (name, size));
CREATE INDEX by_size ON person (size);
CREATE UNIQUE INDEX some ON person (name) WHERE size > 3;
CREATE INDEX of_word ON person (lower(name));
CREATE TABLE visit (person REFERENCES PERSON, day DATE, PRIMARY KEY (day, person)) WITHOUT ROWID;
CREATE VIEW names AS SELECT name FROM person;
CREATE VIRTUAL TABLE search USING fts5(words);
INSERT INTO person (name, size) VALUES ('Ann', 2), (x'ff', 3);
INSERT INTO visit VALUES (1, '2020-01-01'), (9, '2020-01-01');
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    file = tmp_path / "some.db"
    connection = sqlite3.connect(file)
    connection.executescript(STATEMENTS)
    connection.close()
    return f"sqlite:///{file}"


@pytest.fixture
def catalog(database: str) -> Catalog:
    return read(LEGACY, database)


def test_columns_keys_and_indexes_are_found(catalog: Catalog) -> None:
    person = catalog.by_name[TableName(None, "person")]
    assert [(c.name, c.declared, c.nullable, c.identity, c.default) for c in person.columns] == [
        ("id", "INTEGER", False, "by default", None),
        ("name", "VARCHAR(40)", False, None, "''"),
        ("size", "NUMERIC", True, None, None),
        ("twice", "", True, None, None),
    ]
    assert person.column("twice").generated is not None
    assert [key.columns for key in person.uniques] == [("name", "size")]
    assert {index.name: (index.columns, index.unique, bool(index.condition)) for index in person.indexes} == {
        "by_size": (("size",), False, False),
        "some": (("name",), True, True),
        "of_word": ((), False, False),
    }
    assert person.checks == (Check("check_1", "size > 0"),)
    assert person.rows == 2


def test_a_reference_to_a_key_that_is_not_named_finds_it_in_any_letter_case(catalog: Catalog) -> None:
    visit = catalog.by_name[TableName(None, "visit")]
    assert visit.primary_key == ("day", "person")
    assert [(k.columns, k.parent, k.parent_columns, k.judged) for k in visit.foreign_keys] == [
        (("person",), TableName(None, "person"), ("id",), False)
    ]
    assert visit.storage == "without rowid"


def test_views_and_virtual_tables_are_left_out(catalog: Catalog) -> None:
    assert [table.name for table in catalog.tables] == ["person", "visit"]
    why = {each.table.name: each.why for each in catalog.left_out}
    assert (why["names"], why["search"]) == ("a view", "a virtual table")
    assert why["search_data"] == "a virtual table's own"


def test_samples_and_values_without_a_parent_are_looked_up(database: str) -> None:
    with look(LEGACY, database) as found:
        person, visit = found.catalog.tables
        assert found.sample(person, 5) == [("1", "Ann", "2", "4"), ("2", "FF", "3", "6")]
        assert found.missing(visit, ("person",), person, ("id",), 100) == (1, 2)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("CREATE TABLE t (a CHECK (a > 0))", [("check_1", "a > 0")]),
        ("CREATE TABLE t (a, CONSTRAINT low CHECK ((a) > (1 + 2)))", [("low", "(a) > (1 + 2)")]),
        ("CREATE TABLE t (a DEFAULT 'CHECK (a)', b CHECK (b <> ')'))", [("check_1", "b <> ')'")]),
        ("CREATE TABLE t (a /* CHECK (a) */, -- CHECK (a)\n [check] )", []),
        ("CREATE TABLE t (a CHECK (a > 0", []),
    ],
)
def test_conditions_are_read_from_the_statement(statement: str, found: list[tuple[str, str]]) -> None:
    assert [(check.name, check.condition) for check in checks(statement)] == found
