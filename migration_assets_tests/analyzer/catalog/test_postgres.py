"""PostgreSQL's catalog, by its own statements, and by the general path as well."""

import os
from collections.abc import Callable

import psycopg2
import pytest

from migration_assets.analyzer.catalog import READERS, Selection, look, read
from migration_assets.analyzer.catalog.model import Catalog, ForeignKey, Index, UniqueKey
from migration_assets.contracts.model import Server, TableName

LEGACY = Server("legacy", "postgresql")
STATEMENTS = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE person (
    id serial PRIMARY KEY,
    nr bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    feels mood NOT NULL DEFAULT 'ok',
    moods mood[],
    age positive,
    tag text COLLATE "C",
    twice integer GENERATED ALWAYS AS (age * 2) STORED,
    UNIQUE (tag, age),
    CHECK (age < 200)
);
COMMENT ON TABLE person IS 'who';
COMMENT ON COLUMN person.tag IS 'a word';
CREATE INDEX by_age ON person (age, tag);
CREATE UNIQUE INDEX some_tags ON person (tag) WHERE age > 3;
CREATE INDEX of_word ON person (lower(tag));
CREATE SCHEMA other;
CREATE SEQUENCE other.shared;
CREATE TABLE other.visit (
    person integer REFERENCES person (id) DEFERRABLE,
    tag text, age integer,
    one integer DEFAULT nextval('other.shared'),
    two integer DEFAULT nextval('other.shared')
);
ALTER TABLE other.visit ADD FOREIGN KEY (tag, age) REFERENCES person (tag, age) NOT VALID;
CREATE TABLE event (day date, person integer) PARTITION BY RANGE (day);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE secret (x integer);
INSERT INTO person (feels, age, tag) SELECT 'ok', n, 't' || n FROM generate_series(1, 50) n;
INSERT INTO event VALUES ('2020-05-05', 1), ('2021-05-05', 2), ('2021-05-06', 99);
ALTER TABLE event_1 ADD CONSTRAINT one FOREIGN KEY (person) REFERENCES person (id);
ALTER TABLE event_2 ADD CONSTRAINT two FOREIGN KEY (person) REFERENCES person (id) NOT VALID;
CREATE TABLE employee (salary integer) INHERITS (secret);
CREATE VIEW names AS SELECT tag FROM person;
ANALYZE;
"""


@pytest.fixture
def database(new_database: Callable[[str], str]) -> str:
    url = new_database("catalog")
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
    connection.close()
    return url


@pytest.fixture
def catalog(database: str) -> Catalog:
    return read(LEGACY, database)


def test_columns_have_their_types_defaults_and_counters(catalog: Catalog) -> None:
    person = catalog.by_name[TableName("public", "person")]
    columns = {column.name: column for column in person.columns}
    assert {name: (c.declared, c.carries, c.nullable) for name, c in columns.items()} == {
        "id": ("integer", "integer", False),
        "nr": ("bigint", "bigint", False),
        "feels": ("mood", "text", False),
        "moods": ("mood[]", "text[]", True),
        "age": ("positive", "integer", True),
        "tag": ("text", "text", True),
        "twice": ("integer", "integer", True),
    }
    assert (columns["id"].identity, columns["id"].default) == ("by default", None)
    assert columns["nr"].identity == "always"
    assert columns["feels"].enum == ("sad", "ok")
    assert columns["feels"].default == "'ok'::mood"
    assert columns["twice"].generated is not None
    assert (columns["tag"].comment, columns["tag"].collation, person.comment) == ("a word", "C", "who")


def test_keys_indexes_and_checks_are_told_apart(catalog: Catalog) -> None:
    person = catalog.by_name[TableName("public", "person")]
    assert person.primary_key == ("id",)
    assert {key.columns for key in person.uniques} == {("nr",), ("tag", "age")}
    assert {index.name: (index.columns, index.unique, bool(index.condition)) for index in person.indexes} == {
        "by_age": (("age", "tag"), False, False),
        "some_tags": (("tag",), True, True),
        "of_word": ((), False, False),
    }
    assert sorted(check.condition for check in person.checks) == ['("age" > 0)', "((age)::integer < 200)"]


def test_foreign_keys_of_columns_and_of_all_partitions_are_found(catalog: Catalog) -> None:
    visit = catalog.by_name[TableName("other", "visit")]
    person = TableName("public", "person")
    assert set(visit.foreign_keys) == {
        ForeignKey("visit_person_fkey", ("person",), person, ("id",), deferrable=True),
        ForeignKey("visit_tag_age_fkey", ("tag", "age"), person, ("tag", "age"), judged=False),
    }
    event = catalog.by_name[TableName("public", "event")]
    assert [(key.columns, key.parent, key.parent_columns) for key in event.foreign_keys] == [
        (("person",), person, ("id",))
    ]
    assert event.children == (TableName("public", "event_1"), TableName("public", "event_2"))
    assert event.rows == 3


def test_what_is_no_table_to_move_is_left_out_and_said(catalog: Catalog) -> None:
    left = {each.table.name: each.why for each in catalog.left_out}
    assert left["names"] == "a view"
    assert left["event_1"] == "a partition of public.event, with which its rows are moved"
    assert {str(table.table) for table in catalog.tables} == {
        *("public.person", "other.visit", "public.event", "public.employee", "public.secret")
    }
    assert catalog.by_name[TableName("public", "employee")].inherits == TableName("public", "secret")


def test_a_sequence_that_two_columns_count_by_stays_one(catalog: Catalog) -> None:
    visit = catalog.by_name[TableName("other", "visit")]
    assert {c.name: (c.identity, c.default) for c in visit.columns if c.default} == {
        "one": (None, "nextval('other.shared'::regclass)"),
        "two": (None, "nextval('other.shared'::regclass)"),
    }
    counted = {
        sequence.name: (str(sequence.table), sequence.column, sequence.last) for sequence in catalog.sequences
    }
    assert counted["person_id_seq"] == ("public.person", "id", 50)
    assert counted["shared"] == ("None", None, None)


def test_a_table_that_the_role_may_not_read_is_left_out(database: str) -> None:
    role = f"reader_{os.getpid()}"
    connection = psycopg2.connect(database)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"CREATE ROLE {role} LOGIN; GRANT SELECT ON person, event TO {role}")
    cursor.execute("ALTER TABLE event ENABLE ROW LEVEL SECURITY")
    try:
        found = read(LEGACY, database.replace("postgres:@", f"{role}:@", 1))
        assert [table.name for table in found.tables] == ["person"]
        why = {str(each.table): each.why for each in found.left_out}
        assert "policy" in why["public.event"]
        assert why["public.secret"] == why["other.visit"] == "the role may not read it: GRANT SELECT"
    finally:
        cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        connection.close()


def test_samples_and_values_without_a_parent_are_looked_up(database: str) -> None:
    with look(LEGACY, database, Selection(tables=("person", "ev*"))) as found:
        assert [table.name for table in found.catalog.tables] == ["event", "person"]
        event, person = found.catalog.tables
        assert sorted(found.sample(event, 10)) == [
            ("2020-05-05", "1"),
            ("2021-05-05", "2"),
            ("2021-05-06", "99"),
        ]
        assert len(found.sample(person, 5)) == 5
        assert found.missing(event, ("person",), person, ("id",), 100) == (1, 3)


def test_the_general_path_finds_the_same_structure(database: str) -> None:
    reader = READERS["sqlalchemy"]
    url = database.replace("postgresql://", "postgresql+psycopg2://", 1)
    with reader.snapshot(LEGACY, url) as snapshot:
        found = reader.read(snapshot, LEGACY, ())
        person = found.by_name[TableName("public", "person")]
        assert person.primary_key == ("id",)
        assert {key.columns for key in person.uniques} == {("nr",), ("tag", "age")}
        assert Index("by_age", ("age", "tag")) in person.indexes
        assert {c.name: c.identity for c in person.columns if c.identity} == {
            "id": "by default",
            "nr": "always",
        }
        assert person.column("feels").enum == ("sad", "ok")
        visit = found.by_name[TableName("other", "visit")]
        assert {key.columns for key in visit.foreign_keys} == {("person",), ("tag", "age")}
        assert len(reader.sample(snapshot, person, 5)) == 5
        event = found.by_name[TableName("public", "event")]
        assert reader.missing(snapshot, event, ("person",), person, ("id",), 100) == (1, 3)
        assert UniqueKey("person_nr_key", ("nr",)) in person.uniques
