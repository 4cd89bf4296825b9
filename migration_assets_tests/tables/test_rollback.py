"""An earlier generation comes back to the byte, or nothing changes and it is said why."""

from collections.abc import Sequence
from dataclasses import replace

import psycopg2
import psycopg2.extensions
import pytest

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import ByValue, Column, Reference
from migration_assets.stages.way import StageResult
from migration_assets_tests.tables.going_back import asked, done, planned, rolled_back
from migration_assets_tests.tables.shop import CUSTOMERS, NO_NEGATIVE, ORDERS, Shop

ROWS = "SELECT c::text FROM shop.customers AS c ORDER BY id"
ORDER_ROWS = "SELECT o::text FROM shop.orders AS o ORDER BY id"
LEDGER = (
    "SELECT generation, loaded, quarantined, state, staged, fingerprint FROM migration.load "
    "WHERE contract = 'customers' ORDER BY generation"
)


def outcome(results: Sequence[StageResult], name: str) -> CheckOutcome:
    return next(o for r in results if r.report for o in r.report.outcomes if o.name == name)


def failures(results: Sequence[StageResult]) -> list[str]:
    return [result.failure for result in results if result.failure]


def three_generations(shop: Shop) -> list[list[tuple[str]]]:
    """The rows of each."""
    rows: list[list[tuple[str]]] = []
    for number in (1, 2, 3):
        shop.run("customers", run_id=f"run-{number}")
        rows.append(shop.ask_new(ROWS))
        shop.ask_old(
            f"UPDATE custmast SET region = 'g{number}' WHERE custno % 7 = {number}",
            f"DELETE FROM custmast WHERE custno = {number}",
            f"INSERT INTO custmast SELECT {200 + number}, 'new', '20200101', 5, 'Y', now(), 'x'",
        )
    return rows


def test_the_generation_before_comes_back_to_the_byte_and_is_judged_again(shop: Shop) -> None:
    shop.contract(CUSTOMERS, quality=(NO_NEGATIVE,))
    rows = three_generations(shop)
    (result,) = rolled_back(shop, "customers")
    assert not result.failure
    assert shop.ask_new(ROWS) == rows[1]
    ledger = shop.ask_new(LEDGER)
    assert ledger[3] == (4, *ledger[1][1:3], "rolled_back", *ledger[1][4:])
    assert result.report
    assert (result.report.generation, result.report.fingerprint) == (4, ledger[1][-1])
    assert {o.name for o in result.report.outcomes if o.passed} == {
        "count", "checksum", "referential", "no_negative",
    }  # fmt: skip
    assert (result.report.facts["rolled_back_from"], result.report.facts["rolled_back_to"]) == (3, 2)


def test_rolling_back_again_goes_further_back_until_nothing_is_left(shop: Shop) -> None:
    rows = three_generations(shop)
    for expected in (rows[1], rows[0], []):
        assert failures(rolled_back(shop, "customers")) == []
        assert shop.ask_new(ROWS) == expected
    assert planned(shop, "customers").foreseen == ()
    assert failures(rolled_back(shop, "customers", to=3)) == []
    assert shop.ask_new(ROWS) == rows[2]
    shop.run("customers", run_id="run-4")
    assert failures(rolled_back(shop, "customers")) == []
    assert shop.ask_new(ROWS) == rows[2]


def test_an_emptied_partition_is_not_loaded_any_more(shop: Shop) -> None:
    shop.run("customers")
    rolled_back(shop, "customers")
    report = shop.run("orders")[-1]
    assert report.refusal is not None
    assert "customers" in next(o for o in report.outcomes if o.name == "referential").summary


def test_rows_that_were_changed_in_the_target_are_named_and_kept(shop: Shop) -> None:
    rows = three_generations(shop)
    shop.ask_new(
        "UPDATE shop.customers SET region = 'by hand' WHERE id = 50",
        "DELETE FROM shop.customers WHERE id = 51",
        "INSERT INTO shop.customers (id, active) VALUES (999, true)",
    )
    edited = shop.ask_new(ROWS)
    (foreseen,) = planned(shop, "customers").foreseen
    named = {(row.key, row.reason) for row in foreseen.edited_keys}
    assert named == {
        ("id=50", "changed in the target"),
        ("id=51", "missing in the target"),
        ("id=999", "extra in the target"),
    }
    results = rolled_back(shop, "customers")
    assert "--discard-target-changes" in results[0].failure
    assert "by hand" not in results[0].failure
    assert {(row.key, row.reason) for row in outcome(results, "checksum").rows} == named
    assert shop.ask_new(ROWS) == edited

    assert failures(rolled_back(shop, "customers", discard=True)) == []
    assert shop.ask_new(ROWS) == rows[1]


@pytest.mark.parametrize("fault", ["gone", "damaged"])
def test_staged_files_that_are_gone_or_damaged_leave_the_target_as_it_is(shop: Shop, fault: str) -> None:
    rows = three_generations(shop)
    for file in (shop.folder / "staging").rglob("00000002-*/*/rows.copy"):
        file.write_bytes(file.read_bytes()[:-9] + b"XXXXXXXX\n")
    if fault == "gone":
        for file in (shop.folder / "staging").rglob("00000002-*/transformed/manifest.json"):
            file.unlink()
        assert "not staged any more" in " ".join(planned(shop, "customers").refusals)
    (failure,) = failures(rolled_back(shop, "customers"))
    assert "migrate r" in failure
    assert shop.ask_new(ROWS) == rows[2]
    assert failures(rolled_back(shop, "customers", to=1)) == []
    assert shop.ask_new(ROWS) == rows[0]


def test_what_was_loaded_since_it_was_asked_for_stays(shop: Shop) -> None:
    three_generations(shop)
    found = asked(shop, "customers")
    shop.run("customers", run_id="run-4")
    rows = shop.ask_new(ROWS)
    (failure,) = failures(done(shop, found))
    assert "after the rollback was asked for" in failure
    assert shop.ask_new(ROWS) == rows
    assert planned(shop, "customers").begun is False


def test_an_interrupted_rollback_is_completed_and_not_begun_anew(shop: Shop) -> None:
    rows = three_generations(shop)
    first = asked(shop, "customers")
    again = planned(shop, "customers")
    assert (again.begun, again.restore) == (True, first.restore)
    done(shop, again, record=False)
    # it is in the target, but Dagster was never told
    again = planned(shop, "customers")
    assert [each.done for each in again.foreseen] == [True]
    (result,) = done(shop, again)
    assert result.report
    assert len(result.report.outcomes) == 3
    assert shop.ask_new(ROWS) == rows[1]
    assert shop.ask_new("SELECT max(generation) FROM migration.load") == [(4,)]
    assert planned(shop, "customers").foreseen[0].generation == 1


def both_twice(shop: Shop, *, finish: bool = True) -> list[list[tuple[str]]]:
    """Customers and orders; in the second generation some of both are gone, others new."""
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)")
    shop.run("customers", run_id="run-1")
    shop.run("orders", run_id="run-1")
    first = [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)]
    shop.ask_old(
        "DELETE FROM ordhdr WHERE custno = 7",
        "INSERT INTO custmast SELECT 201, 'new', '20200101', 5, 'Y', now(), 'x'",
        "INSERT INTO ordhdr VALUES (901, 201, 'new')",
    )
    shop.run("customers", run_id="run-2a")
    shop.run("orders", run_id="run-2a")
    shop.ask_old("DELETE FROM custmast WHERE custno = 7")
    shop.run("customers", run_id="run-2b")
    if finish:
        assert shop.ask_new("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == [(2,)]
    return [first, [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)]]


def test_contracts_that_refer_to_one_another_go_back_in_one_transaction(shop: Shop) -> None:
    first, _ = both_twice(shop)
    results = rolled_back(shop, "customers", "orders", to=1)
    assert failures(results) == []
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == first
    whole = "SELECT count(DISTINCT xmin::text) FROM migration.load WHERE state = 'rolled_back'"
    assert shop.ask_new(whole) == [(1,)]


def test_a_parent_is_not_taken_from_under_its_children(shop: Shop) -> None:
    _, second = both_twice(shop)
    results = rolled_back(shop, "customers", to=1)
    assert "referential" in results[0].failure
    assert "orders" in outcome(results, "referential").summary
    assert [row.key for row in outcome(results, "referential").rows] == ["id=901"]
    results = rolled_back(shop, "customers", to=0)
    assert outcome(results, "referential").counts["orphans"] == 297 + 1
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == second
    assert planned(shop, "customers").dependents == ("orders",)

    assert failures(rolled_back(shop, "customers", "orders", to=0)) == []
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == []


def test_a_child_does_not_come_back_without_its_parent(shop: Shop) -> None:
    _, second = both_twice(shop)
    results = rolled_back(shop, "orders", to=1)
    assert "customers" in outcome(results, "referential").summary
    assert {row.key for row in outcome(results, "referential").rows} == {"id=106", "id=206", "id=6"}
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == second


def test_a_foreign_key_that_no_contract_knows_is_told_by_its_name(shop: Shop) -> None:
    rows = three_generations(shop)
    shop.ask_new(
        "CREATE TABLE shop.letters (customer int CONSTRAINT letters_fk REFERENCES shop.customers DEFERRABLE)",
        "INSERT INTO shop.letters VALUES (202)",
    )
    (failure,) = failures(rolled_back(shop, "customers"))
    assert "letters_fk" in failure
    assert shop.ask_new(ROWS) == rows[2]


def test_rows_that_refer_to_their_own_table_or_in_a_circle_come_back(shop: Shop) -> None:
    columns = (
        *CUSTOMERS.columns,
        Column("friend", "integer", expression="CASE WHEN custno <= 100 THEN 101 - custno END"),
        Column("favourite", "bigint", expression="CASE WHEN custno <= 100 THEN custno END"),
    )
    references = (
        Reference(("friend",), "customers", ("id",)),
        Reference(("favourite",), "orders", ("id",), deferred=True),
    )
    shop.contract(
        CUSTOMERS, columns=columns, references=references, partitioning=ByValue("region", ("north",))
    )
    keys = [partition.key for partition in shop.migration("customers").partitions()]

    def load(run: str) -> list[tuple[str]]:
        for name, partition in [("customers", keys[0]), ("customers", keys[1]), ("orders", "all")]:
            assert shop.run(name, partition, run_id=run)[-1].refusal is None
        return [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)]

    first = load("run-1")
    shop.ask_old(
        "INSERT INTO custmast SELECT 201, 'new', '20200101', 5, 'Y', now(), 'north'",
        "INSERT INTO ordhdr VALUES (901, 201, 'new')",
        "UPDATE custmast SET flag = 'N'",
    )
    assert load("run-2") != first
    assert failures(rolled_back(shop, "customers", "orders")) == []
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == first


def test_rows_that_moved_between_partitions_come_back_together(shop: Shop) -> None:
    shop.contract(CUSTOMERS, partitioning=ByValue("region", ("north", "south")))
    keys = [partition.key for partition in shop.migration("customers").partitions()]
    for key in keys:
        shop.run("customers", key, run_id="run-1")
    first = shop.ask_new(ROWS)
    shop.ask_old("UPDATE custmast SET region = 'south' WHERE custno % 3 = 0 AND custno < 50")
    for key in keys:
        shop.run("customers", key, run_id="run-2")
    assert failures(rolled_back(shop, "customers", to=1)) == []
    assert shop.ask_new(ROWS) == first
    assert shop.ask_new("SELECT count(*) FROM migration.load WHERE state = 'rolled_back'") == [(3,)]


def test_quarantined_rows_of_that_generation_are_on_record_again_and_orphans_stay_out(shop: Shop) -> None:
    shop.contract(CUSTOMERS, bad_rows="quarantine")
    shop.contract(ORDERS, bad_rows="quarantine")
    shop.ask_old(
        "UPDATE custmast SET cents = -5 WHERE custno = 33",
        "UPDATE ordhdr SET note = E'a\\tb\\\\c' WHERE ordno = 32",
    )
    shop.run("customers", run_id="run-1")
    shop.run("orders", run_id="run-1")
    first = [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)]
    quarantine = "SELECT contract, row_key, reason, row::text FROM migration.quarantine WHERE generation = {} ORDER BY 1, 2"
    before = shop.ask_new(quarantine.format(1))
    assert [row[:2] for row in before] == [
        ("customers", "id=33"), ("orders", "id=132"), ("orders", "id=232"), ("orders", "id=32"),
    ]  # fmt: skip
    shop.ask_old("UPDATE custmast SET cents = 5 WHERE custno = 33")
    shop.run("customers", run_id="run-2")
    shop.run("orders", run_id="run-2")

    # their parent is there now, and still they are not rows of that generation
    assert failures(rolled_back(shop, "orders")) == []
    assert failures(rolled_back(shop, "customers")) == []
    assert [*shop.ask_new(ROWS), *shop.ask_new(ORDER_ROWS)] == first
    assert shop.ask_new(quarantine.format(3)) == before


def test_an_upsert_is_taken_back_where_every_key_was_there_before(shop: Shop) -> None:
    shop.contract(CUSTOMERS, load_mode="upsert")
    shop.run("customers", run_id="run-1")
    shop.ask_new("INSERT INTO shop.customers (id, active) VALUES (-1, true)")
    first = shop.ask_new(ROWS)
    shop.ask_old(
        "UPDATE custmast SET region = 'later' WHERE custno < 50", "DELETE FROM custmast WHERE custno = 3"
    )
    shop.run("customers", run_id="run-2")
    assert failures(rolled_back(shop, "customers")) == []
    assert shop.ask_new(ROWS) == first


def test_an_upsert_that_cannot_be_taken_back_exactly_is_refused(shop: Shop) -> None:
    shop.contract(CUSTOMERS, load_mode="upsert")
    shop.run("customers", run_id="run-1")
    shop.ask_old("INSERT INTO custmast SELECT 201, 'new', '20200101', 5, 'Y', now(), 'x'")
    shop.run("customers", run_id="run-2")
    rows = shop.ask_new(ROWS)
    assert "1 keys" in planned(shop, "customers").refusals[0]
    (failure,) = failures(rolled_back(shop, "customers"))
    assert "cannot be put back exactly" in failure
    (failure,) = failures(rolled_back(shop, "customers", to=0))
    assert "before the first load" in failure
    assert shop.ask_new(ROWS) == rows


def test_another_contracts_columns_are_refused(shop: Shop) -> None:
    rows = three_generations(shop)
    shop.contract(
        CUSTOMERS,
        columns=tuple(replace(c, name="place") if c.name == "region" else c for c in CUSTOMERS.columns),
    )
    shop.ask_new("ALTER TABLE shop.customers RENAME COLUMN region TO place")
    (failure,) = failures(rolled_back(shop, "customers"))
    assert "have the columns of version 1.0.0" in failure
    assert shop.ask_new(ROWS) == rows[2]


class Cut(psycopg2.extensions.connection):
    """Commits what changes rows, and then behaves as if the answer had been lost."""

    def commit(self) -> None:
        super().commit()
        self.close()
        raise psycopg2.OperationalError("server closed the connection unexpectedly")


def test_a_commit_whose_answer_was_lost_is_settled_from_the_ledger(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = three_generations(shop)
    found = asked(shop, "customers")
    from migration_assets.tables.rollback import Rollback

    run = Rollback.run

    def cut(self: Rollback, connection: psycopg2.extensions.connection, again: object) -> object:
        connection.close()
        return run(self, psycopg2.connect(shop.new, connection_factory=Cut), again)  # type: ignore[arg-type]

    monkeypatch.setattr(Rollback, "run", cut)
    assert failures(done(shop, found)) == []
    assert shop.ask_new(ROWS) == rows[1]
