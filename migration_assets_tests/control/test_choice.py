"""Which partitions are meant."""

import pytest

from migration_assets.control.choice import contracts_named, partitions_chosen
from migration_assets.errors import PlanRefused
from migration_assets_tests.control.shop import CONTRACTS

KEYS = {"customers": ("all",), "orders": ("a", "b", "rest"), "lines": ("x", "y")}
STATES = {
    "customers": {"all": "loaded"},
    "orders": {"a": "failed", "b": "missing", "rest": "running"},
    "lines": {"x": "loaded", "y": "stale"},
}


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ("all", KEYS),
        ("missing", {"orders": ("b",)}),
        ("failed", {"orders": ("a",)}),
        ("stale", {"lines": ("y",)}),
        # what runs may belong to a process that was killed: the same command once more recovers
        ("changed", {"orders": ("a", "b", "rest"), "lines": ("y",)}),
    ],
)
def test_partitions_are_chosen_by_what_became_of_them(only, chosen) -> None:
    assert partitions_chosen(KEYS, only=only, states=STATES) == chosen


def test_partitions_that_dagster_has_never_heard_of_are_missing() -> None:
    assert partitions_chosen(KEYS, only="missing", states={}) == KEYS


WEEKS = {"orders": ("w1", "w2", "w3", "w4", "rest")}


@pytest.mark.parametrize(
    ("between", "chosen"),
    [
        (("w2", "w3"), ("w2", "w3")),
        (("w4", None), ("w4", "rest")),
        ((None, "w2"), ("w1", "w2")),
        (("w2", "w2"), ("w2",)),
    ],
)
def test_a_range_goes_from_one_to_the_other_in_the_order_of_the_plan(between, chosen) -> None:
    assert partitions_chosen(WEEKS, between=between) == {"orders": chosen}


def test_of_a_range_only_those_of_a_state_may_be_meant() -> None:
    states = {"orders": {"w1": "failed", "w2": "failed", "w3": "loaded"}}
    assert partitions_chosen(WEEKS, only="failed", states=states, between=("w2", "w4")) == {"orders": ("w2",)}


def test_a_range_the_wrong_way_round_and_one_from_nowhere_are_refused() -> None:
    with pytest.raises(PlanRefused, match="w1 comes before w3"):
        partitions_chosen(WEEKS, between=("w3", "w1"))
    with pytest.raises(PlanRefused, match=r"no partition of orders 'w9'"):
        partitions_chosen(WEEKS, between=("w9", None))


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
