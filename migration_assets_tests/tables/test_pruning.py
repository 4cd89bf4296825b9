"""What staging keeps, and what goes: told by the ledger."""

import shutil
from pathlib import Path

import psycopg2

from migration_assets.ledger import postgres as ledger
from migration_assets_tests.tables.going_back import rolled_back
from migration_assets_tests.tables.shop import CUSTOMERS, Shop


def staged(shop: Shop) -> set[str]:
    return {path.name for path in (shop.folder / "staging" / "customers" / "all").iterdir()}


def plant(shop: Shop, name: str, like: str, *, manifest: bool = True) -> None:
    """What a dead run left: a set of files that the ledger does not know."""
    place = shop.folder / "staging" / "customers" / "all"
    shutil.copytree(place / like, place / name)
    if not manifest:
        for file in Path(place / name).rglob("manifest.json"):
            file.unlink()


def loaded(shop: Shop, number: int) -> None:
    shop.ask_old(f"UPDATE custmast SET region = 'g{number}' WHERE custno = 1")
    shop.run("customers", run_id=f"run-{number}")


def test_what_a_dead_run_left_goes_with_the_next_load(shop: Shop) -> None:
    loaded(shop, 1)
    plant(shop, "00000001-dead", "00000001-run-1", manifest=False)
    plant(shop, "00000002-killed", "00000001-run-1")
    loaded(shop, 2)
    # of the newest generation one may still be about to be loaded, and be fenced
    assert staged(shop) == {"00000001-run-1", "00000002-killed", "00000002-run-2"}
    loaded(shop, 3)
    assert staged(shop) == {"00000001-run-1", "00000002-run-2", "00000003-run-3"}


def test_what_a_rollback_may_still_need_stays(shop: Shop) -> None:
    shop.contract(CUSTOMERS, keep_generations=2)
    for number in (1, 2):
        loaded(shop, number)
    rolled_back(shop, "customers")
    assert shop.migration("customers").prune() == 0
    for number in (4, 5):
        loaded(shop, number)
    assert staged(shop) == {"00000004-run-4", "00000005-run-5"}
    loaded(shop, 6)
    rolled_back(shop, "customers", to=5)
    # generation 7 has the rows of 5: they stay, and so does what would be next
    assert shop.migration("customers").prune() == 0
    assert staged(shop) == {"00000005-run-5", "00000006-run-6"}


def test_a_planted_set_of_a_generation_that_is_gone_is_removed_by_hand(shop: Shop) -> None:
    shop.contract(CUSTOMERS, keep_generations=1)
    for number in (1, 2, 3):
        loaded(shop, number)
    assert staged(shop) == {"00000003-run-3"}
    plant(shop, "00000001-old", "00000003-run-3")
    plant(shop, "00000004-going-on", "00000003-run-3")
    holder = psycopg2.connect(shop.new)
    with holder.cursor() as cursor:
        ledger.lock(cursor, "customers", "all")
    assert shop.migration("customers").prune() == 0
    holder.close()
    assert shop.migration("customers").prune() == 1
    assert staged(shop) == {"00000003-run-3", "00000004-going-on"}


def test_a_target_without_a_ledger_has_nothing_to_prune(shop: Shop) -> None:
    assert shop.migration("customers").prune() == 0
