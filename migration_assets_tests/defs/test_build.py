"""A contract set as Dagster shows it."""

import importlib
import warnings
from dataclasses import replace

import dagster as dg
import pytest

import migration_assets.defs
from migration_assets.contracts.model import Reference
from migration_assets.defs import jobs
from migration_assets.defs.build import build_definitions
from migration_assets.defs.partitions import partition_all
from migration_assets_tests.defs.scenario import CUSTOMERS, SHOP, FakeEngine, checks, planner


def spec(definitions: dg.Definitions, *path: str) -> dg.AssetSpec:
    (found,) = [each for each in definitions.resolve_all_asset_specs() if each.key == dg.AssetKey(path)]
    return found


def parents(definitions: dg.Definitions, *path: str) -> set[str]:
    return {dep.asset_key.to_user_string() for dep in spec(definitions, *path).deps}


def test_definitions_are_loadable(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_a_row_goes_from_the_source_to_the_target_and_parents_are_loaded_first(
    definitions: dg.Definitions,
) -> None:
    assert parents(definitions, "tables", "orders", "extracted") == {"legacy/crm/auftrag"}
    assert parents(definitions, "tables", "orders", "transformed") == {"tables/orders/extracted"}
    assert parents(definitions, "tables", "orders", "loaded") == {
        "tables/orders/transformed",
        "tables/customers/loaded",
    }
    assert spec(definitions, "legacy", "crm", "auftrag").deps == []


def test_a_deferred_reference_holds_nobody_back() -> None:
    orders = replace(
        SHOP["orders"], references=(Reference(("customer_id",), "customers", ("id",), deferred=True),)
    )
    made = build_definitions({**SHOP, "orders": orders}, planner=planner, checks=checks, engine=FakeEngine())
    assert parents(made, "tables", "orders", "loaded") == {"tables/orders/transformed"}


def test_assets_are_grouped_owned_tagged_and_described(definitions: dg.Definitions) -> None:
    loaded = spec(definitions, "tables", "customers", "loaded")
    assert loaded.group_name == "shop"
    assert list(loaded.owners) == ["team:sales", "someone@example.com"]
    assert loaded.tags["migration/priority"] == "10"
    assert loaded.tags["migration/classification"] == "confidential"
    assert loaded.tags["migration/source"] == "legacy"
    assert "wave_1" in loaded.tags
    assert loaded.kinds == {"postgres", "customers"}
    assert spec(definitions, "tables", "customers", "extracted").kinds == {"mysql", "customers"}
    assert "Everybody who ever bought something." in (loaded.description or "")
    assert loaded.code_version == "c" * 12


def test_a_loaded_asset_shows_its_columns_where_they_come_from_and_its_contract(
    definitions: dg.Definitions,
) -> None:
    metadata = spec(definitions, "tables", "customers", "loaded").metadata
    schema = metadata["dagster/column_schema"]
    assert [(column.name, column.type) for column in schema.columns] == [
        ("id", "bigint"),
        ("name", "text"),
        ("mail", "text"),
    ]
    assert [column.constraints.nullable for column in schema.columns] == [False, True, True]
    lineage = metadata["dagster/column_lineage"].deps_by_column
    assert {dep.column_name for dep in lineage["name"]} == {"vorname", "nachname"}
    assert metadata["dagster/table_name"] == "public.customers"
    assert metadata["dagster/uri"] == "postgres://cloud/public/customers"
    (reference,) = metadata["dagster/code_references"].code_references
    assert reference.file_path.endswith("data_contracts/customers.odcs.yaml")


def test_every_check_is_recorded_for_each_partition(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    key = dg.AssetCheckKey(dg.AssetKey(["tables", "orders", "transformed"]), "id_range")
    node = graph.get(key)
    assert node.partitions_def == dg.StaticPartitionsDefinition(["k0001", "k0002", "k0003", "rest"])
    assert not node.blocking
    assert graph.get(dg.AssetCheckKey(dg.AssetKey(["tables", "orders", "loaded"]), "count")).blocking


def test_an_asset_without_a_plan_says_what_to_do(definitions: dg.Definitions) -> None:
    description = spec(definitions, "tables", "lines", "loaded").description or ""
    assert "Run `migrate plan lines`." in description


def test_every_contract_has_a_job(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("tables_orders")
    assert job.partitions_def
    assert job.partitions_def.get_partition_keys() == ["k0001", "k0002", "k0003", "rest"]
    # a run of a job says no assets that the queue could ask
    assert definitions.resolve_job_def("tables_customers").tags == {
        "migration/job": "tables_customers",
        "dagster/priority": "10",
        "migration.source/legacy": "legacy",
        "migration.target/cloud": "cloud",
    }


def test_very_many_contracts_share_jobs_by_their_partitions() -> None:
    number = jobs.CONTRACTS_WITH_A_JOB_EACH + 1
    contracts = {f"t{at}": replace(CUSTOMERS, name=f"t{at}") for at in range(number)}
    made = jobs.jobs(list(partition_all(contracts, lambda _: planner(CUSTOMERS)).values()))
    assert [job.name for job in made] == ["tables_all"]


def test_contracts_that_share_a_job_load_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CONTRACTS_WITH_A_JOB_EACH", 1)
    contracts = {f"t{at}": replace(SHOP["orders"], name=f"t{at}", references=()) for at in range(3)}
    made = build_definitions(
        contracts, planner=lambda _: planner(SHOP["orders"]), checks=checks, engine=FakeEngine()
    )
    with warnings.catch_warnings(record=True) as warned:
        importlib.reload(migration_assets.defs)
        (shared,) = {job.name for job in made.jobs or () if job.name.startswith("tables_")}
        assert made.resolve_job_def(shared).partitions_def
    assert [str(each.message) for each in warned] == []


def test_names_that_dagster_does_not_take_are_made_plain_and_stay_apart() -> None:
    names = ["a-b", "a b", "a_b"]
    contracts = {name: replace(CUSTOMERS, name=name, domain="Sales & more") for name in names}
    made = build_definitions(
        contracts, planner=lambda _: planner(CUSTOMERS), checks=checks, engine=FakeEngine()
    )
    dg.Definitions.validate_loadable(made)
    assert len({each.name for each in made.jobs or [] if each.name.startswith("tables_")}) == 3
