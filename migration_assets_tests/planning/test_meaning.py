"""What makes a loaded partition stale by its contract, and what does not."""

from dataclasses import replace
from datetime import datetime

import pytest

from migration_assets.contracts.model import ByTime, Column, Contract, Quality, Schedule, Server, TableName
from migration_assets.planning.meaning import meaning, meanings
from migration_assets.planning.partitions import AllRows, Outside, Partition, Range

CONTRACT = Contract(
    name="orders",
    version="1.0.0",
    digest="0" * 64,
    file="orders.odcs.yaml",
    source=Server("legacy", "sqlite"),
    target=Server("cloud", "postgres"),
    source_table=TableName(None, "ordhdr"),
    target_table=TableName("shop", "orders"),
    columns=(
        Column("id", "bigint", sources=("ordno",), required=True),
        Column("total", "numeric(12,2)", sources=("cents",), expression="cents / 100.0"),
    ),
    primary_key=("id",),
    partitioning=ByTime("month", "made", datetime(2019, 1, 1)),
)
MONTH = Partition("2019-01", Range(datetime(2019, 1, 1), datetime(2019, 2, 1)), "made", "made")


PINNED = "fa05984265cf81c69ac85f705b59ae63"


def test_the_digest_of_a_contract_stays_what_it_is() -> None:
    """Another digest would make every partition that was ever loaded stale."""
    assert meaning(CONTRACT, MONTH) == PINNED


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "Now with a description."},
        {"version": "2.0.0", "digest": "f" * 64},
        {"owners": ("somebody",), "tags": ("wave:1",), "domain": "sales"},
        {"priority": 5, "keep_generations": 9},
        {"schedule": Schedule("0 3 * * *"), "watermark": "changed"},
        {"file": "elsewhere.odcs.yaml"},
        {"partitioning": ByTime("month", "made", datetime(2018, 1, 1), datetime(2030, 1, 1))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_decides_no_row_leaves_loaded_partitions_as_they_are(changes: dict[str, object]) -> None:
    assert meaning(replace(CONTRACT, **changes), MONTH) == meaning(CONTRACT, MONTH)


RULE = Quality("none_negative", "sql", True, "", "mustBe", 0, "SELECT count(*) FROM shop.orders")
TOTAL = CONTRACT.columns[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"where": "deleted = 0"},
        {"columns": (CONTRACT.columns[0], replace(TOTAL, expression="cents / 1000.0"))},
        {"columns": (CONTRACT.columns[0], replace(TOTAL, type="numeric(10,2)"))},
        {"columns": (CONTRACT.columns[0], replace(TOTAL, options={"minimum": 0}))},
        {"columns": CONTRACT.columns[:1]},
        {"source_table": TableName("old", "ordhdr")},
        {"target_table": TableName("shop", "orders_2")},
        {"quality": (RULE,)},
        {"bad_rows": "quarantine"},
        {"load_mode": "upsert"},
        {"partitioning": ByTime("month", "paid", datetime(2019, 1, 1))},
        {"hook": "shop_rules:mend"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_decides_rows_makes_loaded_partitions_stale(changes: dict[str, object]) -> None:
    assert meaning(replace(CONTRACT, **changes), MONTH) != meaning(CONTRACT, MONTH)


def test_a_partition_of_the_same_key_and_other_bounds_means_other_rows() -> None:
    moved = replace(MONTH, bounds=Range(datetime(2019, 1, 1), datetime(2019, 1, 15)))
    assert meaning(CONTRACT, moved) != meaning(CONTRACT, MONTH)


def test_rest_is_not_stale_because_a_window_has_come() -> None:
    rest = [Partition("rest", Outside(above=datetime(2019, month, 1)), "made", "made") for month in (2, 3)]
    assert meaning(CONTRACT, rest[0]) == meaning(CONTRACT, rest[1])


def test_every_partition_has_its_own() -> None:
    whole = Partition("all", AllRows())
    assert len(set(meanings(CONTRACT, [MONTH, whole]).values())) == 2
