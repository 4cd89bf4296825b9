"""A partition goes its whole way: old or new, never between, and green only when it is true."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest

from migration_assets.checks.outcome import CheckOutcome
from migration_assets.contracts.model import ByKey, ByTime, ByValue, Column
from migration_assets.errors import Fenced, MigrationError, ProofFailed, RowsRefused, StagingRefused
from migration_assets.stages.report import StageReport
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.tables.shop import CUSTOMERS, NO_NEGATIVE, ORDERS, Shop

ROWS = "SELECT id, name, since::text, balance, active, changed::text, region FROM shop.customers ORDER BY id"
LEDGER = "SELECT partition, generation, extracted, loaded, quarantined FROM migration.load ORDER BY loaded_at"


def outcome(reports: Sequence[StageReport], name: str) -> CheckOutcome:
    return next(o for report in reports for o in report.outcomes if o.name == name)


def test_the_target_holds_what_the_contract_makes_of_the_source(shop: Shop) -> None:
    reports = shop.run("customers")
    assert all(report.refusal is None for report in reports)
    expected = shop.ask_old(
        "SELECT custno, 'Name ' || custno, to_date(d8, 'YYYYMMDD')::text, (cents / 100.0)::numeric(12,2), flag = 'Y', "
        "changed::text, region FROM custmast ORDER BY custno"
    )
    assert shop.ask_new(ROWS) == expected
    assert shop.ask_new(LEDGER) == [("all", 1, 100, 100, 0)]
    assert {o.name for r in reports for o in r.outcomes if o.passed} >= {
        "schema",
        "count",
        "checksum",
        "referential",
    }


def test_a_second_run_is_the_next_generation_of_the_same_rows(shop: Shop) -> None:
    first, second = shop.run("customers")[-1], shop.run("customers", run_id="run-2")[-1]
    assert (first.generation, second.generation) == (1, 2)
    assert first.fingerprint == second.fingerprint


def test_loaded_alone_repairs_a_target_that_was_changed_by_hand(shop: Shop) -> None:
    shop.run("customers")
    before = shop.ask_new(ROWS)
    shop.ask_new(
        "UPDATE shop.customers SET region = 'x' WHERE id = 5", "DELETE FROM shop.customers WHERE id = 6"
    )
    report = shop.migration("customers").load("all", "run-2")
    assert report.generation == 2
    assert shop.ask_new(ROWS) == before


BROKEN_TARGETS = {
    "a byte changed": ("NEW.region := NEW.region || '!';", "checksum", "id=7", "changed in the target"),
    "a row lost": ("RETURN NULL;", "count", "id=7", "missing in the target"),
    "a row too many": (
        "INSERT INTO shop.customers (id, active) VALUES (1007, true);", "count", "id=1007", "extra in the target",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN_TARGETS)
def test_a_row_that_the_target_alters_is_named_and_the_old_rows_stay(shop: Shop, fault: str) -> None:
    statement, check, key, reason = BROKEN_TARGETS[fault]
    shop.run("customers")
    before = shop.ask_new(ROWS)
    shop.ask_new(
        "CREATE FUNCTION shop.fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 7 THEN "
        f"{statement} END IF; RETURN NEW; END $$",
        "CREATE TRIGGER fault BEFORE INSERT ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.fault()",
    )
    reports = shop.run("customers", run_id="run-2")
    assert isinstance(reports[-1].refusal, ProofFailed)
    assert not outcome(reports, "checksum").passed
    assert not outcome(reports, check).passed
    assert [(row.key, row.reason) for row in outcome(reports, "checksum").rows] == [(key, reason)]
    assert shop.ask_new(ROWS) == before
    assert len(shop.ask_new(LEDGER)) == 1


BAD_ROWS = {
    "NULL in a required column": ("UPDATE custmast SET flag = NULL WHERE custno = 7", "schema", ["id=7"]),
    "value out of range": ("UPDATE custmast SET cents = -1 WHERE custno = 7", "balance_range", ["id=7"]),
    "date out of range": ("UPDATE custmast SET d8 = '20181231' WHERE custno = 7", "since_range", ["id=7"]),
    "text that is no date": ("UPDATE custmast SET d8 = 'garbage!' WHERE custno = 7", "schema", ["id=7"]),
    "duplicate key": (
        "ALTER TABLE custmast DROP CONSTRAINT custmast_pkey; INSERT INTO custmast SELECT * FROM custmast WHERE custno = 7",
        "key_unique",
        ["id=7", "id=7"],
    ),
}


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_a_bad_row_keeps_its_partition_out_with_key_and_reason(shop: Shop, fault: str) -> None:
    statement, check, keys = BAD_ROWS[fault]
    shop.run("customers")
    before = shop.ask_new(ROWS)
    shop.ask_old(statement)
    reports = shop.run("customers", run_id="run-2")
    assert isinstance(reports[-1].refusal, RowsRefused)
    assert reports[-1].stage == "transformed"
    found = outcome(reports, check)
    assert (found.passed, found.blocking) == (False, True)
    assert [row.key for row in found.rows] == keys
    assert all(row.reason for row in found.rows)
    assert shop.ask_new(ROWS) == before


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_under_quarantine_the_other_rows_are_loaded_and_the_sum_is_right(shop: Shop, fault: str) -> None:
    statement, check, keys = BAD_ROWS[fault]
    shop.contract(CUSTOMERS, bad_rows="quarantine")
    shop.ask_old(statement)
    reports = shop.run("customers")
    assert reports[-1].refusal is None
    read = shop.ask_old("SELECT count(*) FROM custmast")[0][0]
    assert shop.ask_new(LEDGER) == [("all", 1, read, read - len(keys), len(keys))]
    quarantined = shop.ask_new("SELECT row_key, reason, row ->> 'custno' FROM migration.quarantine")
    assert [row[0] for row in quarantined] == keys
    assert {row[2] for row in quarantined} == {"7"}
    assert shop.ask_new("SELECT count(*) FROM shop.customers WHERE id = 7") == [(0,)]
    found = outcome(reports, check)
    assert (found.passed, found.blocking) == (False, False)


def test_a_key_that_is_personal_is_shown_as_a_hash(shop: Shop) -> None:
    columns = tuple(
        Column(**{**c.__dict__, "classification": "confidential"}) if c.name == "id" else c
        for c in CUSTOMERS.columns
    )
    shop.contract(CUSTOMERS, columns=columns)
    shop.ask_old("UPDATE custmast SET cents = -1 WHERE custno = 7")
    key = outcome(shop.run("customers"), "balance_range").rows[0].key
    assert key.startswith("id=#")
    assert key.removeprefix("id=#") != "7"


def test_an_orphan_keeps_its_partition_out(shop: Shop) -> None:
    shop.ask_old("UPDATE ordhdr SET custno = 555 WHERE ordno = 9")
    shop.run("customers")
    reports = shop.run("orders")
    assert isinstance(reports[-1].refusal, ProofFailed)
    assert [row.key for row in outcome(reports, "referential").rows] == ["id=9"]
    assert shop.ask_new("SELECT count(*) FROM shop.orders") == [(0,)]


def test_under_quarantine_an_orphan_is_set_aside_and_the_rest_loaded(shop: Shop) -> None:
    shop.contract(ORDERS, bad_rows="quarantine")
    shop.ask_old("UPDATE ordhdr SET custno = 555 WHERE ordno = 9")
    shop.run("customers")
    reports = shop.run("orders")
    assert reports[-1].refusal is None
    assert shop.ask_new("SELECT loaded, quarantined FROM migration.load WHERE contract = 'orders'") == [
        (299, 1)
    ]
    assert shop.ask_new("SELECT row_key, row ->> 'customer_id' FROM migration.quarantine") == [
        ("id=9", "555")
    ]
    assert shop.ask_new("SELECT count(*) FROM shop.orders WHERE id = 9") == [(0,)]


def test_orders_before_customers_are_refused_with_what_to_load_first(shop: Shop) -> None:
    reports = shop.run("orders")
    assert "Not all partitions of customers are loaded" in outcome(reports, "referential").summary
    assert isinstance(reports[-1].refusal, ProofFailed)


def test_a_business_rule_that_fails_keeps_the_partition_out(shop: Shop) -> None:
    columns = tuple(Column(**{**c.__dict__, "options": {}}) for c in CUSTOMERS.columns)
    shop.contract(CUSTOMERS, columns=columns, quality=(NO_NEGATIVE,))
    shop.run("customers")
    shop.ask_old("UPDATE custmast SET cents = -1 WHERE custno = 7")
    reports = shop.run("customers", run_id="run-2")
    assert isinstance(reports[-1].refusal, ProofFailed)
    assert outcome(reports, "no_negative").counts == {"found": 1.0}
    assert shop.ask_new("SELECT min(balance) >= 0 FROM shop.customers") == [(True,)]


def staged_file(shop: Shop, stage: str) -> Path:
    return sorted((shop.folder / "staging").rglob(f"{stage}/rows.copy"))[-1]


@pytest.mark.parametrize("stage", ["extracted", "transformed"])
@pytest.mark.parametrize("damage", ["one bit flipped", "cut short", "emptied", "removed"])
def test_a_damaged_staged_file_is_refused_and_the_target_stays(shop: Shop, stage: str, damage: str) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    migration = shop.migration("customers")
    shop.run("customers")
    before = shop.ask_new(ROWS)
    migration.extract("all", "run-2")
    if stage == "transformed":
        migration.transform("all", "run-2")
    file = staged_file(shop, stage)
    data = bytearray(file.read_bytes())
    place = random.Random(seed).randrange(len(data))
    match damage:
        case "one bit flipped":
            data[place] ^= 1 << random.Random(seed).randrange(8)
            file.write_bytes(data)
        case "cut short":
            file.write_bytes(data[:place])
        case "emptied":
            file.write_bytes(b"")
        case _:
            file.unlink()
    with pytest.raises(StagingRefused):
        migration.transform("all", "run-2") if stage == "extracted" else migration.load("all", "run-2")
    assert shop.ask_new(ROWS) == before
    assert len(shop.ask_new(LEDGER)) == 1


def test_a_staged_file_of_another_partition_is_refused(shop: Shop) -> None:
    shop.contract(CUSTOMERS, partitioning=ByValue("region", ("north", "so\tuth\\")))
    migration = shop.migration("customers")
    north, south, _ = (partition.key for partition in migration.partitions())
    for key in (north, south):
        migration.extract(key, "run-1")
        migration.transform(key, "run-1")
    first, second = sorted((shop.folder / "staging").rglob("00000001-run-1"))
    (first / "transformed").rename(first / "away")
    (second / "transformed").rename(first / "transformed")
    (first / "away").rename(second / "transformed")
    for key in (north, south):
        with pytest.raises(StagingRefused):
            migration.load(key, "run-1")
    assert shop.ask_new("SELECT count(*) FROM shop.customers") == [(0,)]


def test_of_two_runs_at_once_the_one_that_comes_later_is_fenced(shop: Shop) -> None:
    slow, quick = shop.migration("customers"), shop.migration("customers")
    slow.extract("all", "slow")
    slow.transform("all", "slow")
    shop.ask_old("UPDATE custmast SET region = 'newer' WHERE custno = 1")
    for stage in (quick.extract, quick.transform, quick.load):
        stage("all", "quick")
    with pytest.raises(Fenced, match="quick"):
        slow.load("all", "slow")
    assert shop.ask_new("SELECT region FROM shop.customers WHERE id = 1") == [("newer",)]
    assert len(shop.ask_new(LEDGER)) == 1


class LosesAnswers(psycopg2.extensions.connection):
    """Commits, and then behaves as if the connection had been cut before the answer came."""

    def commit(self) -> None:
        super().commit()
        self.close()
        raise psycopg2.OperationalError("server closed the connection unexpectedly")


def test_a_commit_whose_answer_was_lost_is_settled_from_the_ledger(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = shop.migration("customers")
    migration.extract("all", "run-1")
    migration.transform("all", "run-1")
    from migration_assets.tables.load import Load

    real = Load.run

    def with_a_bad_connection(self: Load, connection: object, again: object) -> object:
        lossy = psycopg2.connect(shop.new, connection_factory=LosesAnswers)
        return real(self, lossy, again)  # type: ignore[arg-type]

    monkeypatch.setattr(Load, "run", with_a_bad_connection)
    report = migration.load("all", "run-1")
    assert report.refusal is None
    assert shop.ask_new(LEDGER) == [("all", 1, 100, 100, 0)]


def test_key_ranges_are_replaced_alone_and_nothing_is_outside_of_them(shop: Shop) -> None:
    orders = shop.contract(ORDERS, partitioning=ByKey("ordno", 100), primary_key=(), references=())
    shop.ask_old("INSERT INTO ordhdr VALUES (NULL, 1, 'no number')")
    columns = tuple(Column(**{**c.__dict__, "required": False}) for c in ORDERS.columns)
    orders = shop.contract(orders, columns=columns, file="orders.odcs.yaml")
    planned = plan_partitions(orders, shop.environment)
    assert planned is not None
    assert planned.made
    keys = [partition.key for partition in shop.migration("orders").partitions()]
    assert keys == ["0001", "0002", "0003", "rest"]
    shop.ask_old("INSERT INTO ordhdr VALUES (-5, 1, 'below'), (100000, 1, 'above')")
    for key in keys:
        assert shop.run("orders", key)[-1].refusal is None
    everything = "SELECT {}, custno, note FROM {} ORDER BY 1, 3"
    assert shop.ask_new(
        everything.format("id", "shop.orders").replace("custno", "customer_id")
    ) == shop.ask_old(everything.format("ordno", "ordhdr"))
    untouched = "SELECT xmin, id FROM shop.orders WHERE id < 201 OR id IS NULL ORDER BY id, note"
    before = shop.ask_new(untouched)
    shop.ask_old("UPDATE ordhdr SET note = 'changed' WHERE ordno = 250")
    shop.run("orders", "0003", "run-2")
    assert shop.ask_new("SELECT note FROM shop.orders WHERE id = 250") == [("changed",)]
    assert shop.ask_new(untouched) == before


def test_values_and_windows_cover_every_row_once(shop: Shop) -> None:
    from datetime import datetime

    expected = shop.ask_old("SELECT custno FROM custmast ORDER BY 1")
    for how in (
        ByValue("region", ("north", "so\tuth\\")),
        ByTime("month", "changed", datetime(2020, 2, 1), datetime(2020, 4, 1)),
    ):
        shop.ask_new("DROP SCHEMA IF EXISTS shop CASCADE", "DROP SCHEMA IF EXISTS migration CASCADE")
        shop.contract(CUSTOMERS, partitioning=how)
        total = 0
        for partition in shop.migration("customers").partitions():
            report = shop.run("customers", partition.key, f"run-{partition.key}")[-1]
            assert report.refusal is None
            total += report.rows
        assert total == 100
        assert shop.ask_new("SELECT id FROM shop.customers ORDER BY 1") == expected


def test_an_upsert_keeps_the_rows_that_the_source_does_not_have(shop: Shop) -> None:
    shop.contract(CUSTOMERS, load_mode="upsert")
    shop.run("customers")
    shop.ask_new("INSERT INTO shop.customers (id, active) VALUES (5000, true)")
    shop.ask_old("UPDATE custmast SET region = 'upserted' WHERE custno = 3")
    report = shop.run("customers", run_id="run-2")[-1]
    assert report.refusal is None
    assert shop.ask_new("SELECT id, region FROM shop.customers WHERE id IN (3, 5000) ORDER BY id") == [
        (3, "upserted"),
        (5000, None),
    ]


def shout(frame):  # type: ignore[no-untyped-def]
    """A hook: what SQL cannot say."""
    frame["region"] = frame["region"].map(lambda text: text.upper(), na_action="ignore")
    return frame[["region"]]


def lose_a_row(frame):  # type: ignore[no-untyped-def]
    return frame.iloc[1:]


def leak(frame):  # type: ignore[no-untyped-def]
    raise ValueError(f"row {frame.iloc[0].to_dict()}")


def test_a_hook_says_what_sql_cannot(shop: Shop) -> None:
    shop.contract(CUSTOMERS, hook=f"{__name__}:shout")
    assert shop.run("customers")[-1].refusal is None
    assert shop.ask_new("SELECT DISTINCT region FROM shop.customers ORDER BY 1") == [
        ("NORTH",),
        ("SO\tUTH\\",),
        (None,),
    ]


@pytest.mark.parametrize("hook", ["lose_a_row", "leak"])
def test_a_hook_that_loses_rows_or_fails_is_refused_without_a_row_in_the_words(shop: Shop, hook: str) -> None:
    shop.contract(CUSTOMERS, hook=f"{__name__}:{hook}")
    with pytest.raises(MigrationError) as refused:
        shop.run("customers")
    assert "Name" not in str(refused.value)


def test_an_empty_table_is_a_verified_partition(shop: Shop) -> None:
    shop.ask_old("TRUNCATE custmast")
    reports = shop.run("customers")
    assert reports[-1].refusal is None
    assert shop.ask_new(LEDGER) == [("all", 1, 0, 0, 0)]


def test_what_needs_no_mapping_is_not_copied(shop: Shop) -> None:
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)")
    shop.run("customers")
    assert shop.run("orders")[-1].refusal is None
    assert not list((shop.folder / "staging" / "orders").rglob("transformed/rows.copy"))
    assert shop.ask_new("SELECT count(*), count(note) FROM shop.orders") == [(300, 240)]


def test_values_that_come_as_the_target_spells_them_are_looked_at_but_not_copied(shop: Shop) -> None:
    columns = tuple(replace(c, type="char(4)") if c.name == "note" else c for c in ORDERS.columns)
    shop.contract(ORDERS, columns=columns, references=())
    shop.ask_old("ALTER TABLE ordhdr ADD PRIMARY KEY (ordno)", "UPDATE ordhdr SET note = 'four'")
    assert shop.run("orders")[-1].refusal is None
    assert not list((shop.folder / "staging" / "orders").rglob("transformed/rows.copy"))

    shop.ask_old("UPDATE ordhdr SET note = 'x' WHERE ordno = 300")  # which becomes 'x   '
    assert shop.run("orders", run_id="run-2")[-1].refusal is None
    assert len(list((shop.folder / "staging" / "orders").rglob("transformed/rows.copy"))) == 1
    told = "SELECT note::text, octet_length(note), count(*) FROM shop.orders GROUP BY note ORDER BY 3"
    assert shop.ask_new(told) == [("x", 4, 1), ("four", 4, 299)]


def test_staged_generations_beyond_those_to_keep_are_removed(shop: Shop) -> None:
    shop.contract(CUSTOMERS, keep_generations=2)
    for number in range(1, 5):
        shop.run("customers", run_id=f"run-{number}")
    kept = sorted(path.name for path in (shop.folder / "staging" / "customers" / "all").iterdir())
    assert kept == ["00000003-run-3", "00000004-run-4"]


def test_a_self_reference_waits_for_the_partitions_that_are_not_loaded_yet(shop: Shop) -> None:
    from migration_assets.contracts.model import Reference

    columns = (*CUSTOMERS.columns, Column("friend", "integer", expression="101 - custno"))
    shop.contract(
        CUSTOMERS,
        columns=columns,
        partitioning=ByValue("region", ("north", "so\tuth\\")),
        references=(Reference(("friend",), "customers", ("id",)),),
    )
    north, south, rest = (p.key for p in shop.migration("customers").partitions())
    first = outcome(shop.run("customers", north), "referential")
    assert first.passed
    assert int(first.counts["pending"]) > 0
    shop.run("customers", south)
    shop.ask_old("DELETE FROM custmast WHERE custno = 2")
    last = shop.run("customers", rest)
    assert isinstance(last[-1].refusal, ProofFailed)
    assert [row.key for row in outcome(last, "referential").rows] == ["id=99"]


def test_a_child_that_is_not_planned_yet_does_not_hinder_its_parent(shop: Shop) -> None:
    shop.contract(ORDERS, partitioning=ByKey("ordno", 100))
    reports = shop.run("customers")
    assert reports[-1].refusal is None
    assert [row[1] for row in shop.ask_new(LEDGER)] == [1]


def test_a_parent_that_is_not_planned_yet_is_one_that_is_not_loaded(shop: Shop) -> None:
    shop.contract(CUSTOMERS, partitioning=ByKey("custno", 50))
    reports = shop.run("orders")
    assert isinstance(reports[-1].refusal, ProofFailed)
    assert "customers" in outcome(reports, "referential").summary
