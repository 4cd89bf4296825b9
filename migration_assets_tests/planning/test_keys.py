import gc
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from migration_assets.contracts.model import ByKey, ByTime, ByValue, Contract, Grain, Whole
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen
from migration_assets.planning.keys import extend, partitions, value_key
from migration_assets.planning.partitions import CEILING, AllRows, OneOf, Outside, Range

Make = Callable[..., Contract]
START = datetime(2019, 1, 1)


def test_a_contract_without_partitions_has_one_for_all_rows(a_contract: Make) -> None:
    (only,) = partitions(a_contract(partitioning=Whole()))
    assert (only.key, only.bounds, only.source_column) == ("all", AllRows(), None)


@pytest.mark.parametrize(
    ("grain", "start", "end", "keys"),
    [
        ("hour", "2019-01-01T05:00", "2019-01-01T07:00", ["2019-01-01T05", "2019-01-01T06"]),
        ("day", "2019-02-27", "2019-03-02", ["2019-02-27", "2019-02-28", "2019-03-01"]),
        ("week", "2019-01-09", "2019-01-15", ["2019-01-07", "2019-01-14"]),
        ("month", "2019-11-15", "2020-02-01", ["2019-11", "2019-12", "2020-01"]),
        ("year", "0999-01-01", "1001-01-01", ["0999", "1000"]),
        ("month", "2019-01-01", "2019-12-31", [f"2019-{month:02d}" for month in range(1, 13)]),
    ],
)
def test_windows_have_readable_keys(
    a_contract: Make, grain: Grain, start: str, end: str, keys: list[str]
) -> None:
    how = ByTime(grain, "created", datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert [p.key for p in partitions(a_contract(partitioning=how))] == [*keys, "rest"]


def test_windows_are_whole_and_touch_one_another(a_contract: Make) -> None:
    how = ByTime("month", "created", datetime(2019, 1, 15), datetime(2019, 3, 15))
    *windows, rest = partitions(a_contract(partitioning=how))
    assert [p.bounds for p in windows] == [
        Range(datetime(2019, 1, 1), datetime(2019, 2, 1)),
        Range(datetime(2019, 2, 1), datetime(2019, 3, 1)),
        Range(datetime(2019, 3, 1), datetime(2019, 4, 1)),
    ]
    assert rest.bounds == Outside(below=datetime(2019, 1, 1), above=datetime(2019, 4, 1))


def test_without_an_end_the_last_window_is_the_one_of_now(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByTime("day", "created", START))
    noon = datetime(2019, 1, 3, 12, tzinfo=UTC)
    assert [p.key for p in partitions(contract, noon)] == ["2019-01-01", "2019-01-02", "2019-01-03", "rest"]
    midnight = partitions(contract, datetime(2019, 1, 3, tzinfo=UTC))
    assert midnight[-2].key == "2019-01-03"


def test_a_start_to_come_still_has_its_window(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByTime("year", "created", START))
    assert [p.key for p in partitions(contract, datetime(2001, 1, 1))] == ["2019", "rest"]


def test_source_and_target_know_the_partition_column_by_their_own_names(a_contract: Make) -> None:
    first, *_ = partitions(a_contract(partitioning=ByTime("year", "created", START)))
    assert (first.source_column, first.target_column) == ("created", "made_at")
    first, *_ = partitions(a_contract(partitioning=ByTime("year", "made_at", START)))
    assert (first.source_column, first.target_column) == ("created", "made_at")


def test_too_many_windows_are_refused_with_the_next_larger_grain(a_contract: Make) -> None:
    how = ByTime("hour", "created", START, START + timedelta(hours=CEILING))
    with pytest.raises(PlanRefused, match=r"100,001 partitions .* `by: day`"):
        partitions(a_contract(partitioning=how))


def test_an_end_beyond_the_calendar_is_refused_in_words(a_contract: Make) -> None:
    how = ByTime("year", "created", datetime(9998, 1, 1), datetime(9999, 12, 31))
    with pytest.raises(PlanRefused, match="9999"):
        partitions(a_contract(partitioning=how))


def test_a_hundred_thousand_partitions_are_quick(a_contract: Make) -> None:
    how = ByTime("hour", "created", START, START + timedelta(hours=CEILING - 1))
    contract = a_contract(partitioning=how)
    gc.collect()
    gc.freeze()  # what other tests have left is not walked through at this one's cost
    began = time.process_time()
    planned = partitions(contract)
    seconds = time.process_time() - began
    gc.unfreeze()
    print(f"{len(planned):,} partitions in {seconds:.3f} s of CPU")
    assert len(planned) == CEILING
    assert seconds < 1


def test_values_of_the_contract_are_partitions_of_the_columns_type(a_contract: Make) -> None:
    text = partitions(a_contract(partitioning=ByValue("code", ("EU", "010", ""))))
    assert [(p.key, p.bounds) for p in text[:3]] == [
        ("EU", OneOf(("EU",))),
        ("010", OneOf(("010",))),
        ("%", OneOf(("",))),
    ]
    assert text[-1].bounds == Outside(values=("EU", "010", ""))
    numbers = partitions(a_contract(partitioning=ByValue("ORDER_ID", ("1", "2"))))
    assert [p.bounds for p in numbers[:2]] == [OneOf((1,)), OneOf((2,))]


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("EU", "EU"),
        ("a b", "a b"),
        (" a ", "%20a%20"),
        ("a,b", "a%2Cb"),
        ("a|b", "a%7Cb"),
        ("a..b", "a..b"),
        ("a...b", "a%2E%2E%2Eb"),
        ("a\nb", "a%0Ab"),
        ("100%", "100%25"),
        ("", "%"),
        ("%", "%25"),
        ("rest", "%72est"),
        ("all", "%61ll"),
        ("Zürich", "Zürich"),
    ],
)
def test_a_value_is_its_own_key_where_it_can_be(value: str, key: str) -> None:
    assert value_key(value) == key


def test_no_two_values_share_a_key() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    signs = "a,.|%2C72est \n\x00ü😀"
    values = {"".join(chance.choices(signs, k=chance.randrange(6))) for _ in range(20_000)} | {"rest", "all"}
    keys = {value_key(value): value for value in values}
    assert len(keys) == len(values)
    assert not keys.keys() & {"rest", "all"}
    assert all(unquote(key) == value for key, value in keys.items() if value)


def test_ranges_need_a_plan_first(a_contract: Make) -> None:
    with pytest.raises(PlanRefused, match="`migrate plan orders`"):
        partitions(a_contract(partitioning=ByKey("id", 1000)))


def test_ranges_begin_at_the_lowest_key_and_end_nowhere(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 1000))
    frozen.write(contract, frozen.freeze(contract, (1, 1001, 2001)))
    assert [(p.key, p.bounds) for p in partitions(contract)] == [
        ("0001", Range(1, 1001)),
        ("0002", Range(1001, 2001)),
        ("0003", Range(2001, None)),
        ("rest", Outside(below=1)),
    ]


def test_an_empty_table_has_one_range_for_all_that_may_come(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 1000))
    frozen.write(contract, frozen.freeze(contract, ()))
    assert [(p.key, p.bounds) for p in partitions(contract)] == [
        ("0001", Range(None, None)),
        ("rest", Outside()),
    ]


def test_a_plan_grows_at_its_end_and_keeps_its_keys(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 1))
    plan = frozen.freeze(contract, tuple(range(9_999)))
    frozen.write(contract, plan)
    before = [p.key for p in partitions(contract)]
    frozen.write(contract, extend(plan, (9_998, 9_999, 10_000)))
    after = [p.key for p in partitions(contract)]
    assert after[:9_999] == before[:9_999]
    assert after[9_999:] == ["10000", "10001", "rest"]


def test_a_plan_does_not_grow_in_its_middle(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 1000))
    with pytest.raises(PlanRefused, match="grows at its end"):
        extend(frozen.freeze(contract, (1, 1001)), (500,))


def test_planned_values_come_from_the_plan(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByValue("code"))
    frozen.write(contract, frozen.freeze(contract, ("EU", "US")))
    assert [p.key for p in partitions(contract)] == ["EU", "US", "rest"]
    grown = extend(frozen.read(contract), ("ASIA", "EU"))
    frozen.write(contract, grown)
    assert [p.key for p in partitions(contract)] == ["EU", "US", "ASIA", "rest"]


def test_too_many_ranges_are_refused_with_more_rows_each(a_contract: Make, tmp_path: Path) -> None:
    contract = a_contract(partitioning=ByKey("id", 7))
    frozen.write(contract, frozen.freeze(contract, tuple(range(CEILING))))
    with pytest.raises(PlanRefused, match=r"100,001 .*more rows a partition than `rows: 7`"):
        partitions(contract)


def test_a_changed_partition_column_is_refused_where_nothing_carries_it(a_contract: Make) -> None:
    with pytest.raises(PlanRefused, match="does not reach the target untouched"):
        partitions(a_contract(partitioning=ByValue("elsewhere", ("1",))))
