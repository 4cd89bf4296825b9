"""The demo's contracts are what a stranger learns from."""

import re
from pathlib import Path

import pytest
import yaml

from migration_assets.contracts import loader
from migration_assets.contracts.model import ByKey, ByTime, ByValue, Contract, Whole
from migration_assets.demo import world
from migration_assets.planning.order import in_order

FOLDER = Path(__file__).resolve().parents[2] / "data_contracts"
CONTRACTS = loader.load(FOLDER / "shop")


def test_every_table_of_the_shop_has_a_contract_without_faults() -> None:
    assert set(CONTRACTS) == set(world.TABLES)


def test_parents_come_before_children() -> None:
    order = [contract.name for contract in in_order(CONTRACTS.values())]

    for contract in CONTRACTS.values():
        assert all(order.index(each.parent) < order.index(contract.name) for each in contract.references)


def test_every_way_to_partition_is_shown() -> None:
    shown = {type(contract.partitioning) for contract in CONTRACTS.values()}

    assert shown == {ByKey, ByTime, ByValue, Whole}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
def test_a_stranger_is_told_what_everything_is(contract: Contract) -> None:
    assert contract.description
    assert contract.owners
    assert [column.name for column in contract.columns if not column.description] == []


def test_values_of_people_are_marked_as_personal() -> None:
    personal = {column.name for column in CONTRACTS["customer"].columns if column.personal}

    assert {"name", "phone", "address"} <= personal


def test_the_annotated_example_has_no_faults(tmp_path: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example
    written = yaml.safe_load(example[1])
    (tmp_path / "orders.odcs.yaml").write_text(example[1], encoding="utf-8")
    for parent in ("customer", "clerk"):
        (tmp_path / f"{parent}.odcs.yaml").write_text(yaml.safe_dump(_parent(written, parent)))

    assert set(loader.load(tmp_path)) == {"orders", "customer", "clerk"}


def _parent(example: dict[str, object], name: str) -> dict[str, object]:
    """A small contract for a table that the example refers to."""
    keys = {"customer": ["customer_key"], "clerk": ["branch", "number"]}[name]
    properties = [
        {
            "name": key,
            "physicalType": "integer",
            "primaryKey": True,
            "primaryKeyPosition": place,
            "required": True,
            "transformSourceObjects": [key],
        }
        for place, key in enumerate(keys, start=1)
    ]
    move = {"kind": "table", "source": "legacy", "target": "cloud", "from": {"table": f"SHOPLIB.{name}"}}
    return {
        **{key: example[key] for key in ("apiVersion", "kind", "version", "status", "servers")},
        "id": name,
        "name": name,
        "customProperties": [{"property": "migration", "value": move}],
        "schema": [{"name": name, "physicalName": name, "properties": properties}],
    }
