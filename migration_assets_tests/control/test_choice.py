"""Which partitions are meant."""

import pytest

from migration_assets.control.choice import contracts_named, partitions_chosen
from migration_assets.errors import PlanRefused
from migration_assets_tests.control.shop import CONTRACTS

KEYS = {"customers": ("all",), "orders": ("a", "b", "rest")}
STATES = {
    "customers": {"all": "loaded"},
    "orders": {"a": "failed", "b": "missing", "rest": "running"},
}


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ("all", {"customers": ("all",), "orders": ("a", "b", "rest")}),
        ("missing", {"orders": ("b",)}),
        ("failed", {"orders": ("a",)}),
    ],
)
def test_partitions_are_chosen_by_what_became_of_them(only, chosen) -> None:
    assert partitions_chosen(KEYS, only=only, states=STATES) == chosen


def test_partitions_that_dagster_has_never_heard_of_are_missing() -> None:
    assert partitions_chosen(KEYS, only="missing", states={}) == KEYS


def test_partitions_that_are_named_come_in_the_order_of_the_plan() -> None:
    assert partitions_chosen({"orders": ("a", "b", "rest")}, wanted=("rest", "a")) == {
        "orders": ("a", "rest")
    }


def test_a_partition_that_is_not_there_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(PlanRefused, match=r"no partition of orders 'resst'.+Did you mean rest"):
        partitions_chosen({"orders": ("a", "rest")}, wanted=("resst",))


def test_partitions_without_a_contract_are_refused() -> None:
    with pytest.raises(PlanRefused, match="Partitions belong to one contract"):
        partitions_chosen(KEYS, wanted=("a",))


def test_a_contract_that_is_not_there_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(PlanRefused, match=r"no contract 'order'.+Did you mean orders"):
        contracts_named(CONTRACTS, ["order"])


def test_no_names_are_all_contracts() -> None:
    assert contracts_named(CONTRACTS, []) == CONTRACTS
    assert list(contracts_named(CONTRACTS, ["orders"])) == ["orders"]
