"""A contract's schedule: what a tick asks for, once, and windows that come while definitions are loaded."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import ByTime, Contract, Schedule
from migration_assets.control import dagster_daemon, due
from migration_assets.control.records import key_of
from migration_assets.defs.build import build_definitions
from migration_assets.defs.schedules import JOB, OP
from migration_assets.planning.keys import partitions
from migration_assets_tests.tables.shop import CUSTOMERS, Shop, open_shop

MARCH, APRIL = datetime(2020, 3, 10, 3, tzinfo=UTC), datetime(2020, 4, 10, 3, tzinfo=UTC)


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = open_shop(new_database, tmp_path)
    months = ByTime("month", "changed", datetime(2020, 1, 1))
    made.contract(CUSTOMERS, partitioning=months, schedule=Schedule("0 3 * * *", "Europe/Berlin", 1))
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def contract(shop: Shop) -> Contract:
    return shop.contracts["customers"]


def definitions(shop: Shop) -> dg.Definitions:
    return build_definitions(shop.contracts, planner=partitions, checks=specs)


def load(shop: Shop, instance: dg.DagsterInstance, *keys: str) -> None:
    assets = definitions(shop).resolve_asset_graph().assets_defs
    selected = [key_of(contract(shop), stage) for stage in ("extracted", "transformed", "loaded")]
    for key in keys:
        assert dg.materialize(assets, selection=selected, instance=instance, partition_key=key).success


def asked(instance: dg.DagsterInstance, found: due.Due) -> tuple[str, ...]:
    assert found.backfill
    backfill = dagster_daemon.asked_for(instance, found.backfill)
    assert backfill
    return tuple(sorted(backfill.partitions[key_of(CUSTOMERS, "loaded")]))


def test_a_tick_asks_for_windows_that_ended_and_are_missing_and_for_none_twice(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    first = due.ask(instance, contract(shop), os.environ, MARCH)
    assert asked(instance, first) == ("2020-01", "2020-02", "rest")
    # the same tick again, and the next one while the first is going on
    assert due.ask(instance, contract(shop), os.environ, MARCH).backfill is None
    assert due.ask(instance, contract(shop), os.environ, APRIL).missing == ("2020-03",)
    assert len(instance.get_backfills()) == 2


def test_a_tick_moves_a_recent_window_whose_source_changed_and_older_ones_are_named_by_status(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    due.make_known(instance, *known(shop))
    load(shop, instance, "2020-01", "2020-02", "rest")
    assert due.ask(instance, contract(shop), os.environ, MARCH) == due.Due((), {})

    late = "INSERT INTO custmast SELECT {0}, custnm, d8, 1, flag, changed, region FROM custmast WHERE custno = {1}"
    shop.ask_old(late.format(1001, 40), late.format(1002, 5))
    found = due.ask(instance, contract(shop), os.environ, MARCH)
    assert found.stale == {"2020-02": "Its source has 30 rows now; 29 were read."}
    assert asked(instance, found) == ("2020-02",)
    extracted = dg.AssetRecordsFilter(key_of(CUSTOMERS, "extracted"), asset_partitions=["2020-02"])
    (observed,) = instance.fetch_observations(extracted, limit=10).records
    assert observed.asset_observation
    assert observed.asset_observation.metadata["stale"].value is True

    # the window before lies beyond the lookback: it is late for the schedule, and still stale
    from migration_assets.control.stale import freshness

    shop_keys = {"customers": ["2020-01", "2020-02", "rest"]}
    told = freshness(shop.contracts, shop_keys, os.environ)["customers"]
    assert {key: each.state for key, each in told.items()} == {
        "2020-01": "stale",
        "2020-02": "stale",
        "rest": "fresh",
    }


def known(shop: Shop) -> tuple[dg.PartitionsDefinition[str], list[str]]:
    keys = [each.key for each in partitions(contract(shop))]
    return due.definition_of(contract(shop), keys), keys


def test_a_tick_is_one_small_run_whose_key_is_the_moment(shop: Shop, instance: dg.DagsterInstance) -> None:
    made = definitions(shop)
    schedule = made.resolve_schedule_def("tables_customers_schedule")
    assert schedule.cron_schedule == "0 3 * * *"
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=MARCH)
    (request,) = schedule.evaluate_tick(context).run_requests or []
    assert request.run_key == "customers@2020-03-10T03:00:00+00:00"

    done = made.resolve_job_def(JOB).execute_in_process(request.run_config, instance=instance)
    assert done.success
    (backfill,) = instance.get_backfills()
    assert backfill.tags["migration/schedule"] == "customers"
    assert request.run_config["ops"][OP]["config"]["contract"] == "customers"


def test_a_window_that_comes_later_is_there_without_loading_definitions_again(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    definition = definitions(shop).resolve_asset_graph().get(key_of(CUSTOMERS, "loaded")).partitions_def
    assert isinstance(definition, dg.DynamicPartitionsDefinition)
    assert definition.get_partition_keys(dynamic_partitions_store=instance) == []
    due.ask(instance, contract(shop), os.environ, MARCH)
    keys = definition.get_partition_keys(dynamic_partitions_store=instance)
    assert keys == [each.key for each in partitions(contract(shop))]


def test_contracts_without_a_schedule_have_neither_job_nor_schedules() -> None:
    made = build_definitions({"customers": CUSTOMERS}, planner=partitions, checks=specs)
    assert not made.schedules or all("customers" not in each.name for each in made.schedules)
    assert JOB not in [job.name for job in made.jobs or []]


def test_a_schedule_of_windows_that_end_some_day_keeps_its_partitions_in_the_definitions(shop: Shop) -> None:
    how = ByTime("month", "changed", datetime(2020, 1, 1), datetime(2020, 4, 1))
    shop.contracts["customers"] = replace(contract(shop), partitioning=how)
    definition = definitions(shop).resolve_asset_graph().get(key_of(CUSTOMERS, "loaded")).partitions_def
    assert isinstance(definition, dg.StaticPartitionsDefinition)
