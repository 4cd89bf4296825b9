"""One op moves the partitions of a run, and every partition has its own fate."""

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionResolvedStatus

from migration_assets.defs import moving
from migration_assets.defs.build import build_definitions
from migration_assets.errors import LoadRefused, MigrationError, Passing, RowsRefused
from migration_assets_tests.defs.conftest import Run
from migration_assets_tests.defs.scenario import (
    KEYS,
    SHOP,
    FakeEngine,
    Report,
    checks,
    failed,
    passed,
    planner,
)

LOADED = dg.AssetKey(["tables", "orders", "loaded"])
TRANSFORMED = dg.AssetKey(["tables", "orders", "transformed"])
SECRET = "Erika Mustermann, DE89 3704 0044 0532 0130 00"


def materialized(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, dg.AssetMaterialization]:
    """By partition; fails where a partition has more than one."""
    records = instance.fetch_materializations(key, limit=1000).records
    found = [record.asset_materialization for record in records]
    partitions = [each.partition for each in found if each]
    assert sorted(partitions) == sorted(set(partitions))
    return {each.partition: each for each in found if each and each.partition}


def shown(instance: dg.DagsterInstance, key: dg.AssetKey, check: str) -> dict[str, str]:
    """What the UI shows for each partition of a check."""
    partitions = dg.StaticPartitionsDefinition(list(KEYS[key.path[1]]))
    check_key = dg.AssetCheckKey(key, check)
    state = instance.event_log_storage.get_asset_check_state([(check_key, partitions)])[check_key]
    return {
        partition: status.value
        for status, subset in state.subsets.items()
        for partition in subset.subset_value.get_partition_keys()
    }


def everything(instance: dg.DagsterInstance, run_id: str) -> str:
    return "\n".join(str(entry) for entry in instance.all_logs(run_id))


def test_every_partition_of_a_run_passes_all_stages_and_is_materialized_once(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    assert run("orders", first="k0001", last="k0003").success

    for stage in ("extracted", "transformed", "loaded"):
        key = dg.AssetKey(["tables", "orders", stage])
        assert sorted(materialized(instance, key)) == ["k0001", "k0002", "k0003"]
    assert engine.made[0].done[:4] == [
        ("extracted", "k0001"),
        ("transformed", "k0001"),
        ("loaded", "k0001"),
        ("extracted", "k0002"),
    ]
    assert shown(instance, LOADED, "count") == dict.fromkeys(["k0001", "k0002", "k0003"], "SUCCEEDED")


def test_a_run_of_one_partition_takes_the_same_way(run: Run, instance: dg.DagsterInstance) -> None:
    assert run("orders", first="rest").success
    assert list(materialized(instance, LOADED)) == ["rest"]
    assert shown(instance, TRANSFORMED, "schema") == {"rest": "SUCCEEDED"}


def test_a_materialization_carries_its_figures(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    report = Report("loaded", "k0001", 3, 1200, 9000, 0.5, "abc", {"quarantined": 4}, (passed("count"),))
    engine.answers[("orders", "loaded", "k0001")] = [report]
    assert run("orders", first="k0001").success

    metadata = {name: value.value for name, value in materialized(instance, LOADED)["k0001"].metadata.items()}
    assert metadata == {
        "dagster/partition_row_count": 1200,
        "rows": 1200,
        "bytes": 9000,
        "seconds": 0.5,
        "rows_per_second": 2400.0,
        "generation": 3,
        "fingerprint": "abc",
        "retries": 0,
        "quarantined": 4,
    }


def test_a_failing_partition_fails_alone(run: Run, instance: dg.DagsterInstance, engine: FakeEngine) -> None:
    bad = Report("loaded", "k0002", outcomes=(failed("count"),), refusal=LoadRefused("2 rows are missing."))
    engine.answers[("orders", "loaded", "k0002")] = [bad]
    result = run("orders", first="k0001", last="k0003")

    assert not result.success
    assert sorted(materialized(instance, LOADED)) == ["k0001", "k0003"]
    assert sorted(materialized(instance, TRANSFORMED)) == ["k0001", "k0002", "k0003"]
    assert shown(instance, LOADED, "count") == {"k0001": "SUCCEEDED", "k0002": "FAILED", "k0003": "SUCCEEDED"}
    failure = result.failure_data_for_node("move_tables_orders")
    assert failure
    assert failure.user_failure_data
    assert "1 of 3 partitions of orders" in str(failure.user_failure_data.description)
    assert "k0002 (loaded): 2 rows are missing." in str(failure.user_failure_data.description)


def test_a_check_that_fails_before_there_is_anything_is_shown_for_its_partition(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    bad = Report("transformed", "k0001", outcomes=(failed("schema"),), refusal=RowsRefused("2 bad rows."))
    engine.answers[("orders", "transformed", "k0001")] = [bad]
    assert not run("orders", first="k0001", last="k0002").success

    assert list(materialized(instance, TRANSFORMED)) == ["k0002"]
    assert shown(instance, TRANSFORMED, "schema") == {"k0001": "FAILED", "k0002": "SUCCEEDED"}
    assert ("loaded", "k0001") not in engine.made[0].done


def test_a_check_that_fails_after_an_earlier_load_is_shown_until_it_holds_again(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    run("orders", first="k0001")
    bad = Report("loaded", "k0001", outcomes=(failed("count"),), refusal=LoadRefused("2 rows are missing."))
    engine.answers[("orders", "loaded", "k0001")] = [bad]
    run("orders", first="k0001")
    assert shown(instance, LOADED, "count") == {"k0001": "FAILED"}
    assert len(instance.fetch_materializations(LOADED, limit=9).records) == 1

    run("orders", first="k0001")
    assert shown(instance, LOADED, "count") == {"k0001": "SUCCEEDED"}


def test_a_failed_blocking_check_keeps_the_stage_away_even_without_a_refusal(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    engine.answers[("orders", "loaded", "k0001")] = [Report("loaded", "k0001", outcomes=(failed("count"),))]
    assert not run("orders", first="k0001").success
    assert not materialized(instance, LOADED)


def test_a_failed_check_that_does_not_block_is_a_warning(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    outcomes = (passed("schema"), failed("id_range", blocking=False))
    engine.answers[("orders", "transformed", "k0001")] = [Report("transformed", "k0001", outcomes=outcomes)]
    result = run("orders", first="k0001")

    assert result.success
    assert list(materialized(instance, LOADED)) == ["k0001"]
    warned = [each for each in result.get_asset_check_evaluations() if each.check_name == "id_range"]
    assert [(each.passed, each.severity, each.partition) for each in warned] == [
        (False, dg.AssetCheckSeverity.WARN, "k0001")
    ]
    keys = warned[0].metadata["keys"]
    assert isinstance(keys, dg.TableMetadataValue)
    assert [record.data for record in keys.records] == [{"key": "id=7", "reason": "below 1"}]
    assert warned[0].metadata["failed"].value == 2


def test_a_fault_of_the_moment_is_tried_again(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    told: list[Report | Exception] = [Passing("The connection broke."), Passing("The server restarts.")]
    engine.answers[("orders", "loaded", "k0001")] = told
    assert run("orders", first="k0001").success
    assert materialized(instance, LOADED)["k0001"].metadata["retries"].value == 2


def test_a_fault_of_the_moment_that_lasts_fails_the_partition_after_three_retries(
    run: Run, engine: FakeEngine
) -> None:
    engine.answers[("orders", "extracted", "k0001")] = [Passing("The connection broke.") for _ in range(9)]
    assert not run("orders", first="k0001", last="k0002").success
    assert engine.made[0].done.count(("extracted", "k0001")) == 4
    assert ("loaded", "k0002") in engine.made[0].done


@pytest.mark.parametrize("error", [LoadRefused("A constraint."), RowsRefused("Rows.")])
def test_a_fault_of_the_data_is_never_tried_again(
    run: Run, engine: FakeEngine, error: MigrationError
) -> None:
    engine.answers[("orders", "loaded", "k0001")] = [error]
    assert not run("orders", first="k0001").success
    assert engine.made[0].done.count(("loaded", "k0001")) == 1


def test_the_text_of_an_unforeseen_error_is_shown_nowhere(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    cause = ValueError(SECRET)
    outer = RuntimeError(f"while loading {SECRET}")
    outer.__cause__ = cause
    engine.answers[("orders", "loaded", "k0001")] = [outer]
    result = run("orders", first="k0001", last="k0002")

    assert not result.success
    log = everything(instance, result.run_id)
    assert "RuntimeError" in log
    assert SECRET not in log
    assert "Mustermann" not in repr(result.failure_data_for_node("move_tables_orders"))


def test_an_engine_that_cannot_be_made_fails_the_run_in_words(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> FakeEngine:
        raise KeyError(SECRET)

    made = build_definitions(SHOP, planner=planner, checks=checks, engine=broken)
    job = made.resolve_job_def("tables_orders")
    result = job.execute_in_process(instance=instance, partition_key="k0001", raise_on_error=False)
    assert not result.success
    log = everything(instance, result.run_id)
    assert "KeyError" in log
    assert SECRET not in log


def test_loading_alone_takes_what_is_staged(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine
) -> None:
    run("orders", first="k0001")
    assert run("orders", first="k0001", stages=("loaded",)).success
    assert engine.made[-1].done == [("loaded", "k0001")]


def test_a_child_in_the_same_run_follows_its_parent(
    run: Run, instance: dg.DagsterInstance, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two contracts of one partition each come into one run."""
    monkeypatch.setitem(KEYS, "orders", ("all",))
    made = build_definitions(SHOP, planner=planner, checks=checks, engine=engine)
    keys = [
        dg.AssetKey(["tables", name, stage])
        for name in ("customers", "orders")
        for stage in ("extracted", "transformed", "loaded")
    ]

    def both() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            made.resolve_asset_graph().assets_defs,
            selection=keys,
            instance=instance,
            partition_key="all",
            raise_on_error=False,
        )

    assert both().success
    assert [each.contract.name for each in engine.made] == ["customers", "orders"]
    assert list(materialized(instance, LOADED)) == ["all"]

    engine.answers[("customers", "loaded", "all")] = [LoadRefused("No.")]
    assert not both().success
    assert [each.contract.name for each in engine.made[2:]] == ["customers"]


def test_checks_alone_say_that_they_belong_to_their_stage(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = dg.materialize(
        definitions.resolve_asset_graph().assets_defs,
        selection=dg.AssetSelection.checks(dg.AssetCheckKey(LOADED, "count")),
        instance=instance,
        tags={"dagster/partition": "k0001"},
        raise_on_error=False,
    )
    assert not result.success
    assert "part of the stages" in everything(instance, result.run_id)
    assert AssetCheckExecutionResolvedStatus.FAILED.value not in shown(instance, LOADED, "count").values()


def test_a_long_list_of_failures_is_cut(
    instance: dg.DagsterInstance, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setattr(moving, "NAMED", 1)
    for key in KEYS["orders"]:
        engine.answers[("orders", "extracted", key)] = [LoadRefused("No.")]
    result = run("orders", first="k0001", last="rest")
    log = everything(instance, result.run_id)
    assert "4 of 4 partitions" in log
    assert "and 3 more" in log
