"""Planned partitions as Dagster's, and which contracts share a run."""

from dataclasses import replace

from migration_assets.contracts.model import Contract
from migration_assets.defs.partitions import TABLES_A_RUN, partition_all
from migration_assets.planning.partitions import AllRows, Partition
from migration_assets_tests.defs.scenario import CUSTOMERS, SHOP, planner


def many(number: int) -> dict[str, Contract]:
    return {f"t{at}": replace(CUSTOMERS, name=f"t{at}") for at in range(number)}


def a_run(contracts: dict[str, Contract], partitions: int) -> list[int | None]:
    keys = [Partition(f"{at:06d}", AllRows()) for at in range(partitions)]
    made = partition_all(contracts, lambda _: keys)
    return [each.backfill_policy.max_partitions_per_run for each in made.values()]


def test_keys_come_in_the_order_of_the_plan_and_rest_is_one_of_them() -> None:
    made = partition_all(SHOP, planner)
    assert made["orders"].definition.get_partition_keys() == ["k0001", "k0002", "k0003", "rest"]
    assert made["customers"].definition.get_partition_keys() == ["all"]


def test_a_contract_without_a_plan_loads_without_partitions_and_says_why() -> None:
    lines = partition_all(SHOP, planner)["lines"]
    assert lines.definition.get_partition_keys() == []
    assert "lines has no plan." in lines.unplanned


def test_small_tables_share_a_run_and_no_run_has_too_many() -> None:
    policies = a_run(many(2 * TABLES_A_RUN + 1), 1)
    assert [policies.count(policy) for policy in sorted(set(policies), key=str)] == [TABLES_A_RUN] * 2 + [1]


def test_partitioned_tables_of_the_same_keys_do_not_share_runs() -> None:
    assert a_run(many(3), 12) == [16, 17, 18]


def test_a_contract_of_very_many_partitions_has_a_bounded_number_of_runs() -> None:
    assert a_run(many(1), 100_000) == [500]
    assert a_run(many(1), 1_000) == [16]
