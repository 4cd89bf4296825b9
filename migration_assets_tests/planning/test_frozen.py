import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from migration_assets.contracts.model import ByKey, ByValue, Contract, Scalar, Whole
from migration_assets.errors import PlanRefused
from migration_assets.planning import frozen

Make = Callable[..., Contract]


@pytest.mark.parametrize(
    ("bounds", "kind"),
    [
        ((1, 2**63, 10**40), "integer"),
        (("", "A", "a,b", "ü", "😀"), "text"),
        ((Decimal("0.10"), Decimal("1E+30")), "decimal"),
        ((1, Decimal("2.5")), "decimal"),
        ((), "integer"),
    ],
)
def test_a_plan_comes_back_as_it_was_written(a_contract: Make, bounds: tuple[Scalar, ...], kind: str) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    plan = frozen.freeze(contract, bounds, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    file = frozen.write(contract, plan)
    assert frozen.read(contract) == plan
    said = json.loads(file.read_text())
    assert (said["contract"], said["by"], said["column"], said["rows"], said["type"]) == (
        "orders", "key", "id", 500, kind,
    )  # fmt: skip
    assert said["planned_at"] == "2024-05-06T07:08:09Z"


def test_the_plan_stands_beside_the_contract_and_nothing_else_is_left(
    a_contract: Make, tmp_path: Path
) -> None:
    contract = a_contract(partitioning=ByValue("code"))
    assert frozen.is_planned_from_source(contract)
    frozen.write(contract, frozen.freeze(contract, ("a",)))
    assert [file.name for file in tmp_path.iterdir()] == ["orders.partitions.json"]


def test_contracts_that_say_their_partitions_need_no_plan(a_contract: Make) -> None:
    assert not frozen.is_planned_from_source(a_contract(partitioning=Whole()))
    assert not frozen.is_planned_from_source(a_contract(partitioning=ByValue("code", ("a",))))


def test_a_failed_write_leaves_the_old_plan(
    a_contract: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    old = frozen.freeze(contract, (1,))
    frozen.write(contract, old)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space"):
        frozen.write(contract, replace(old, bounds=(1, 2)))
    assert frozen.read(contract) == old
    assert [file.name for file in tmp_path.iterdir()] == ["orders.partitions.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"partitioning": ByKey("code", 500)}, "its column is id, the contract's is code"),
        ({"partitioning": ByValue("id")}, "its kind is by key, the contract's is by value"),
        ({"name": "orders2"}, "its contract is orders, the contract's is orders2"),
    ],
)
def test_a_plan_of_another_kind_is_refused_and_says_what_to_delete(
    a_contract: Make, change: dict[str, object], words: str
) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    frozen.write(contract, frozen.freeze(contract, (1, 2)))
    with pytest.raises(PlanRefused) as refused:
        frozen.read(replace(contract, **change))  # type: ignore[arg-type]
    assert words in str(refused.value)
    assert "Delete " in refused.value.advice
    assert "orders.partitions.json" in refused.value.advice


def test_other_rows_a_partition_leave_the_plan_as_it_is(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    plan = frozen.freeze(contract, (1, 2))
    frozen.write(contract, plan)
    assert frozen.read(replace(contract, partitioning=ByKey("id", 9))) == plan


def test_any_damage_is_refused_in_words(a_contract: Make) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    file = frozen.write(contract, frozen.freeze(contract, (1, 20, 300)))
    whole = file.read_text()
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        at = chance.randrange(len(whole))
        file.write_text(whole[:at] + chance.choice('x",[]{}0-') + whole[at + chance.randrange(3) :])
        with contextlib.suppress(PlanRefused):
            frozen.read(contract)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"type": "integer"}', '{"type": "x", "bounds": []}', '{"bounds": ["1"]}']
)
def test_a_file_that_is_no_plan_is_refused(a_contract: Make, text: str) -> None:
    contract = a_contract(partitioning=ByKey("id", 500))
    frozen.plan_file(contract).write_text(text)
    with pytest.raises(PlanRefused, match="damaged"):
        frozen.read(contract)


@pytest.mark.parametrize(
    "bounds", [(1, "a"), (date(2019, 1, 1),), (Decimal("NaN"),), (True,), (2, 1), (1, 1), ("b", "B")]
)
def test_bounds_that_are_no_plan_are_refused(a_contract: Make, bounds: tuple[Scalar, ...]) -> None:
    with pytest.raises(PlanRefused):
        frozen.freeze(a_contract(partitioning=ByKey("id", 500)), bounds)
