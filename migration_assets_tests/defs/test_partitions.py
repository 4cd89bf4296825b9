"""Planned partitions as Dagster's, and which contracts share a run."""

from dataclasses import replace

import pytest

from migration_assets.contracts.model import Contract, Reference
from migration_assets.defs.partitions import (
    FAMILY_A_RUN,
    TABLES_A_RUN,
    families,
    partition_all,
    runs_beside,
)
from migration_assets.errors import ConnectionRefused
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


def children(parents: dict[str, str], **contracts: Contract) -> dict[str, Contract]:
    """The contracts, each child with a reference to its parent."""
    return {
        name: replace(contract, references=(Reference(("id",), parents[name], ("id",)),))
        if name in parents
        else contract
        for name, contract in contracts.items()
    }


def test_tables_that_refer_to_each_other_share_a_run() -> None:
    tables = many(3 * TABLES_A_RUN)
    # every third is the child of the last but so many
    parents = {f"t{at}": f"t{3 * TABLES_A_RUN - 1 - at}" for at in range(0, 3 * TABLES_A_RUN // 2, 3)}
    policies = dict(zip(tables, a_run(children(parents, **tables), 1), strict=True))
    assert len(set(policies.values())) > 1
    assert [policies[child] for child in parents] == [policies[parent] for parent in parents.values()]


def test_a_family_of_very_many_tables_does_not_go_in_one_run() -> None:
    tables = many(3 * FAMILY_A_RUN)
    policies = a_run(children({name: "t0" for name in tables if name != "t0"}, **tables), 1)
    assert [policies.count(policy) for policy in sorted(set(policies), key=str)] == [FAMILY_A_RUN] * 3


def test_a_family_is_all_that_references_reach() -> None:
    tables = children({"t1": "t4", "t3": "t4", "t2": "t2"}, **many(6))
    assert families(tables) == [["t0"], ["t1", "t4", "t3"], ["t2"], ["t5"]]


def test_partitioned_tables_of_the_same_keys_do_not_share_runs() -> None:
    assert a_run(many(3), 12) == [16, 17, 18]


def test_a_contract_of_very_many_partitions_has_a_bounded_number_of_runs() -> None:
    assert a_run(many(1), 100_000) == [500]


def test_a_run_takes_more_partitions_while_enough_runs_are_left() -> None:
    assert [a_run(many(1), number) for number in (16, 100, 256, 1_000, 12_800)] == [
        [16],
        [25],
        [64],
        [64],
        [64],
    ]


@pytest.mark.parametrize(
    ("partitions", "beside", "a_run"), [(60, 8, 8), (60, 60, 4), (1_000, 16, 63), (12_800, 16, 64)]
)
def test_a_contract_is_cut_into_as_many_runs_as_there_are_workers_for(
    partitions: int, beside: int, a_run: int
) -> None:
    keys = [Partition(f"{number:05d}", AllRows()) for number in range(partitions)]
    (made,) = partition_all(many(1), lambda _: keys, beside).values()

    assert made.backfill_policy.max_partitions_per_run == a_run
    assert runs_beside({"MIGRATION_RUNS": str(beside)}) == beside


def test_a_number_of_runs_that_is_none_is_refused() -> None:
    assert runs_beside({}) is None
    for said in ("0", "-1", "many", "1.5"):
        with pytest.raises(ConnectionRefused, match="MIGRATION_RUNS"):
            runs_beside({"MIGRATION_RUNS": said})
