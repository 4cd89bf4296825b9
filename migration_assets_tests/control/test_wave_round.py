"""Rounds of waves on a real instance: what is asked for, once, and what is written down."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus

from migration_assets.control import wave_allowing, wave_consent, wave_standing
from migration_assets.control.wave_attempts import Attempt, plan, submit
from migration_assets.control.wave_report import noted, noted_green
from migration_assets.errors import WaveHeld
from migration_assets_tests.control.shop import CUSTOMERS, ORDERS
from migration_assets_tests.control.waving import Waving

BOTH = {"first": "contracts: [customers, countries]", "second": "contracts: [orders]\nafter: [first]"}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """In memory: one in files costs a second a test. `real/test_waves.py` moves waves on one in files."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def partitions(instance: dg.DagsterInstance, backfill_id: str) -> dict[str, list[str]]:
    backfill = instance.get_backfill(backfill_id)
    assert backfill
    assert backfill.asset_backfill_data
    subsets = backfill.asset_backfill_data.target_subset.partitions_subsets_by_asset_key
    return {
        key.path[1]: sorted(subset.get_partition_keys())
        for key, subset in subsets.items()
        if key.path[-1] == "loaded"
    }


def test_a_wave_is_checked_then_moved_and_the_next_one_starts_when_it_is_green(
    instance: dg.DagsterInstance,
) -> None:
    world = Waving(instance, **BOTH)
    (asked,) = world.round().preflights
    assert asked.wave.name == "first"
    assert world.of("second").why == "It comes after first."
    world.preflight(asked)
    world.round()
    (backfill,) = world.open()
    assert partitions(instance, backfill) == {"customers": ["all"], "countries": ["all"]}
    assert world.of("first").state == "moving"

    world.end(backfill)
    first = world.round().reports[0]
    assert (first.state, first.moved.partitions, first.moved.loaded, first.moved.rows) == ("green", 2, 2, 20)
    (second,) = world.started()
    assert partitions(instance, second) == {"orders": ["a", "b", "c", "d", "rest"]}
    found = instance.get_backfill(second)
    assert found
    assert found.tags["migration/wave"] == "second"


def test_a_failed_wave_holds_the_ones_after_it_with_the_reason_on_record(
    instance: dg.DagsterInstance,
) -> None:
    world = Waving(instance, **BOTH)
    (backfill,) = world.started()
    world.end(backfill, without="customers/all")
    world.round()
    first, second = world.of("first"), world.of("second")
    assert (first.state, second.state) == ("held", "held")
    assert first.why.startswith("customers all (loaded): ")
    assert first.moved.failed == 1
    assert first.why in second.why
    assert second.next_step == "Correct the cause, then run `migrate wave release first`."
    assert world.started() == []
    written = noted(instance, world.waves["second"])
    assert written
    assert written.text("why") == second.why
    (checked,) = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey("waves"), "none_held"), limit=1
    )
    assert checked.event
    assert checked.event.dagster_event
    evaluation = checked.event.dagster_event.asset_check_evaluation_data
    assert not evaluation.passed
    assert first.why in (evaluation.description or "")


def test_a_released_wave_moves_only_what_is_not_there(
    instance: dg.DagsterInstance, target: dict[str, str]
) -> None:
    world = Waving(instance, only="contracts: [customers, orders]\npartitions: all")
    world.load(ORDERS, "b", checked=False)
    (backfill,) = world.started()
    world.end(backfill, without="orders/b")
    world.round()
    wave_allowing.release(world.scene, world.waves, "only", "ada", datetime.now(UTC), target)
    (again,) = world.started()
    assert again != backfill
    assert partitions(instance, again) == {"orders": ["b"]}
    world.end(again)
    (done,) = world.round().reports
    assert done.state == "green"
    assert done.attempt.number == 2
    assert [each.by for each in done.released] == ["ada"]


def test_a_failed_preflight_holds_the_wave_until_it_is_released(
    instance: dg.DagsterInstance, target: dict[str, str]
) -> None:
    world = Waving(instance, only="contracts: [customers]")
    (asked,) = world.round().preflights
    world.preflight(asked, dg.DagsterRunStatus.FAILURE)
    assert world.round().preflights == ()
    assert world.of("only").state == "held"
    assert world.of("only").why.startswith("Its pre-flight failed: ")
    wave_allowing.release(world.scene, world.waves, "only", "ada", datetime.now(UTC), target)
    (again,) = world.round().preflights
    assert (again.number, again.id != asked.id) == (2, True)


def test_a_round_made_twice_asks_for_nothing_twice(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, **BOTH)
    backfills = world.started()
    for _ in range(3):
        world.round()
    assert world.open() == backfills
    assert len(instance.get_backfills()) == 1


def test_whoever_asks_at_the_same_moment_gets_the_same_backfill(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [customers]")
    attempt = Attempt(world.waves["only"], 1)
    steps = plan(world.scene, attempt)
    assert submit(world.scene, attempt, steps) == submit(world.scene, attempt, steps)
    assert len(instance.get_backfills()) == 1


def test_a_process_that_forgot_everything_reads_it_again(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [orders]")
    (backfill,) = world.started()
    world.load(ORDERS, "a")
    assert world.of("only").moved.loaded == 1
    wave_standing.forget()
    world.load(ORDERS, "b")
    assert world.of("only").moved.loaded == 2
    assert world.open() == [backfill]


def test_what_is_there_already_needs_neither_preflight_nor_backfill(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [customers]")
    world.load(CUSTOMERS, "all")
    done = world.round()
    assert done.preflights == ()
    assert done.reports[0].state == "green"
    assert noted_green(instance, world.waves["only"]) is not None
    assert not instance.get_backfills()


def test_a_wave_with_another_work_is_done_again_and_with_another_window_is_not(
    instance: dg.DagsterInstance,
) -> None:
    world = Waving(instance, only="contracts: [customers]\npartitions: all")
    (backfill,) = world.started()
    world.end(backfill)
    world.round()
    world.says("only", "contracts: [customers]\npartitions: all\npriority: 5")
    assert world.started() == []
    world.says("only", "contracts: [customers]\npartitions: all\nversion: 2\npriority: 5")
    (again,) = world.started()
    assert again != backfill


def test_a_changed_wave_waits_for_what_it_said_before(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [customers]")
    (backfill,) = world.started()
    world.says("only", "contracts: [customers, orders]")
    assert world.started() == [backfill]
    (report,) = world.round().reports
    assert report.why == f"What its file said before is still moving (backfill {backfill})."
    world.end(backfill)
    (again,) = world.started()
    assert partitions(instance, again) == {"orders": ["a", "b", "c", "d", "rest"]}


def test_an_approval_holds_for_what_the_wave_moves(
    instance: dg.DagsterInstance, target: dict[str, str]
) -> None:
    world = Waving(instance, only="contracts: [customers]\napproval: needed")
    assert world.started() == []
    assert world.of("only").why == "It needs approval: run `migrate wave approve only`."
    now = datetime.now(UTC)
    assert wave_allowing.approve(world.scene, world.waves, "only", "ada", now, target)
    assert not wave_allowing.approve(world.scene, world.waves, "only", "bob", now, target)
    world.says("only", "contracts: [customers, orders]\napproval: needed")
    assert world.started() == []
    wave_allowing.approve(world.scene, world.waves, "only", "ada", now, target)
    (report,) = world.round().reports
    assert report.approved == wave_consent.Consent("ada", now.isoformat(timespec="seconds"))
    assert len(world.started()) == 1


def test_nothing_can_be_approved_or_released_without_need(
    instance: dg.DagsterInstance, target: dict[str, str]
) -> None:
    world = Waving(instance, **BOTH)
    now = datetime.now(UTC)
    with pytest.raises(WaveHeld, match="needs no approval"):
        wave_allowing.approve(world.scene, world.waves, "first", "ada", now, target)
    with pytest.raises(WaveHeld, match="not held"):
        wave_allowing.release(world.scene, world.waves, "first", "ada", now, target)
    (backfill,) = world.started()
    world.end(backfill, without="customers/all")
    world.round()
    with pytest.raises(WaveHeld, match="migrate wave release first"):
        wave_allowing.release(world.scene, world.waves, "second", "ada", now, target)


def test_a_canceled_backfill_holds_its_wave(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [orders]")
    (backfill,) = world.started()
    found = instance.get_backfill(backfill)
    assert found
    instance.update_backfill(found.with_status(BulkActionStatus.CANCELED))
    world.round()
    assert world.of("only").why == "Its backfill was canceled; 5 partitions are not there."


def test_a_contract_without_a_plan_says_what_to_do(instance: dg.DagsterInstance) -> None:
    world = Waving(instance, only="contracts: [customers, orders]")
    reason = "orders has no plan. Run `migrate plan orders`."
    world.scene = type(world.scene)(
        instance, world.scene.contracts, {**world.scene.keys, "orders": ()}, {"orders": reason}
    )
    assert world.round().preflights == ()
    assert (world.of("only").state, world.of("only").why) == ("waiting", reason)


def test_a_limit_that_the_queue_would_not_keep_is_not_ignored(
    instance: dg.DagsterInstance,
) -> None:
    world = Waving(instance, only="contracts: [customers]\nlimits: {source: 5}")
    assert world.started() == []
    (report,) = world.round().reports
    assert "class: RunQueue" in report.why
