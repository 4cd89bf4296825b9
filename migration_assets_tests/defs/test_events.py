"""What the events written here mean to Dagster; fails when the names that are not public change."""

from dataclasses import replace

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from migration_assets.contracts.model import Contract
from migration_assets.control.names import STAGES
from migration_assets.defs import events
from migration_assets.defs.build import build_definitions
from migration_assets_tests.defs.conftest import Run
from migration_assets_tests.defs.scenario import CUSTOMERS, SHOP, FakeEngine, Report, checks, passed, planner

ORDERS_LOADED = dg.AssetKey(["tables", "orders", "loaded"])


def stale(instance: dg.DagsterInstance, contracts: dict[str, Contract]) -> dict[str, str]:
    """The assets of customers and orders that are not fresh, with the causes."""
    graph = build_definitions(contracts, planner=planner, checks=checks, engine=FakeEngine())
    resolver = CachingStaleStatusResolver(
        instance=instance,
        asset_graph=graph.resolve_asset_graph(),
        loading_context=LoadingContextForTest(instance),
    )
    found = {}
    for name, partition in (("customers", "all"), ("orders", "k0001")):
        for stage in STAGES:
            key = dg.AssetKey(["tables", name, stage])
            if resolver.get_status(key, partition) != StaleStatus.FRESH:
                causes = resolver.get_stale_causes(key, partition)
                found[f"{name}/{stage}"] = "; ".join(cause.reason for cause in causes)
    return found


def test_what_was_just_loaded_is_fresh(run: Run, instance: dg.DagsterInstance) -> None:
    run("customers", first="all")
    run("orders", first="k0001")
    assert stale(instance, SHOP) == {}


def test_a_contract_change_marks_exactly_its_own_assets_stale(run: Run, instance: dg.DagsterInstance) -> None:
    run("customers", first="all")
    run("orders", first="k0001")
    changed = {**SHOP, "customers": replace(CUSTOMERS, digest="d" * 64)}
    assert stale(instance, changed) == {f"customers/{stage}": "has a new code version" for stage in STAGES}


def test_a_parent_that_is_loaded_again_unchanged_leaves_the_child_fresh(
    run: Run, instance: dg.DagsterInstance
) -> None:
    run("customers", first="all")
    run("orders", first="k0001")
    run("customers", first="all")
    assert stale(instance, SHOP) == {}


def test_a_parent_with_other_rows_makes_the_loaded_child_stale(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    run("customers", first="all")
    run("orders", first="k0001")
    other = Report("loaded", "all", fingerprint="f2", outcomes=(passed("count"),))
    engine.answers[("customers", "loaded", "all")] = [other]
    run("customers", first="all")
    assert stale(instance, SHOP) == {"orders/loaded": "has a new dependency data version"}


def test_new_staged_rows_make_the_later_stages_stale_until_they_follow(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    run("orders", first="k0001")
    engine.answers[("orders", "extracted", "k0001")] = [Report("extracted", "k0001", fingerprint="f2")]
    run("orders", first="k0001", stages=("extracted",))
    assert stale(instance, SHOP)["orders/transformed"] == "has a new dependency data version"
    run("orders", first="k0001", stages=("transformed", "loaded"))
    assert "orders/transformed" not in stale(instance, SHOP)


def test_the_latest_event_is_the_partitions_own(run: Run, instance: dg.DagsterInstance) -> None:
    run("orders", first="k0001")
    run("orders", first="k0002")
    first = events.latest(instance, ORDERS_LOADED, "k0001")
    second = events.latest(instance, ORDERS_LOADED, "k0002")
    assert first
    assert second
    assert first.storage_id < second.storage_id
    assert events.latest(instance, ORDERS_LOADED) == second
    assert events.latest(instance, ORDERS_LOADED, "rest") is None
