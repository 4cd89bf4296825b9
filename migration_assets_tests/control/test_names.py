"""What contracts are called in Dagster."""

from dataclasses import replace

from migration_assets.contracts.model import TableName
from migration_assets.control.names import job_name, op_name, plain, source_path, stage_path
from migration_assets_tests.control.shop import ORDERS


def test_names_of_an_ordinary_contract() -> None:
    assert stage_path(ORDERS, "loaded") == ("tables", "orders", "loaded")
    assert source_path(ORDERS) == ("legacy", "auftrag")
    assert job_name(ORDERS) == "tables_orders"
    assert op_name(ORDERS) == "move_tables_orders"


def test_a_source_table_has_its_schema_as_a_part() -> None:
    contract = replace(ORDERS, source_table=TableName("crm", "customers"))
    assert source_path(contract) == ("legacy", "crm", "customers")


def test_hostile_names_become_plain_and_stay_apart() -> None:
    names = ['weird "table"', "weird 'table'", "weird__table_", "tab/le", "täble"]
    made = {plain(name) for name in names}
    assert len(made) == len(names)
    assert all(name.replace("_", "").isalnum() and name.isascii() for name in made)
    assert plain("ordinary_1") == "ordinary_1"
