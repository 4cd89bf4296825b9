"""MariaDB's catalog."""

from collections.abc import Callable

import pytest

from migration_assets.analyzer.catalog import Selection, look, read
from migration_assets.analyzer.catalog.model import Catalog, ForeignKey
from migration_assets.contracts.model import Server, TableName
from migration_assets_tests import mariadb

LEGACY = Server("legacy", "mysql")
STATEMENTS = (
    "CREATE TABLE person (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, mood enum('sad','it''s ok') "
    "DEFAULT 'sad', name varchar(40) NOT NULL DEFAULT '' COMMENT 'in full', said json, "
    "born datetime DEFAULT current_timestamp(), twice int AS (length(name) * 2) VIRTUAL, "
    "size decimal(5,2) DEFAULT 1.50, UNIQUE (name, born), UNIQUE beginning (name(3)), "
    "KEY by_size (size), FULLTEXT (name), CHECK (size > 0)) COMMENT 'who'",
    "CREATE TABLE visit (person bigint unsigned, note text CHARACTER SET latin1, "
    "FOREIGN KEY (person) REFERENCES person (id))",
    "CREATE TABLE loose (a int) ENGINE=MyISAM",
    "CREATE VIEW names AS SELECT name FROM person",
    "INSERT INTO person (name, said, size) VALUES ('Ann', '{}', 2), ('Bob', NULL, 3)",
    "INSERT INTO visit VALUES (1, 'caf\u00e9'), (NULL, NULL)",
    "INSERT INTO loose VALUES (1), (7)",
)


@pytest.fixture
def database(new_mysql_database: Callable[[str], str]) -> str:
    url = new_mysql_database("catalog")
    mariadb.run(url, *STATEMENTS)
    return url


@pytest.fixture
def catalog(database: str) -> Catalog:
    return read(LEGACY, database)


def table(catalog: Catalog, name: str) -> TableName:
    return TableName(catalog.default_schema, name)


def test_columns_have_their_types_defaults_and_counters(catalog: Catalog) -> None:
    assert catalog.engine == "MariaDB"
    person = catalog.by_name[table(catalog, "person")]
    columns = {column.name: column for column in person.columns}
    assert columns["id"].identity == "by default"
    assert columns["id"].carries == "numeric(20,0)"
    assert columns["mood"].enum == ("sad", "it's ok")
    assert {name: column.default for name, column in columns.items() if column.default} == {
        "mood": "'sad'",
        "name": "''",
        "born": "current_timestamp()",
        "size": "1.50",
    }
    assert columns["said"].document
    assert columns["twice"].generated is not None
    assert (columns["name"].comment, person.comment, columns["name"].nullable) == ("in full", "who", False)
    visit = catalog.by_name[table(catalog, "visit")]
    assert visit.column("note").declared == "text character set latin1"


def test_keys_indexes_and_checks_are_told_apart(catalog: Catalog) -> None:
    person = catalog.by_name[table(catalog, "person")]
    assert person.primary_key == ("id",)
    assert [key.columns for key in person.uniques] == [("name", "born")]
    indexes = {index.name: (index.columns, index.unique, index.method) for index in person.indexes}
    assert indexes["by_size"] == (("size",), False, "btree")
    assert indexes["beginning"] == ((), True, "btree")
    assert [index.method for index in person.indexes if not index.columns] == ["btree"]
    assert any(index.method == "fulltext" for index in person.indexes)
    assert "`size` > 0" in [check.condition for check in person.checks]
    visit = catalog.by_name[table(catalog, "visit")]
    parent = table(catalog, "person")
    assert [(k.columns, k.parent, k.parent_columns, k.judged) for k in visit.foreign_keys] == [
        (("person",), parent, ("id",), True)
    ]
    assert isinstance(visit.foreign_keys[0], ForeignKey)


def test_views_are_left_out_and_counters_are_found(catalog: Catalog) -> None:
    assert [(each.table.name, each.why) for each in catalog.left_out] == [("names", "a view")]
    assert [(s.name, s.last, s.maximum, s.column) for s in catalog.sequences] == [
        ("person", 2, (1 << 64) - 1, "id")
    ]


def test_samples_and_values_without_a_parent_are_looked_up(database: str) -> None:
    with look(LEGACY, database) as found:
        loose, person, visit = found.catalog.tables
        assert found.sample(visit, 5) == [("1", "caf\u00e9"), (None, None)]
        assert found.sample(person, 1)[0][:3] == ("1", "sad", "Ann")
        assert found.missing(loose, ("a",), person, ("id",), 100) == (1, 2)


def test_only_the_databases_that_are_named_are_read(
    database: str, mysql_server: str, new_mysql_database: Callable[[str], str]
) -> None:
    other = new_mysql_database("other")
    mariadb.run(other, "CREATE TABLE person (a int)")
    names = tuple(url.rpartition("/")[2] for url in (database, other))
    found = read(LEGACY, mysql_server, Selection(schemas=names))
    assert {each.schema for each in found.tables} == set(names)
    assert len(read(LEGACY, mysql_server, Selection(schemas=names[1:])).tables) == 1
