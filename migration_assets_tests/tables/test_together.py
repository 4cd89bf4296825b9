"""Partitions that hold each other's rows are loaded in one transaction: old or new, and never refused for ever."""

import random
import time
from collections.abc import Sequence

import psycopg2
import psycopg2.extensions
import pytest

from migration_assets.contracts.model import ByValue, Column, Reference
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets.tables import side_by_side
from migration_assets_tests.tables.shop import Shop, contract
from migration_assets_tests.tables.test_rollback_interruption import Reader, killed_after

PLACES = ("east", "north", "south", "west")
ROWS = "SELECT no, place, chief, note FROM {} ORDER BY no"
LEDGER = "SELECT partition, max(generation) FROM migration.load WHERE loaded > 0 GROUP BY 1 ORDER BY 1"
WRITERS = "SELECT place, min(xmin::text), max(xmin::text) FROM shop.seats GROUP BY 1 ORDER BY 1"
SEATS = contract(
    "seats",
    "seats",
    columns=(
        Column("no", "bigint", sources=("no",), required=True),
        Column("place", "text", sources=("place",)),
        Column("chief", "bigint", sources=("chief",)),
        Column("note", "text", sources=("note",)),
    ),
    primary_key=("no",),
    partitioning=ByValue("place", PLACES),
)
TICKETS = contract(
    "tickets",
    "tickets",
    columns=(
        Column("id", "bigint", sources=("id",), required=True),
        Column("seat", "bigint", sources=("seat",)),
    ),
    primary_key=("id",),
    partitioning=ByValue("id", ("1",)),
    references=(Reference(("seat",), "seats", ("no",)),),
)


@pytest.fixture
def seats(shop: Shop) -> Shop:
    """Ten seats in each of four places, loaded once; seat 1 is in the east, seat 11 in the north ..."""
    shop.ask_old(
        "CREATE TABLE seats (no bigint PRIMARY KEY, place text, chief bigint, note text)",
        "INSERT INTO seats SELECT i, (ARRAY['east', 'north', 'south', 'west'])[1 + (i - 1) / 10], NULL, 'n' || i "
        "FROM generate_series(1, 40) i",
    )
    shop.contract(SEATS)
    assert failures(moved(shop, (*PLACES, "rest"))) == {}
    return shop


def moved(
    shop: Shop,
    partitions: Sequence[str] = PLACES,
    *,
    name: str = "seats",
    run_id: str = "run",
    beside: Sequence[str] = (),
) -> list[StageResult]:
    return list(shop.migration(name).move_beside(partitions, STAGES, run_id, lambda: frozenset(beside)))


def failures(results: Sequence[StageResult]) -> dict[str, str]:
    return {result.partition: result.failure for result in results if result.failure}


def swap(shop: Shop, *places: str) -> None:
    """The first seat of each place goes to the next place, that of the last one to the first."""
    firsts = [1 + 10 * PLACES.index(place) for place in places]
    goes = " ".join(
        f"WHEN {no} THEN '{place}'" for no, place in zip(firsts, (*places[1:], places[0]), strict=True)
    )
    shop.ask_old(
        f"UPDATE seats SET note = 'moved', place = CASE no {goes} END WHERE no IN ({', '.join(map(str, firsts))})"
    )


def is_as_the_source(shop: Shop) -> bool:
    return shop.ask_new(ROWS.format("shop.seats")) == shop.ask_old(ROWS.format("seats"))


def generations(shop: Shop) -> dict[str, int]:
    return dict(shop.ask_new(LEDGER))  # type: ignore[arg-type]


def test_two_partitions_that_hold_each_others_rows_are_loaded_in_one_transaction(seats: Shop) -> None:
    swap(seats, "north", "south")
    results = moved(seats, run_id="again")
    assert failures(results) == {}
    assert is_as_the_source(seats)
    assert generations(seats) == dict.fromkeys(PLACES, 2)
    writers = {place: {first, last} for place, first, last in seats.ask_new(WRITERS)}
    assert all(len(each) == 1 for each in writers.values())
    assert writers["north"] == writers["south"]
    assert len(set(map(str, writers.values()))) == 3
    loaded = [result for result in results if result.stage == "loaded"]
    assert sorted(result.partition for result in loaded) == sorted(PLACES)
    for result in loaded:
        assert result.report is not None
        assert {outcome.name for outcome in result.report.outcomes if outcome.passed} == {
            "count", "checksum", "referential",
        }  # fmt: skip


def test_three_in_a_circle_and_those_that_wait_for_them_come_in_one_run(seats: Shop) -> None:
    swap(seats, "north", "south", "west")
    # only waits for a row that stands in the circle
    seats.ask_old("UPDATE seats SET place = 'east' WHERE no = 15")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)
    writers = {place: first for place, first, _ in seats.ask_new(WRITERS)}
    assert writers["north"] == writers["south"] == writers["west"] != writers["east"]


def test_partitions_beside_one_another_in_lanes_are_brought_together_too(
    seats: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "LONG", 0.0)
    swap(seats, "north", "south")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)


def test_one_that_is_asked_for_alone_names_the_other_and_the_command_that_takes_both(seats: Shop) -> None:
    before = seats.ask_new(ROWS.format("shop.seats"))
    swap(seats, "north", "south")
    (failure,) = failures(moved(seats, ["north"])).values()
    assert "partition south" in failure
    assert "`migrate run seats --partitions north,south`" in failure
    assert seats.ask_new(ROWS.format("shop.seats")) == before
    assert failures(moved(seats, ["north", "south"])) == {}
    assert is_as_the_source(seats)


def test_one_that_another_run_of_the_same_command_has_staged_is_taken_along(seats: Shop) -> None:
    swap(seats, "north", "south", "west")
    assert set(failures(moved(seats, ["north"], run_id="1"))) == {"north"}
    assert set(failures(moved(seats, ["south"], run_id="2", beside=("1", "2", "3")))) == {"south"}
    third = moved(seats, ["west"], run_id="3", beside=("1", "2", "3"))
    assert failures(third) == {}
    loaded = [result.partition for result in third if result.stage == "loaded"]
    assert sorted(loaded) == ["north", "south", "west"]
    assert is_as_the_source(seats)
    assert generations(seats) == {"east": 1, "north": 2, "south": 2, "west": 2}


def test_what_a_run_of_another_command_has_left_is_never_taken_along(seats: Shop) -> None:
    swap(seats, "north", "south")
    assert set(failures(moved(seats, ["north"], run_id="earlier"))) == {"north"}
    assert set(failures(moved(seats, ["south"], run_id="2", beside=("1", "2")))) == {"south"}
    assert generations(seats) == dict.fromkeys(PLACES, 1)


def test_a_key_that_the_source_has_twice_is_refused_and_nothing_changes(seats: Shop) -> None:
    before = seats.ask_new(ROWS.format("shop.seats"))
    seats.ask_old("ALTER TABLE seats DROP CONSTRAINT seats_pkey")
    swap(seats, "north", "south")
    seats.ask_old("INSERT INTO seats VALUES (99, 'north', NULL, 'a secret'), (99, 'south', NULL, 'a secret')")
    found = failures(moved(seats))
    assert set(found) == {"north", "south"}
    for failure in found.values():
        assert "twice" in failure
        assert "99" not in failure
        assert "secret" not in failure
    assert seats.ask_new(ROWS.format("shop.seats")) == before
    assert generations(seats) == {"east": 2, "north": 1, "south": 1, "west": 2}
    seats.ask_old("DELETE FROM seats WHERE no = 99 AND place = 'south'")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)


def test_a_key_in_a_partition_that_was_loaded_just_now_is_refused_by_its_name(seats: Shop) -> None:
    seats.ask_old(
        "ALTER TABLE seats DROP CONSTRAINT seats_pkey",
        "INSERT INTO seats VALUES (99, 'north', NULL, 'one'), (99, 'south', NULL, 'two')",
    )
    found = failures(moved(seats))
    assert set(found) == {"south"}
    assert "partition north" in found["south"]
    assert "twice" in found["south"]
    assert seats.ask_new("SELECT place FROM shop.seats WHERE no = 99") == [("north",)]


def test_one_that_is_refused_for_its_rows_holds_back_only_those_that_need_it(seats: Shop) -> None:
    seats.contract(SEATS, checks={"short": "length(note) < 20"})
    seats.ask_new("DROP TABLE shop.seats", "DELETE FROM migration.load")
    assert failures(moved(seats)) == {}
    swap(seats, "north", "south")
    seats.ask_old(
        "UPDATE seats SET place = 'west' WHERE no = 2",
        "UPDATE seats SET place = 'east', note = repeat('long', 9) WHERE no = 32",
    )
    found = failures(moved(seats))
    assert set(found) == {"east", "west"}
    assert all("short" in failure or "partition east" in failure for failure in found.values())
    assert all("long" not in failure.replace("long,", "") for failure in found.values())
    assert generations(seats)["north"] == generations(seats)["south"] == 2
    seats.ask_old("UPDATE seats SET note = 'n' WHERE no = 32")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)


def test_a_row_that_moves_under_the_foreign_key_of_another_table_takes_both_along(seats: Shop) -> None:
    seats.contract(TICKETS)
    seats.ask_old(
        "CREATE TABLE tickets (id bigint PRIMARY KEY, seat bigint)", "INSERT INTO tickets VALUES (1, 11)"
    )
    assert failures(moved(seats, ["1", "rest"], name="tickets")) == {}
    keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'shop.tickets'::regclass"
    assert seats.ask_new(keys) == [(1,)]
    seats.ask_old("UPDATE seats SET place = 'south' WHERE no = 11")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)
    seats.ask_old("UPDATE seats SET place = 'north' WHERE no = 11")
    assert set(failures(moved(seats, ["south"], run_id="1"))) == {"south"}
    assert failures(moved(seats, ["north"], run_id="2", beside=("1", "2"))) == {}
    assert is_as_the_source(seats)


@pytest.mark.parametrize("moves", ["the one that is referred to", "references in a circle"])
def test_rows_of_a_table_that_refers_to_itself_find_one_another(seats: Shop, moves: str) -> None:
    seats.contract(SEATS, references=(Reference(("chief",), "seats", ("no",)),))
    seats.ask_old("UPDATE seats SET chief = 11 WHERE no IN (25, 35)")
    assert failures(moved(seats)) == {}
    if moves == "references in a circle":
        seats.ask_old(
            "INSERT INTO seats VALUES (51, 'north', NULL, ''), (52, 'south', 51, ''), (53, 'west', 52, '')",
            "UPDATE seats SET chief = 53 WHERE no = 51",
        )
    else:
        seats.ask_old("UPDATE seats SET place = 'south' WHERE no = 11")
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)
    seats.ask_old(
        "UPDATE seats SET chief = 1000 WHERE no IN (15, 26)", "UPDATE seats SET note = '' WHERE no = 35"
    )
    results = moved(seats)
    assert set(failures(results)) == {"north", "south"}
    assert [r.partition for r in results if r.report and r.report.refusal] == ["north", "south"]
    assert seats.ask_new("SELECT note FROM shop.seats WHERE no = 35") == [("",)]


def test_a_row_that_somebody_has_written_by_hand_is_told_as_nobodys(seats: Shop) -> None:
    seats.ask_old("INSERT INTO seats VALUES (77, 'north', NULL, '')")
    seats.ask_new("INSERT INTO shop.seats VALUES (77, NULL, NULL, 'by hand')")
    assert "partition rest" in failures(moved(seats, ["north"]))["north"]


class Cut(psycopg2.extensions.connection):
    """Commits, and then behaves as if the answer had been lost."""

    def commit(self) -> None:
        super().commit()
        self.close()
        raise psycopg2.OperationalError("server closed the connection unexpectedly")


def test_an_answer_to_the_commit_that_was_lost_is_settled_from_the_ledger(
    seats: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migration_assets.tables.load import Load

    run = Load.run

    def cut(self: Load, connection: psycopg2.extensions.connection, again: object) -> object:
        if len(self.arriving) > 1:
            connection = psycopg2.connect(seats.new, connection_factory=Cut)
        return run(self, connection, again)  # type: ignore[arg-type]

    swap(seats, "north", "south")
    monkeypatch.setattr(Load, "run", cut)
    assert failures(moved(seats)) == {}
    assert is_as_the_source(seats)
    assert generations(seats) == dict.fromkeys(PLACES, 2)


def test_killed_at_any_moment_it_is_old_or_new_and_the_same_command_recovers(seats: Shop) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    seats.ask_old(
        "INSERT INTO seats SELECT i, CASE i % 2 WHEN 0 THEN 'north' ELSE 'south' END, NULL, 'n' || i "
        "FROM generate_series(1000, 5000) i"
    )
    both = ["north", "south"]
    assert failures(moved(seats, both)) == {}
    seen = [seats.ask_new(Looks.LOOK)[0]]
    turn = "UPDATE seats SET place = CASE place WHEN 'north' THEN 'south' ELSE 'north' END WHERE no >= 1000"
    seats.ask_old(turn)
    started = time.monotonic()
    assert failures(moved(seats, both)) == {}
    takes, kills = time.monotonic() - started, 0
    seen.append(seats.ask_new(Looks.LOOK)[0])
    reader = Looks(seats.new)
    reader.start()
    for trial in range(4):
        seats.ask_old(turn)
        # most of the time goes by in the one transaction
        at = chance.uniform(takes * 0.3, takes * 1.1)
        kills += not killed_after(at, lambda: moved(seats, both, run_id="killed"))
        assert failures(moved(seats, both, run_id=f"after {trial}")) == {}
        assert is_as_the_source(seats)
    reader.stop()
    print(f"{kills} of 4 were killed before their end; {reader.looks} looks; one takes {takes:.2f} s")
    assert kills
    assert reader.seen == set(seen)


class Looks(Reader):
    LOOK = (
        "SELECT count(*), coalesce(sum(hashtextextended(no::text || place, 0)), 0), count(DISTINCT no) "
        "FROM shop.seats"
    )

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._end.is_set():
                cursor.execute(self.LOOK)
                self.seen.add(cursor.fetchone() or ())
                self.looks += 1
        connection.close()
