"""What is used of Dagster without being public; fails when it changes."""

import json
import logging
import time
import uuid

import dagster as dg
from dagster._core.storage.dagster_run import DagsterRun
from dagster._daemon.types import DaemonHeartbeat

from migration_assets.control import dagster_daemon
from migration_assets.control.records import key_of
from migration_assets.control.rounds import Rounds
from migration_assets_tests.control.conftest import Served
from migration_assets_tests.control.shop import ORDERS

KEYS = ["a", "b", "c", "d", "rest"]


def asked(instance: dg.DagsterInstance, **tags: str) -> str:
    wanted = {key_of(ORDERS, "extracted"): (dg.StaticPartitionsDefinition(KEYS), ["a", "d"])}
    return dagster_daemon.submit(instance, wanted, title="two partitions", tags=tags)


def test_a_backfill_is_of_just_the_partitions_asked_for(instance: dg.DagsterInstance) -> None:
    backfill = instance.get_backfill(asked(instance, mine="yes"))
    assert backfill
    assert backfill.is_asset_backfill
    assert backfill.asset_backfill_data
    subset = backfill.asset_backfill_data.get_target_partitions_subset(key_of(ORDERS, "extracted"))
    assert set(subset.get_partition_keys()) == {"a", "d"}
    assert backfill.tags == {"mine": "yes"}


def test_a_backfill_is_open_until_it_has_ended(instance: dg.DagsterInstance) -> None:
    backfill = asked(instance, mine="yes")
    assert dagster_daemon.ended(instance, backfill) is None
    assert dagster_daemon.open_backfills(instance) == [(backfill, {"mine": "yes"})]
    assert dagster_daemon.ended(instance, "never heard of") == "FAILED"


def test_a_daemon_lives_while_both_its_parts_say_so(instance: dg.DagsterInstance) -> None:
    now = time.time()
    assert not dagster_daemon.daemon_lives(instance, now)
    first, second = dagster_daemon.DAEMONS
    instance.add_daemon_heartbeat(DaemonHeartbeat(now, first, "a daemon", []))
    assert not dagster_daemon.daemon_lives(instance, now)
    instance.add_daemon_heartbeat(DaemonHeartbeat(now, second, "a daemon", []))
    assert dagster_daemon.daemon_lives(instance, now + 60)
    assert not dagster_daemon.daemon_lives(instance, now + 80)


def test_a_canceled_backfill_ends_and_a_run_without_a_process_is_buried(served: Served) -> None:
    instance = served.instance
    gone = DagsterRun(
        job_name="gone",
        run_id=str(uuid.uuid4()),
        status=dg.DagsterRunStatus.STARTED,
        tags={".dagster/grpc_info": json.dumps({"host": "localhost", "socket": "/nowhere/socket"})},
    )
    instance.add_run(gone)
    backfill = asked(instance)
    dagster_daemon.cancel(instance, backfill)
    rounds = Rounds(served.context, logging.getLogger("test"))
    rounds.ask(0.0)
    rounds.serve(0.0)
    run = instance.get_run_by_id(gone.run_id)
    assert run
    assert run.status == dg.DagsterRunStatus.STARTED
    rounds.serve(6.0)
    rounds.ask(30.0)
    run = instance.get_run_by_id(gone.run_id)
    assert run
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert dagster_daemon.ended(instance, backfill) == "CANCELED"


def test_definitions_that_cannot_be_loaded_say_why(instance: dg.DagsterInstance) -> None:
    with dagster_daemon.code_server(instance, "migration_assets.there_is_no_such_module") as context:
        assert "there_is_no_such_module" in dagster_daemon.load_error(context)
