"""What every source must do, whatever it reads."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from migration_assets.contracts.model import Scalar, TableName
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError
from migration_assets.planning.partitions import AllRows, Bounds, OneOf, Outside, Range
from migration_assets.tables.sources.base import SourceTable
from migration_assets_tests.tables.sources.homes import Home, read, reading, rows_of

NAMES = [
    "2019",
    '"; drop table x; --',
    "special\"[]'",
    "ünïcode",
    "100%s :name ?",
    "back`tick",
    "select",
    "a" * 63,
]
TEXTS = [
    "",
    " ",
    "a",
    "A",
    "a ",
    "\\N",
    "\\.",
    "\\!",
    "tab\there",
    "line\nbreak",
    "back\\slash",
    "car\rriage",
    "\b\f\v",
    "é",
    "🐘",
    "'quoted\" \u2028",
    "x" * 5000,
]


def describe(home: Home, table: str) -> SourceTable:
    with home.source.snapshot(home.server, home.reading) as snapshot:
        return home.source.describe(snapshot, TableName(None, table))


def things(home: Home) -> None:
    """A table with keys, NULLs, and texts that only their bytes tell apart."""
    home.run(
        "CREATE TABLE things (id integer PRIMARY KEY, number integer, word varchar(6000), made date, "
        "code integer NOT NULL, UNIQUE (code, number))"
    )
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    first = date(2019, 1, 1)
    home.insert(
        "things",
        [
            (
                key,
                random.choice([None, random.randrange(-50, 50)]),
                random.choice([None, *TEXTS]),
                random.choice([None, (first + timedelta(random.randrange(120))).isoformat()]),
                key,
            )
            for key in range(1, 301)
        ],
    )


def test_the_catalog_tells_columns_and_keys(home: Home) -> None:
    things(home)
    table = describe(home, "things")
    assert [column.name for column in table.columns] == ["id", "number", "word", "made", "code"]
    assert table.primary_key == ("id",)
    assert table.unique == (("code", "number"),)
    nullable = {column.name: column.nullable for column in table.columns}
    assert nullable == {"id": False, "number": True, "word": True, "made": True, "code": False} or (
        home.kind == "sqlalchemy" and nullable["number"] and not nullable["code"]
    )


def test_a_table_that_is_not_there_is_named(home: Home) -> None:
    with pytest.raises(MappingFault, match="nowhere"):
        describe(home, "nowhere")


def test_every_row_arrives_as_it_is(home: Home) -> None:
    home.run("CREATE TABLE t (id integer PRIMARY KEY, word varchar(6000))")
    words = [*TEXTS, None]
    home.insert("t", list(enumerate(words)))
    assert sorted(read(home, "t"), key=lambda row: int(row[0] or 0)) == [
        (str(place), word) for place, word in enumerate(words)
    ]


def test_random_texts_arrive_as_they_are(home: Home) -> None:
    random.seed(seed := random.randrange(10**9))
    print(f"seed {seed}")
    signs = "ab\\\t\n\r\b\f\v!N.é🐘'\" \x7f\x01\u0085"
    home.run("CREATE TABLE t (id integer PRIMARY KEY, word varchar(100), other varchar(100))")
    words = [
        (key, *("".join(random.choices(signs, k=random.randrange(9))) for _ in range(2)))
        for key in range(2000)
    ]
    home.insert("t", words)
    assert Counter(read(home, "t")) == Counter((str(key), one, two) for key, one, two in words)


def test_an_empty_table_gives_nothing(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    assert read(home, "t") == []


def test_pieces_are_whole_lines(home: Home) -> None:
    home.run("CREATE TABLE t (id integer, word varchar(200))")
    home.insert("t", [(key, "x" * 200) for key in range(20_000)])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        pieces = list(home.source.read(snapshot, reading(home, snapshot, "t")))
    assert len(pieces) > 1
    assert all(piece.endswith(b"\n") for piece in pieces)
    assert max(map(len, pieces)) < 4 << 20


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_taken_for_anything_else(home: Home, name: str) -> None:
    table, column = home.quoted(name), home.quoted(name)
    home.run("CREATE TABLE x (id integer)", f"CREATE TABLE {table} ({column} integer, word varchar(20))")
    home.insert(name, [(1, "one"), (2, "two"), (None, "none")])
    assert sorted(read(home, name), key=str) == [("1", "one"), ("2", "two"), (None, "none")]
    assert read(home, name, Range(1, 2), bounded=name) == [("1", "one")]
    with home.source.snapshot(home.server, home.reading) as snapshot:
        assert home.source.ranges(snapshot, reading(home, snapshot, name, bounded=name), 1) == (1, 2)
    assert home.ask("SELECT count(*) FROM x") == [(0,)]


def test_the_contracts_condition_is_kept_to(home: Home) -> None:
    home.run("CREATE TABLE t (id integer, word varchar(20))")
    home.insert("t", [(1, "100%"), (2, "a:b"), (3, "it's"), (4, None)])
    where = "word LIKE '%:b' OR word = '100%' -- and no more"
    assert sorted(read(home, "t", where=where)) == [("1", "100%"), ("2", "a:b")]
    assert read(home, "t", Range(2, 4), where=where, bounded="id") == [("2", "a:b")]


def test_a_condition_that_cannot_be_read_is_told_without_its_values(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    with pytest.raises(MigrationError) as told:
        read(home, "t", where="nothing = 'Canary'")
    assert "Canary" not in str(told.value)
    assert not told.value.passing


def partitions_by_key(home: Home) -> tuple[str, list[Bounds]]:
    with home.source.snapshot(home.server, home.reading) as snapshot:
        edges = home.source.ranges(snapshot, reading(home, snapshot, "things", bounded="number"), 20)
    assert len(edges) > 3
    assert list(edges) == sorted(set(edges))
    ranges = [Range(low, high) for low, high in zip(edges, [*edges[1:], None], strict=True)]
    return "number", [*ranges, Outside(below=edges[0])]


def partitions_by_text_key(home: Home) -> tuple[str, list[Bounds]]:
    with home.source.snapshot(home.server, home.reading) as snapshot:
        edges = home.source.ranges(snapshot, reading(home, snapshot, "things", bounded="word"), 30)
    assert list(edges) == sorted(set(edges))
    ranges = [Range(low, high) for low, high in zip(edges, [*edges[1:], None], strict=True)]
    return "word", [*ranges, Outside(below=edges[0])]


def partitions_by_value(home: Home) -> tuple[str, list[Bounds]]:
    values = ("a", "A", "", "é", "it is not there")
    return "word", [*(OneOf((value,)) for value in values), Outside(values=values)]


def partitions_by_found_value(home: Home) -> tuple[str, list[Bounds]]:
    with home.source.snapshot(home.server, home.reading) as snapshot:
        values = home.source.values(snapshot, reading(home, snapshot, "things", bounded="word"), 100)
    assert list(values) == sorted(values)
    return "word", [*(OneOf((value,)) for value in values), Outside(values=values)]


def partitions_by_number(home: Home) -> tuple[str, list[Bounds]]:
    return "number", [OneOf((-7,)), OneOf((0, 1)), Outside(values=(-7, 0, 1))]


def partitions_by_month(home: Home) -> tuple[str, list[Bounds]]:
    edges = [datetime(2019, 2, 1), datetime(2019, 3, 1), datetime(2019, 4, 1)]
    months: list[Bounds] = [Range(low, high) for low, high in pairwise(edges)]
    return "made", [*months, Outside(below=edges[0], above=edges[-1])]


def partitions_by_date(home: Home) -> tuple[str, list[Bounds]]:
    return "made", [Range(None, date(2019, 3, 1)), Range(date(2019, 3, 1), None), Outside()]


@pytest.mark.parametrize(
    "partitioned",
    [
        partitions_by_key,
        partitions_by_text_key,
        partitions_by_value,
        partitions_by_found_value,
        partitions_by_number,
        partitions_by_month,
        partitions_by_date,
        lambda home: ("id", [AllRows()]),
    ],
)
def test_every_row_is_in_exactly_one_partition(
    home: Home, partitioned: Callable[[Home], tuple[str, list[Bounds]]]
) -> None:
    things(home)
    column, partitions = partitioned(home)
    found = [row for bounds in partitions for row in read(home, "things", bounds, bounded=column)]
    assert sorted(row[0] or "" for row in found) == sorted(map(str, range(1, 301)))


def test_a_value_means_its_very_bytes(home: Home) -> None:
    home.run("CREATE TABLE t (id integer, word varchar(20))")
    home.insert("t", list(enumerate(["a", "A", "a ", "á", "", None])))
    for place, value in enumerate(["a", "A", "a ", "á", ""]):
        assert read(home, "t", OneOf((value,)), bounded="word") == [(str(place), value)]


def test_months_hold_their_own_days(home: Home) -> None:
    home.run(
        "CREATE TABLE t (made timestamp NULL)" if home.engine != "sqlite" else "CREATE TABLE t (made text)"
    )
    home.insert("t", [("2019-01-31 23:59:59",), ("2019-02-01 00:00:00",), ("2019-02-28 23:00:00",)])
    month = Range(datetime(2019, 2, 1), datetime(2019, 3, 1))
    assert len(read(home, "t", month, bounded="made")) == 2
    hour = Range(datetime(2019, 2, 28, 23), datetime(2019, 3, 1))
    assert len(read(home, "t", hour, bounded="made")) == 1


def test_ranges_are_about_equal(home: Home) -> None:
    home.run("CREATE TABLE t (id integer PRIMARY KEY)")
    home.insert("t", [(key,) for key in range(0, 3000, 3)])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, "t", bounded="id")
        assert home.source.ranges(snapshot, asked, 250) == (0, 750, 1500, 2250)
        assert home.source.ranges(snapshot, asked, 10_000) == (0,)
        asked = reading(home, snapshot, "t", bounded="id", where="id < 600")
        assert home.source.ranges(snapshot, asked, 100) == (0, 300)
        asked = reading(home, snapshot, "t", bounded="id", where="id < 0")
        assert home.source.ranges(snapshot, asked, 100) == ()


def test_many_rows_of_one_key_stay_in_one_range(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    home.insert("t", [(key,) for key in [1] * 50 + [2] * 3 + [3] * 50 + [None] * 9])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        edges = home.source.ranges(snapshot, reading(home, snapshot, "t", bounded="id"), 10)
    assert edges[0] == 1
    assert set(edges) <= {1, 2, 3}
    assert 3 in edges or 2 in edges


def test_values_are_at_most_one_more_than_asked_for(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    home.insert("t", [(key,) for key in [5, 3, 3, None, 1, 4, 10]])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, "t", bounded="id")
        found: tuple[Scalar, ...] = home.source.values(snapshot, asked, 10)
        assert found == (1, 3, 4, 5, 10)
        assert home.source.values(snapshot, asked, 2) == (1, 3, 4)


def test_a_row_that_comes_meanwhile_is_not_seen(home: Home) -> None:
    home.run("CREATE TABLE t (id integer, word varchar(200))")
    home.insert("t", [(key, "x" * 200) for key in range(20_000)])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, "t")
        pieces = iter(home.source.read(snapshot, asked))
        found = [next(pieces)]
        home.insert("t", [(-1, "late")])
        home.run("DELETE FROM t WHERE id > 10000")
        found += pieces
        assert b"".join(found).count(b"\n") == 20_000
        assert home.source.count(snapshot, asked) == 20_000


def test_the_snapshot_is_from_its_beginning(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    home.insert("t", [(1,)])
    with home.source.snapshot(home.server, home.reading) as snapshot:
        home.insert("t", [(2,)])
        assert rows_of(home.source.read(snapshot, reading(home, snapshot, "t"))) == [("1",)]
        assert home.source.position(snapshot)


def test_nothing_can_be_written_through_a_snapshot(home: Home) -> None:
    home.run("CREATE TABLE t (id integer)")
    with home.source.snapshot(home.server, home.reading) as snapshot:
        if home.kind == "mysql":
            with pytest.raises(MigrationError):
                snapshot.ask("INSERT INTO t VALUES (1)")
        else:
            writes = snapshot.exec_driver_sql if home.kind == "sqlalchemy" else snapshot.cursor().execute
            with pytest.raises(Exception, match=r"read-?only"):
                writes("INSERT INTO t VALUES (1)")
    assert home.ask("SELECT count(*) FROM t") == [(0,)]


def test_a_role_with_select_alone_suffices(home: Home) -> None:
    things(home)
    url = home.reader_url("things")
    try:
        reader = Home(home.kind, home.engine, home.writing, url)
        assert len(read(reader, "things")) == 300
        assert describe(reader, "things") == describe(home, "things")
        column, partitions = partitions_by_key(reader)
        assert sum(len(read(reader, "things", bounds, bounded=column)) for bounds in partitions) == 300
    finally:
        home.forget_reader()


def test_a_reader_that_stops_early_leaves_nothing_behind(home: Home) -> None:
    home.run("CREATE TABLE t (id integer, word varchar(200))")
    home.insert("t", [(key, "x" * 200) for key in range(50_000)])
    threads = threading.active_count()
    with home.source.snapshot(home.server, home.reading) as snapshot:
        asked = reading(home, snapshot, "t")
        for _ in range(3):
            with closing(home.source.read(snapshot, asked)) as pieces:  # type: ignore[type-var]
                next(iter(pieces))
            assert threading.active_count() == threads
        # and the snapshot lives on
        assert home.source.count(snapshot, asked) == 50_000
        assert len(rows_of(home.source.read(snapshot, asked))) == 50_000
    deadline = time.monotonic() + 5
    while home.connections() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert home.connections() == 0


def test_a_connection_that_dies_is_told_as_passing(home: Home) -> None:
    if home.engine == "sqlite":
        pytest.skip("a file has no connection")
    home.run("CREATE TABLE t (id integer, word varchar(200))")
    home.insert("t", [(key, "x" * 200) for key in range(100_000)])
    threads = threading.active_count()
    with home.source.snapshot(home.server, home.reading) as snapshot:
        pieces = iter(home.source.read(snapshot, reading(home, snapshot, "t")))
        next(pieces)
        home.cut_connections()
        with pytest.raises(MigrationError) as told:
            for _ in pieces:
                pass
    assert told.value.passing
    assert "xxxx" not in str(told.value)
    assert threading.active_count() == threads


def test_a_large_cell_arrives(home: Home) -> None:
    large = "text" if home.engine != "mysql" else "longtext"
    home.run(f"CREATE TABLE t (id integer, word {large})")
    word = "0123456789\n\\é" * 800_000
    home.insert("t", [(1, word), (2, None)])
    found = dict(read(home, "t"))
    assert found["2"] is None
    assert found["1"] == word


def test_a_server_that_is_not_there_is_told_without_the_password(home: Home) -> None:
    gone = {
        "postgres": "postgresql+psycopg2://anna:Canary@127.0.0.1:1/x",
        "mysql": "mysql://anna:Canary@127.0.0.1:1/x",
        "sqlite": "sqlite:////nowhere/at/all.db",
    }[home.engine]
    if home.kind == "sqlalchemy" and home.engine == "sqlite":
        pytest.skip("SQLAlchemy would make the file's folder its own business")
    with pytest.raises(MigrationError) as told, home.source.snapshot(home.server, gone):
        pass
    assert "Canary" not in str(told.value)
    assert told.value.passing or isinstance(told.value, ConnectionRefused)


def test_a_source_tells_how_many_rows_there_are_and_the_highest_value_of_a_column(home: Home) -> None:
    things(home)
    with home.source.snapshot(home.server, home.reading) as snapshot:
        some = reading(home, snapshot, "things", bounds=Range(1, 101), bounded="id")
        empty = reading(home, snapshot, "things", bounds=Range(5000, 6000), bounded="id")
        key, made = some.table.column("id"), some.table.column("made")
        assert key
        assert made
        assert home.source.extent(snapshot, some, key) == (100, "100")
        assert home.source.extent(snapshot, empty, key) == (0, None)
        rows, latest = home.source.extent(snapshot, some, made)
    ((expected,),) = home.ask("SELECT max(made) FROM things WHERE id <= 100")
    assert (rows, latest) == (100, str(expected))
