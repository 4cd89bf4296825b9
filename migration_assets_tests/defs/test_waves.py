"""The sensor `waves` and the assets of waves, as Dagster runs them."""

import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import PartitionBackfill

from migration_assets.control.names import APPROVALS, RELEASES, WAVES
from migration_assets.control.wave_attempts import Attempt, scene_of
from migration_assets.control.wave_consent import told_again
from migration_assets.control.wave_report import noted
from migration_assets.control.wave_standing import forget
from migration_assets.defs.build import build_definitions
from migration_assets.waves.document import parsed
from migration_assets_tests.control.waving import Waving
from migration_assets_tests.defs.scenario import SHOP, FakeEngine, checks, planner

ONE = "name: one\ncontracts: [customers]\n"
Drop = Callable[[str, str], None]


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drop:
    monkeypatch.setenv("MIGRATION_WAVES", str(tmp_path))
    return lambda name, text: (tmp_path / f"{name}.yaml").write_text(text) and None


def ticked(
    definitions: dg.Definitions, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult:
    (sensor,) = definitions.sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)
    result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def materialized(
    definitions: dg.Definitions, instance: dg.DagsterInstance, name: str, wave: str, **options
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        definitions.resolve_asset_graph().assets_defs,
        selection=[dg.AssetKey([name])],
        instance=instance,
        partition_key=wave,
        raise_on_error=False,
        **options,
    )


def reason(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = [each.step_failure_data for each in result.all_events if each.is_step_failure]
    assert failure.user_failure_data
    return failure.user_failure_data.description or ""


def test_without_wave_files_the_sensor_says_so(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    skipped = ticked(definitions, instance).skip_reason
    assert skipped
    assert skipped.skip_message == "There are no wave files."


def test_it_runs_by_itself(definitions: dg.Definitions) -> None:
    (sensor,) = definitions.sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)
    assert (sensor.name, sensor.default_status) == ("waves", dg.DefaultSensorStatus.RUNNING)


def test_a_new_wave_gets_its_partition_and_its_preflight(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    drop("one", ONE)
    (request,) = ticked(definitions, instance).run_requests or ()
    assert (request.job_name, request.asset_selection) == (
        "preflight",
        [dg.AssetKey(["preflight", "legacy", "cloud"])],
    )
    attempt = Attempt(parsed(ONE.encode(), ""), 1)
    assert request.run_key == attempt.id
    assert request.tags["migration/wave"] == "one"
    assert instance.get_dynamic_partitions(WAVES) == ["one"]
    again = ticked(definitions, instance).run_requests or ()
    assert [each.run_key for each in again] == [attempt.id]


class Killed(BaseException):
    """Nothing catches it, as nothing catches kill -9."""


def test_a_tick_that_is_killed_between_its_backfill_and_its_cursor_is_made_again_without_effect(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("one", ONE)
    before = ticked(definitions, instance)
    (request,) = before.run_requests or ()
    Waving(instance).preflight(Attempt(parsed(ONE.encode(), ""), 1))
    asked = instance.add_backfill

    def killed(backfill: PartitionBackfill) -> None:
        asked(backfill)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(instance, "add_backfill", killed)
        with pytest.raises(Killed):
            ticked(definitions, instance, before.cursor)
    forget()  # another process makes the tick again

    for cursor in (before.cursor, None, before.cursor):
        again = ticked(definitions, instance, cursor)
        assert not again.run_requests
    (backfill,) = instance.get_backfills()
    assert backfill.backfill_id == request.run_key
    assert backfill.tags["migration/work"] == parsed(ONE.encode(), "").work
    world = Waving(instance)
    world.scene = scene_of(instance, SHOP)
    world.end(backfill.backfill_id)
    for cursor in (before.cursor, None):
        ticked(definitions, instance, cursor)
    assert len(instance.get_backfills()) == 1
    assert len(instance.fetch_materializations(dg.AssetKey([WAVES]), limit=10).records) == 1


def test_the_faults_of_a_file_keep_no_other_wave_waiting(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    drop("one", ONE)
    drop("two", "name: two\ncontracts: [nobody]\n")
    assert len(ticked(definitions, instance).run_requests or ()) == 1
    drop("one", "name: one\ncontracts: [customers]\napproval: needed\n")
    skipped = ticked(definitions, instance).skip_reason
    assert skipped
    lines = str(skipped.skip_message).splitlines()
    assert lines[0] == "one: waiting. It needs approval: run `migrate wave approve one`."
    assert "two.yaml:2: contracts[0]: no contract has the contract `nobody`" in lines[1]


def test_one_click_approves_and_the_wave_shows_who(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    drop: Drop,
    new_database: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop("one", "name: one\ncontracts: [customers]\napproval: needed\n")
    ticked(definitions, instance)
    config = {"ops": {APPROVALS: {"config": {"by": "ada"}}}}
    assert "CLOUD_URL" in reason(materialized(definitions, instance, APPROVALS, "one", run_config=config))
    monkeypatch.setenv("CLOUD_URL", new_database("approved"))
    assert materialized(definitions, instance, APPROVALS, "one", run_config=config).success
    assert len(ticked(definitions, instance).run_requests or ()) == 1
    found = noted(instance, parsed(ONE.encode(), ""))
    assert found
    assert found.text("approved by") == "ada"
    with dg.DagsterInstance.ephemeral() as another:
        told = told_again(another, SHOP.values(), os.environ)
    assert [(each.wave, each.word, each.by) for each in told] == [("one", "approved", "ada")]


def test_a_click_that_makes_no_sense_says_why(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    drop("one", ONE)
    ticked(definitions, instance)
    assert "needs no approval" in reason(materialized(definitions, instance, APPROVALS, "one"))
    assert "nothing to release" in reason(materialized(definitions, instance, RELEASES, "one"))
    instance.add_dynamic_partitions(WAVES, ["gone"])
    assert "There is no wave 'gone'." in reason(materialized(definitions, instance, WAVES, "gone"))


def test_a_wave_that_is_looked_at_is_materialized_only_when_it_is_green(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    drop("one", ONE)
    ticked(definitions, instance)
    assert reason(materialized(definitions, instance, WAVES, "one")).startswith("It is not green.")
    world = Waving(instance)
    world.scene = scene_of(instance, SHOP)
    world.load(SHOP["customers"], "all")
    ticked(definitions, instance)
    assert materialized(definitions, instance, WAVES, "one").success


def test_a_wave_of_a_contract_without_a_plan_says_what_to_do(
    definitions: dg.Definitions, instance: dg.DagsterInstance, drop: Drop
) -> None:
    drop("one", "name: one\ncontracts: [lines]\n")
    skipped = ticked(definitions, instance).skip_reason
    assert skipped
    assert "Run `migrate plan lines`. Then reload the definitions." in str(skipped.skip_message)


def test_without_contracts_there_is_no_sensor() -> None:
    made = build_definitions({}, planner=planner, checks=checks, engine=FakeEngine())
    assert not made.sensors
