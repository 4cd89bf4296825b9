"""A target is what its source says, or the rows that are not are named."""

import random
import time
from dataclasses import replace

import pytest

from migration_assets.contracts.model import ByKey, Column, TableName
from migration_assets.errors import PlanRefused
from migration_assets.tables.plan import plan_partitions
from migration_assets.tables.verify import beside, picking
from migration_assets.tables.verify.findings import CLASSIFIED, Values
from migration_assets.tables.verify.proof import outcomes
from migration_assets_tests.tables.shop import CUSTOMERS, ORDERS, Shop, ask
from migration_assets_tests.tables.verify.comparing import keys, named, proof, proofs
from migration_assets_tests.tables.verify.living import Writer

NO_KEY = replace(ORDERS, primary_key=(), references=())


def test_a_target_that_was_just_loaded_is_equal(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    for name in ("customers", "orders"):
        found = proof(shop, name)
        assert found.equal
        assert all(outcome.passed for outcome in outcomes(found))


def test_rows_that_are_missing_extra_and_changed_are_named_with_their_columns(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    shop.ask_new(
        "DELETE FROM shop.orders WHERE id = 17",
        "INSERT INTO shop.orders VALUES (1000, 1, 'new')",
        "UPDATE shop.orders SET note = 'N77', customer_id = 3 WHERE id = 77",
    )
    found = proof(shop, "orders")
    assert named(found) == [("changed", "id=77"), ("extra", "id=1000"), ("missing", "id=17")]
    assert {finding.key: finding.columns for finding in found.findings}["id=77"] == ("customer_id", "note")
    count, checksum = outcomes(found)
    # one row came and one went: their number says nothing, their names do
    assert count.counts["difference"] == 0
    assert not checksum.passed
    assert {row.key: row.reason for row in checksum.rows} == {
        "id=17": "missing in the target",
        "id=1000": "extra in the target",
        "id=77": "changed in the target: customer_id, note",
    }


def test_through_a_mapping_the_made_rows_are_compared(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_new("UPDATE shop.customers SET balance = balance + 0.01 WHERE id IN (5, 50)")
    found = proof(shop, "customers")
    assert named(found) == keys("changed", [5, 50])
    assert "The target's rows changed since generation 1 was loaded; the source's did not." in found.cause


def test_a_source_that_went_on_is_told_apart_from_a_damaged_target(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_old("UPDATE custmast SET cents = 1 WHERE custno = 9")
    assert "the source's rows changed since" in proof(shop, "customers").cause
    shop.ask_new("UPDATE shop.customers SET balance = 0 WHERE id = 8")
    found = proof(shop, "customers")
    assert named(found) == keys("changed", [8, 9])
    assert found.cause.startswith("The target's rows changed since generation 1 was loaded, and the source's")


def test_another_mapping_is_told_apart_from_damaged_rows(shop: Shop) -> None:
    shop.run("customers")
    columns = tuple(
        replace(each, expression="cents / 10.0") if each.name == "balance" else each
        for each in CUSTOMERS.columns
    )
    shop.contract(CUSTOMERS, columns=columns)
    found = proof(shop, "customers")
    assert len(found.findings) == 100
    assert "the contract is another one than it was loaded by" in found.cause


def test_values_are_shown_on_request_and_never_of_classified_columns(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_new("UPDATE shop.customers SET name = 'Somebody', balance = 1 WHERE id = 4")
    (plain,) = proof(shop, "customers").findings
    (shown,) = proof(shop, "customers", show_values=True).findings
    assert plain.values == ()
    assert shown.values == (Values("name", CLASSIFIED, CLASSIFIED), Values("balance", "0.28", "1.00"))


def test_classified_keys_are_named_by_their_hash(shop: Shop) -> None:
    columns = (replace(CUSTOMERS.columns[0], classification="restricted"), *CUSTOMERS.columns[1:])
    shop.contract(CUSTOMERS, columns=columns)
    shop.run("customers")
    shop.ask_new("DELETE FROM shop.customers WHERE id = 33")
    (found,) = proof(shop, "customers").findings
    assert found.key.startswith("id=#")
    assert "33" not in found.key.removeprefix("id=#")[:0] + found.reason


def test_without_a_key_rows_are_counted_as_often_as_they_are_there(shop: Shop) -> None:
    shop.contract(NO_KEY)
    shop.run("orders")
    assert proof(shop, "orders").equal
    shop.ask_new(
        "INSERT INTO shop.orders SELECT * FROM shop.orders WHERE id = 5",
        "DELETE FROM shop.orders WHERE id = 6",
        "UPDATE shop.orders SET note = 'other' WHERE id = 7",
    )
    found = proof(shop, "orders")
    assert sorted(finding.kind for finding in found.findings) == ["extra", "extra", "missing", "missing"]
    assert all(finding.key.startswith("row #") and finding.where for finding in found.findings)


def test_without_a_key_a_doubled_row_is_one_too_many(shop: Shop) -> None:
    shop.contract(NO_KEY)
    shop.ask_old("INSERT INTO ordhdr SELECT * FROM ordhdr WHERE ordno IN (1, 2)")
    shop.run("orders")
    assert proof(shop, "orders").equal
    shop.ask_new("DELETE FROM shop.orders WHERE ctid = (SELECT max(ctid) FROM shop.orders WHERE id = 1)")
    (found,) = proof(shop, "orders").findings
    assert (found.kind, found.number) == ("missing", 1)


def test_each_partition_has_its_own_proof(shop: Shop) -> None:
    shop.run("customers")
    contract = shop.contract(ORDERS, partitioning=ByKey("ordno", 100))
    plan_partitions(contract, shop.environment)
    for key in ("0001", "0002", "0003", "rest"):
        shop.run("orders", key)
    shop.ask_new("UPDATE shop.orders SET note = 'x' WHERE id = 250")
    found = {each.partition: each for each in proofs(shop, "orders")}
    assert [key for key, each in found.items() if not each.equal] == ["0003"]
    assert [each.partition for each in proofs(shop, "orders", "0002", "rest")] == ["0002", "rest"]


def test_rows_in_quarantine_are_accounted_for(shop: Shop) -> None:
    shop.ask_old("UPDATE custmast SET flag = 'X' WHERE custno IN (3, 4)")
    shop.contract(CUSTOMERS, bad_rows="quarantine")
    shop.run("customers")
    found = proof(shop, "customers")
    assert found.equal
    assert (found.compared.read, found.compared.quarantined, found.compared.target.rows) == (100, 2, 98)


def test_rows_that_share_a_key_and_were_set_aside_are_accounted_for(shop: Shop) -> None:
    shop.ask_old("INSERT INTO ordhdr VALUES (7, 1, 'again')")
    shop.contract(ORDERS, bad_rows="quarantine", references=())
    shop.run("orders")
    found = proof(shop, "orders")
    assert found.equal
    assert found.compared.quarantined == 2


def test_rows_that_were_set_aside_for_their_parents_are_accounted_for(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_old("UPDATE ordhdr SET custno = 999 WHERE ordno IN (10, 11)")
    shop.contract(ORDERS, bad_rows="quarantine")
    shop.run("orders")
    assert proof(shop, "orders").equal
    shop.ask_new("UPDATE shop.orders SET note = 'x' WHERE id = 12")
    found = proof(shop, "orders")
    assert named(found) == keys("changed", [12])
    assert found.compared.quarantined == 2


def test_rows_that_the_contract_does_not_let_through_any_more_are_named(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_old("UPDATE custmast SET cents = -5 WHERE custno = 20")
    found = proof(shop, "customers")
    count, checksum = outcomes(found)
    assert not found.equal
    assert not count.passed
    assert not checksum.passed
    assert [row.key for row in found.refusals] == ["id=20"]


def test_only_the_columns_that_are_asked_for_are_compared(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_new("UPDATE shop.customers SET region = 'south' WHERE id = 1")
    assert proof(shop, "customers", columns=("balance", "name")).equal
    found = proof(shop, "customers", columns=("region",))
    assert named(found) == keys("changed", [1])
    assert found.columns == ("id", "region")


def test_a_column_that_is_not_there_is_refused(shop: Shop) -> None:
    shop.run("customers")
    with pytest.raises(PlanRefused, match="no column colour"):
        proof(shop, "customers", columns=("colour",))


def test_where_rows_are_only_added_and_changed_others_may_stay(shop: Shop) -> None:
    shop.contract(ORDERS, load_mode="upsert", references=())
    shop.run("orders")
    shop.ask_old("DELETE FROM ordhdr WHERE ordno = 40")
    found = proof(shop, "orders")
    assert found.equal
    assert found.tolerated == 1
    assert all(outcome.passed for outcome in outcomes(found))


def test_a_target_in_a_process_of_its_own_says_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "MANY_ROWS", 0)
    shop.run("customers")
    assert proof(shop, "customers").equal
    shop.ask_new("UPDATE shop.customers SET active = NOT active WHERE id = 61")
    assert named(proof(shop, "customers")) == keys("changed", [61])


def test_where_rows_cannot_be_gone_to_one_by_one_all_are_read_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "ONE_BY_ONE", 0)
    shop.run("customers")
    shop.run("orders")
    shop.ask_new("UPDATE shop.orders SET note = 'n' WHERE id IN (1, 150, 300)")
    assert named(proof(shop, "orders")) == keys("changed", [1, 150, 300])


def test_rows_that_are_too_many_to_be_named_are_counted(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    shop.ask_new("UPDATE shop.orders SET note = 'same'")
    found = proof(shop, "orders", most=10)
    assert len(found.findings) == 10
    assert found.unnamed > 0
    assert not outcomes(found)[0].passed


def test_any_single_edit_is_found_and_named(shop: Shop) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    shop.contract(NO_KEY, name="loose", target_table=TableName("shop", "loose"))
    shop.run("customers")
    shop.run("orders")
    shop.run("loose")
    planted = sorted(chance.sample(range(1, 301), 120))
    missing, changed, doubled, swapped = (planted[at::4] for at in range(4))
    ids = {
        name: ", ".join(map(str, these))
        for name, these in zip("mcds", (missing, changed, doubled, swapped), strict=True)
    }
    for table in ("orders", "loose"):
        shop.ask_new(
            f"DELETE FROM shop.{table} WHERE id IN ({ids['m']})",
            f"UPDATE shop.{table} SET note = coalesce(note, '') || 'x' WHERE id IN ({ids['c']})",
            f"UPDATE shop.{table} SET customer_id = 101 - customer_id WHERE id IN ({ids['s']})",
        )
    shop.ask_new(f"INSERT INTO shop.loose SELECT * FROM shop.loose WHERE id IN ({ids['d']})")
    shop.ask_new(
        f"INSERT INTO shop.orders SELECT id + 1000, customer_id, note FROM shop.orders WHERE id IN ({ids['d']})"
    )
    found = proof(shop, "orders")
    extra = [number + 1000 for number in doubled]
    assert named(found) == sorted(
        keys("missing", missing) + keys("changed", [*changed, *swapped]) + keys("extra", extra)
    )
    loose = proof(shop, "loose")
    assert loose.number("missing") == len(missing) + len(changed) + len(swapped)
    assert loose.number("extra") == len(changed) + len(swapped) + len(doubled)


def test_rows_that_change_while_both_sides_live_are_no_differences(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    agreed = 0
    with Writer(shop, lag=0.05):
        time.sleep(0.1)
        for _ in range(5):
            found = proof(shop, "orders", quiet=0.3)
            assert found.equal
            assert all(outcome.passed for outcome in outcomes(found))
            agreed += found.agreed
    assert agreed > 0


def test_of_a_source_that_goes_on_alone_only_rows_that_it_changed_are_named(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    with Writer(shop, lag=None) as writer:
        time.sleep(0.2)
        found = proof(shop, "orders", quiet=0.1)
    assert found.findings
    assert {finding.kind for finding in found.findings} == {"changed"}
    assert {int(finding.key.removeprefix("id=")) for finding in found.findings} <= set(writer.notes)
    assert "the source's rows changed since" in found.cause


def test_a_real_difference_among_rows_that_change_is_still_found(shop: Shop) -> None:
    shop.run("customers")
    shop.run("orders")
    ask(shop.new, ["DELETE FROM shop.orders WHERE id = 299", "INSERT INTO shop.orders VALUES (900, 1, NULL)"])
    with Writer(shop, lag=0.05):
        found = proof(shop, "orders", quiet=0.3)
    assert ("extra", "id=900") in named(found)
    assert {finding.kind for finding in found.findings} <= {"missing", "extra"}


def test_a_column_of_any_text_is_compared_by_its_bytes(shop: Shop) -> None:
    shop.ask_old(
        "CREATE TABLE words (id int PRIMARY KEY, word text)",
        "INSERT INTO words VALUES (1, E'a\\tb\\\\c'), (2, 'Straße'), (3, ''), (4, NULL), (5, 'blank ')",
    )
    shop.contract(
        ORDERS,
        name="words",
        source_table=TableName(None, "words"),
        target_table=TableName("shop", "words"),
        columns=(
            Column("id", "integer", sources=("id",), required=True),
            Column("word", "text", sources=("word",)),
        ),
        references=(),
    )
    shop.run("words")
    assert proof(shop, "words").equal
    shop.ask_new(
        "UPDATE shop.words SET word = 'STRASSE' WHERE id = 2",
        "UPDATE shop.words SET word = NULL WHERE id = 3",
        "UPDATE shop.words SET word = '' WHERE id = 4",
        "UPDATE shop.words SET word = 'blank' WHERE id = 5",
    )
    assert named(proof(shop, "words")) == keys("changed", [2, 3, 4, 5])
