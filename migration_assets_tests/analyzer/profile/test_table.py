"""Figures of columns, the same whichever database has the rows; readings counted by the server itself."""

import time
from collections.abc import Callable

import psycopg2
import pymysql
import pytest

from migration_assets.analyzer.profile.model import Figures, Profile
from migration_assets.analyzer.profile.survey import Wanted, profile
from migration_assets_tests import mariadb
from migration_assets_tests.analyzer.profile.conftest import Place
from migration_assets_tests.tables.shop import ask

Make = Callable[..., Place]

ROWS = 400
TABLE = (
    "CREATE TABLE parcel (id integer PRIMARY KEY, town varchar(20), weight decimal(8,2), sent date, email varchar(40))",
    "INSERT INTO parcel VALUES "
    + ", ".join(
        f"({n}, {'NULL' if n % 4 == 0 else repr(['Riga', 'Oslo', 'Bergen'][n % 3])}, {n / 4}, "
        f"'20{n % 20 + 10}-03-{n % 28 + 1:02d}', 'person{n}@example.com')"
        for n in range(1, ROWS + 1)
    ),
)


def looked(place: Place, sample_above: int = 1_000_000) -> Profile:
    """By the contracts that discovery proposes."""
    return profile(Wanted("legacy", sample_above=sample_above), {}, place.environment)


def figures(found: Profile) -> dict[str, Figures]:
    (table,) = found.tables
    return {column.name: column for column in table.columns}


@pytest.mark.parametrize("backend", ["sqlite", "postgres", "mysql", "general"])
def test_every_column_has_its_figures(backend: str, request: pytest.FixtureRequest) -> None:
    place: Place = request.getfixturevalue("sqlite" if backend == "general" else backend)(*TABLE)
    if backend == "general":
        place.source = place.source.replace("sqlite:", "sqlite+pysqlite:")
    found = looked(place)
    columns = figures(found)
    town, weight, sent, email = (columns[name] for name in ("town", "weight", "sent", "email"))
    assert (found.tables[0].rows, found.tables[0].read, found.tables[0].scans) == (ROWS, ROWS, 2)
    assert (town.nulls, town.distinct, town.distinct_exact) == (100, 3, True)
    assert (town.lowest, town.highest) == ("Bergen", "Riga")
    assert {(each.text, each.rows) for each in town.top} == {("Riga", 100), ("Oslo", 100), ("Bergen", 100)}
    assert (town.shortest, town.longest) == (4, 6)
    assert float(weight.lowest or 0) == 0.25
    assert float(weight.highest or 0) == 100
    assert weight.histogram is not None
    assert sum(weight.histogram.rows) == ROWS
    assert (sent.lowest, sent.highest) == ("2010-03-01", "2029-03-28")
    assert [each.text for each in sent.shapes] == ["9999-99-99"]
    assert {each.text for each in email.shapes} == {"aa9@aa.aa", "aa99@aa.aa", "aa999@aa.aa"}


@pytest.mark.parametrize("backend", ["sqlite", "postgres", "mysql"])
def test_personal_columns_show_no_value(backend: str, request: pytest.FixtureRequest) -> None:
    email = figures(looked(request.getfixturevalue(backend)(*TABLE)))["email"]
    assert email.personal
    assert (email.lowest, email.highest, email.top, email.histogram) == (None, None, (), None)
    assert email.distinct == ROWS


@pytest.mark.parametrize("backend", ["sqlite", "postgres", "mysql"])
def test_of_a_large_table_some_rows_are_read_and_the_rest_is_counted(
    backend: str, request: pytest.FixtureRequest
) -> None:
    found = looked(request.getfixturevalue(backend)(*TABLE), sample_above=100)
    (table,) = found.tables
    assert table.sampled
    assert 40 < table.read < 200
    assert table.rows == ROWS
    assert figures(found)["town"].nulls == 100
    assert figures(found)["id"].distinct == ROWS


def test_a_hazard_that_the_source_counts_is_found_outside_of_the_sample(postgres: Make) -> None:
    place = postgres(
        "CREATE TABLE years (id integer PRIMARY KEY, day date)",
        "INSERT INTO years SELECT n, CASE WHEN n = 777 THEN 'infinity' ELSE date '2020-01-01' END "
        "FROM generate_series(1, 1000) n",
    )
    found = looked(place, sample_above=10)
    (hazard,) = [each for each in found.all_hazards if each.kind == "infinity"]
    assert (hazard.rows, hazard.certainty, hazard.keys) == (1, "exact", ("id=777",))


def test_a_table_is_read_at_most_three_times(postgres: Make) -> None:
    """PostgreSQL itself counts how often it reads the table from its beginning."""
    place = postgres(
        "CREATE TABLE parent (id integer PRIMARY KEY)",
        "INSERT INTO parent SELECT generate_series(1, 100)",
        "CREATE TABLE child (id integer PRIMARY KEY, parent_id integer, other_id integer)",
        "INSERT INTO child SELECT n, n % 100 + 1, n % 100 + 1 FROM generate_series(1, 5000) n",
        "ALTER TABLE child ADD CONSTRAINT one FOREIGN KEY (parent_id) REFERENCES parent NOT VALID, "
        "ADD CONSTRAINT other FOREIGN KEY (other_id) REFERENCES parent NOT VALID",
        "ANALYZE",
    )
    from migration_assets.analyzer.profile.survey import proposed

    contracts = proposed("legacy", place.environment)
    before = readings(place.source, "child")
    found = profile(Wanted("legacy", ("child",), 1000), contracts, place.environment)
    assert found.tables[0].scans == 3
    assert readings(place.source, "child") - before <= 3


def readings(url: str, table: str) -> int:
    time.sleep(1.2)  # the server tells its counts once in a second
    return int(ask(url, [f"SELECT seq_scan FROM pg_stat_user_tables WHERE relname = '{table}'"])[0][0])


def test_a_role_that_may_only_read_is_enough_for_postgres(postgres: Make) -> None:
    place = postgres(*TABLE)
    own = place.source
    ask(own, ["CREATE ROLE profile_reader LOGIN", "GRANT SELECT ON parcel TO profile_reader"])
    try:
        place.source = own.replace("postgres:@", "profile_reader:@")
        assert looked(place).tables[0].rows == ROWS
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(place.source, ["DELETE FROM parcel"])
    finally:
        ask(own, ["DROP OWNED BY profile_reader", "DROP ROLE profile_reader"])


def test_a_role_that_may_only_read_is_enough_for_mysql(mysql: Make) -> None:
    place = mysql(*TABLE)
    own, database = place.source, place.source.rpartition("/")[2]
    mariadb.run(
        own,
        "CREATE USER 'profile_reader'@'%' IDENTIFIED BY 'x'",
        f"GRANT SELECT ON `{database}`.* TO 'profile_reader'@'%'",
    )
    try:
        place.source = "mysql://profile_reader:x@" + own.partition("@")[2]
        assert looked(place).tables[0].rows == ROWS
        with pytest.raises(pymysql.err.OperationalError):
            mariadb.run(place.source, "DELETE FROM parcel")
    finally:
        mariadb.run(own, "DROP USER 'profile_reader'@'%'")
