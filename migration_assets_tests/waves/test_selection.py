"""Which contracts a wave means."""

from dataclasses import replace

from migration_assets.waves.model import Wave
from migration_assets.waves.selection import contracts_of, named
from migration_assets_tests.control.shop import CONTRACTS

SHOP = {
    **CONTRACTS,
    "countries": replace(CONTRACTS["countries"], tags=("early",)),
    "orders": replace(CONTRACTS["orders"], domain="trade"),
}


def test_names_domains_and_tags_add_up_parents_first() -> None:
    assert contracts_of(Wave("w", 1, contracts=("orders", "customers")), SHOP) == ("customers", "orders")
    assert contracts_of(Wave("w", 1, domains=("trade",)), SHOP) == ("orders",)
    assert contracts_of(Wave("w", 1, tags=("early",), domains=("trade",)), SHOP) == ("countries", "orders")
    assert contracts_of(Wave("w", 1, domains=("migration",)), SHOP) == ("countries", "customers")


def test_the_name_of_a_wave_stands_for_its_contracts() -> None:
    waves = {"w": Wave("w", 1, contracts=("orders", "customers"))}
    assert named(SHOP, waves, ["countries", "w", "orders"]) == ("countries", "customers", "orders")
    assert named(SHOP, waves, ["unheard"]) == ("unheard",)
