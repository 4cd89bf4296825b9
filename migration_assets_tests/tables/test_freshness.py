"""A partition whose source changed is stale, however it changed, as far as the method can see."""

from dataclasses import replace
from datetime import datetime

import pytest

from migration_assets.contracts.model import ByTime
from migration_assets.errors import MappingFault
from migration_assets.ledger.postgres import Entry
from migration_assets.stores.postgres import connect
from migration_assets.tables.freshness import Found, Freshness, by_contract, compared, looked
from migration_assets_tests.tables.shop import CUSTOMERS, Shop

ENTRY = Entry(
    "orders", "k", 3, "run", "1.0.0", 40, 39, 1, "39:0", "loaded", "3-run", "digest", "40:ab", "CHANGED 2020-01-05"
)  # fmt: skip
DAYS = ByTime("month", "changed", datetime(2020, 1, 1), datetime(2020, 5, 1))


@pytest.mark.parametrize(
    ("found", "state", "reason"),
    [
        (Found(40, "fingerprint", "40:ab"), "fresh", ""),
        (Found(41, "fingerprint", "41:ac"), "stale", "Its source has 41 rows now; 40 were read."),
        (Found(40, "fingerprint", "40:ac"), "stale", "Its source has other rows now, though as many."),
        (Found(40, "watermark", "CHANGED 2020-01-05"), "fresh", ""),
        (Found(39, "watermark", "CHANGED 2020-01-05"), "stale", "Its source has 39 rows now; 40 were read."),
        (Found(40, "watermark", "CHANGED 2021-01-01"), "stale",
         "The highest CHANGED of its source is another one now."),
    ],
)  # fmt: skip
def test_the_source_now_is_compared_with_the_source_then(found: Found, state: str, reason: str) -> None:
    assert compared("k", ENTRY, found) == Freshness("k", state, found.method, reason)  # type: ignore[arg-type]


def test_what_the_contract_alone_decides_needs_no_source() -> None:
    assert by_contract("k", ENTRY, "digest") is None
    other = by_contract("k", ENTRY, "another")
    assert other
    assert other.state == "stale"
    before = by_contract("k", replace(ENTRY, source_fingerprint=None), "digest")
    assert before
    assert before.state == "unknown"
    emptied = by_contract("k", replace(ENTRY, staged=""), "digest")
    assert emptied
    assert (emptied.state, emptied.reason) == ("stale", "It was rolled back to no rows.")


def look(shop: Shop, name: str = "customers") -> dict[str, tuple[str, str]]:
    """State and method of every partition that the ledger has."""
    from migration_assets.ledger import postgres as ledger

    contract = shop.contracts[name]
    connection = connect(contract.target, shop.new)
    try:
        with connection, connection.cursor() as cursor:
            entries = {key: each.entry for key, each in ledger.standing(cursor, name).items()}
    finally:
        connection.close()
    partitions = shop.migration(name).partitions()
    found = looked(contract, partitions, entries, shop.environment)
    return {each.partition: (each.state, each.method) for each in found}


def loaded(shop: Shop, **changes: object) -> None:
    shop.contract(CUSTOMERS, partitioning=DAYS, **changes)
    for partition in shop.migration("customers").partitions():
        assert shop.run("customers", partition.key, f"run-{partition.key}")[-1].refusal is None


EDITS = {
    "a value changes": "UPDATE custmast SET cents = cents + 1 WHERE custno = 40",
    "a late row comes": "INSERT INTO custmast SELECT 1000, custnm, d8, 1, flag, changed, region "
    "FROM custmast WHERE custno = 40",
    "a row goes": "DELETE FROM custmast WHERE custno = 40",
    "a row moves": "UPDATE custmast SET changed = changed + interval '31 days' WHERE custno = 40",
    "a NULL comes": "UPDATE custmast SET region = NULL WHERE custno = 42",
}


def test_every_change_of_a_column_that_is_read_is_seen_by_fingerprint(shop: Shop) -> None:
    loaded(shop)
    assert set(look(shop).values()) == {("fresh", "fingerprint")}
    for what, edit in EDITS.items():
        shop.ask_old("CREATE TABLE kept AS TABLE custmast", edit)
        stale = {key for key, (state, _) in look(shop).items() if state == "stale"}
        moved = {"2020-02", "2020-03"} if what == "a row moves" else {"2020-02"}
        assert stale == moved, what
        shop.ask_old("TRUNCATE custmast", "INSERT INTO custmast TABLE kept", "DROP TABLE kept")
    assert set(look(shop).values()) == {("fresh", "fingerprint")}


def test_a_watermark_sees_rows_that_rise_above_it_and_other_numbers_of_rows_and_no_more(shop: Shop) -> None:
    shop.ask_old("ALTER TABLE custmast ADD touched timestamp", "UPDATE custmast SET touched = changed")
    loaded(shop, watermark="touched")
    assert set(look(shop).values()) == {("fresh", "watermark")}

    shop.ask_old("UPDATE custmast SET cents = 0, touched = '2030-01-01' WHERE custno = 40")
    assert look(shop)["2020-02"] == ("stale", "watermark")
    shop.run("customers", "2020-02", "again")
    assert look(shop)["2020-02"] == ("fresh", "watermark")

    shop.ask_old(EDITS["a row goes"])
    assert look(shop)["2020-02"] == ("stale", "watermark")

    shop.ask_old("UPDATE custmast SET cents = 5 WHERE custno = 70")
    assert look(shop)["2020-03"] == ("fresh", "watermark")


def test_a_watermark_that_was_not_recorded_is_told_by_fingerprint(shop: Shop) -> None:
    loaded(shop)
    shop.contract(CUSTOMERS, partitioning=DAYS, watermark="changed")
    assert set(look(shop).values()) == {("fresh", "fingerprint")}


def test_a_watermark_that_is_no_column_is_refused_before_anything_is_staged(shop: Shop) -> None:
    shop.contract(CUSTOMERS, watermark="nowhere")
    with pytest.raises(MappingFault, match="watermark column nowhere"):
        shop.run("customers")


def test_a_contract_that_decides_other_rows_makes_its_partitions_stale_and_a_description_does_not(
    shop: Shop,
) -> None:
    loaded(shop)
    shop.contract(CUSTOMERS, partitioning=DAYS, description="Everybody.", priority=9)
    assert set(look(shop).values()) == {("fresh", "fingerprint")}
    shop.contract(CUSTOMERS, partitioning=DAYS, where="custno < 50")
    assert set(look(shop).values()) == {("stale", "contract")}


def test_a_ledger_from_before_is_read_and_then_kept_on(shop: Shop) -> None:
    shop.run("customers")
    shop.ask_new(
        "ALTER TABLE migration.load DROP contract_digest, DROP source_fingerprint, DROP source_watermark"
    )
    assert look(shop) == {"all": ("unknown", "contract")}
    shop.run("customers", run_id="run-2")
    assert look(shop) == {"all": ("fresh", "fingerprint")}
