"""A new instance is told what the ledger vouches for, as the UI shows it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import ByKey
from migration_assets.control import records
from migration_assets.control.stale import states
from migration_assets.defs.build import build_definitions
from migration_assets.defs.rebuilt import Rebuilt, rebuild
from migration_assets.planning.keys import partitions
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.tables.shop import NO_NEGATIVE, Shop, open_shop

LOADED = dg.AssetKey(["tables", "orders", "loaded"])
EXTRACTED = dg.AssetKey(["tables", "orders", "extracted"])


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = open_shop(new_database, tmp_path)
    made.contract(made.contracts["customers"], quality=(NO_NEGATIVE,))
    orders = made.contract(made.contracts["orders"], partitioning=ByKey("ordno", 100))
    plan_partitions(orders, made.environment)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def another() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def move(shop: Shop, instance: dg.DagsterInstance, name: str, first: str, last: str | None = None) -> bool:
    definitions = build_definitions(shop.contracts, planner=partitions, checks=specs)
    tags = {"dagster/partition": first}
    if last:
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    selected = [dg.AssetKey(["tables", name, stage]) for stage in ("extracted", "transformed", "loaded")]
    assets = definitions.resolve_asset_graph().assets_defs
    done = dg.materialize(assets, selection=selected, instance=instance, tags=tags, raise_on_error=False)
    return done.success


def everything(shop: Shop, instance: dg.DagsterInstance) -> None:
    assert move(shop, instance, "customers", "all")
    assert move(shop, instance, "orders", "0001", "rest")


def rebuilt(shop: Shop, instance: dg.DagsterInstance) -> dict[str, Rebuilt]:
    contracts = [shop.contracts["customers"], shop.contracts["orders"]]
    return {each.contract: each for each in rebuild(instance, contracts, shop.contracts, shop.environment)}


def newest(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str) -> dg.AssetMaterialization:
    wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition])
    materialization = instance.fetch_materializations(wanted, limit=1).records[0].asset_materialization
    assert materialization
    return materialization


def shown(shop: Shop, instance: dg.DagsterInstance) -> list[object]:
    """What a person sees: states, blocking checks that hold, versions of code and data, rows."""
    orders = shop.contracts["orders"]
    keys = [each.key for each in partitions(orders)]
    tallies = records.tallies(instance, orders, specs(orders), keys)
    versions = [
        {name: tag for name, tag in newest(instance, LOADED, key).tags.items() if name.endswith("_version")}
        for key in keys
    ]
    return [
        records.states(instance, orders, keys),
        {name: tally.passed for name, tally in tallies.items() if tally.blocking},
        versions,
        [
            (each.partition, each.rows, each.generation)
            for each in records.materialized(instance, orders, "loaded")
        ],
    ]


def test_a_new_instance_shows_what_the_lost_one_showed(
    shop: Shop, instance: dg.DagsterInstance, another: dg.DagsterInstance
) -> None:
    everything(shop, instance)
    told = rebuilt(shop, another)
    assert {name: (each.reported, each.staged) for name, each in told.items()} == {
        "customers": (1, 1),
        "orders": (4, 4),
    }
    assert shown(shop, another) == shown(shop, instance)
    tags = newest(another, LOADED, "0002").tags or {}
    was = newest(instance, LOADED, "0002").tags or {}
    mine = "dagster/input_data_version/tables/orders/transformed"
    assert tags[mine] == was[mine]

    again = rebuilt(shop, another)
    assert {name: (each.reported, each.known) for name, each in again.items()} == {
        "customers": (0, 1),
        "orders": (0, 4),
    }
    keys = {name: [each.key for each in partitions(contract)] for name, contract in shop.contracts.items()}
    found = states(another, shop.contracts, keys, shop.environment)
    assert set(found["orders"].values()) == set(found["customers"].values()) == {"loaded"}


def test_where_staging_is_gone_only_loaded_is_told_and_it_says_so(
    shop: Shop, instance: dg.DagsterInstance, another: dg.DagsterInstance
) -> None:
    everything(shop, instance)
    shutil.rmtree(shop.folder / "staging" / "orders" / "0001")
    told = rebuilt(shop, another)["orders"]
    assert (told.reported, told.staged) == (4, 3)
    metadata = newest(another, LOADED, "0001").metadata
    assert metadata["staged"].value == "extracted and transformed are not staged any more"
    assert "0001" not in another.get_materialized_partitions(EXTRACTED)
    assert "0002" in another.get_materialized_partitions(EXTRACTED)


def test_a_newer_failure_stands_and_an_older_instance_is_brought_up_to_date(
    shop: Shop, instance: dg.DagsterInstance, another: dg.DagsterInstance
) -> None:
    everything(shop, instance)
    # another instance has seen 0001 loaded again, and 0002 fail
    assert move(shop, another, "orders", "0001")
    shop.ask_old("UPDATE ordhdr SET custno = 999 WHERE ordno = 150")
    assert not move(shop, another, "orders", "0002")

    told = rebuilt(shop, another)["orders"]
    assert (told.reported, told.known, told.newer) == (2, 1, ("0002",))
    orders = shop.contracts["orders"]
    assert records.states(another, orders, ["0001", "0002", "0003"]) == {
        "0001": "loaded",
        "0002": "failed",
        "0003": "loaded",
    }
    # the first one has generation 1 of 0001
    told = rebuilt(shop, instance)["orders"]
    assert (told.reported, told.known) == (1, 3)
    assert newest(instance, LOADED, "0001").metadata["generation"].value == 2


def test_what_the_ledger_does_not_have_is_named_and_is_to_be_moved(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    everything(shop, instance)
    shop.ask_new("DELETE FROM migration.load WHERE contract = 'orders' AND partition = '0003'")
    shop.ask_new("UPDATE migration.load SET partition = 'x' WHERE contract = 'orders' AND partition = 'rest'")
    told = rebuilt(shop, instance)["orders"]
    assert (told.reported, told.unvouched, told.strange) == (0, ("0003", "rest"), ("x",))
    keys = {"orders": ["0001", "0002", "0003", "rest"]}
    found = states(instance, shop.contracts, keys, shop.environment)["orders"]
    assert found == {"0001": "loaded", "0002": "loaded", "0003": "missing", "rest": "missing"}


def test_checks_that_a_crash_kept_from_being_told_are_told(shop: Shop, instance: dg.DagsterInstance) -> None:
    assert move(shop, instance, "customers", "all")
    customers = shop.contracts["customers"]
    key = records.key_of(customers, "loaded")
    event = newest(instance, key, "all")
    instance.report_runless_asset_event(
        dg.AssetMaterialization(key, partition="all", tags=event.tags, metadata=event.metadata)
    )
    assert not records.proven(instance, customers, specs(customers), ["all"])
    assert rebuilt(shop, instance)["customers"].reported == 1
    assert records.proven(instance, customers, specs(customers), ["all"]) == {"all"}


def test_a_contract_that_changed_is_not_told_to_have_been_judged_by_its_new_rules(
    shop: Shop, instance: dg.DagsterInstance, another: dg.DagsterInstance
) -> None:
    everything(shop, instance)
    customers = shop.contracts["customers"]
    shop.contract(customers, quality=(NO_NEGATIVE, replace(NO_NEGATIVE, name="another")))
    rebuilt(shop, another)
    found = records.on_record(another, customers, specs(shop.contracts["customers"]))
    assert {name for name, made in found.items() if made and name not in ("schema",)} == {
        "count",
        "checksum",
        "referential",
    }
