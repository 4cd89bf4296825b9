"""A run with the tags of a rollback puts `loaded` back, on record with the earlier data version."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import DATA_VERSION_TAG, get_input_data_version_tag

from migration_assets.checks.from_contract import specs
from migration_assets.control.rollback import asked_for
from migration_assets.control.rollback_plan import plan
from migration_assets.defs.build import build_definitions
from migration_assets.planning.keys import partitions
from migration_assets_tests.tables.shop import Shop, open_shop

LOADED, TRANSFORMED = (dg.AssetKey(["tables", "customers", stage]) for stage in ("loaded", "transformed"))
ROWS = "SELECT c::text FROM shop.customers AS c ORDER BY id"


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    opened = open_shop(new_database, tmp_path)
    for name, value in opened.environment.items():
        monkeypatch.setenv(name, value)
    return opened


def materialize(shop: Shop, instance: dg.DagsterInstance, **tags: str) -> dg.ExecuteInProcessResult:
    definitions = build_definitions(shop.contracts, planner=partitions, checks=specs)
    stages = ("loaded",) if tags else ("extracted", "transformed", "loaded")
    return dg.materialize(
        definitions.resolve_asset_graph().assets_defs,
        selection=[dg.AssetKey(["tables", "customers", stage]) for stage in stages],
        instance=instance,
        tags={"dagster/partition": "all", **{f"migration/{name}": value for name, value in tags.items()}},
        raise_on_error=False,
    )


def on_record(instance: dg.DagsterInstance, key: dg.AssetKey) -> list[dg.AssetMaterialization]:
    """Newest first."""
    records = instance.fetch_materializations(key, limit=10).records
    return [record.asset_materialization for record in records if record.asset_materialization]


def two_generations(shop: Shop, instance: dg.DagsterInstance) -> list[tuple[str]]:
    """The rows of the first."""
    assert materialize(shop, instance).success
    rows = shop.ask_new(ROWS)
    shop.ask_old("UPDATE custmast SET region = 'second'")
    assert materialize(shop, instance).success
    return rows


def test_it_is_a_new_materialization_with_the_earlier_data_version(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    rows = two_generations(shop, instance)
    found = plan(shop.contracts, ["customers"], shop.environment)
    asked = asked_for(instance, found, shop.contracts, shop.environment)
    backfill = instance.get_backfill(asked.backfill)
    assert backfill
    assert backfill.tags.items() >= {
        "migration/operation": "restore", "migration/generation": "1", "migration/restore": found.restore,
    }.items()  # fmt: skip
    assert materialize(shop, instance, operation="restore", restore=found.restore).success

    assert shop.ask_new(ROWS) == rows
    newest, second, first = on_record(instance, LOADED)
    assert newest.tags
    assert first.tags
    assert second.tags
    assert newest.tags[DATA_VERSION_TAG] == first.tags[DATA_VERSION_TAG] != second.tags[DATA_VERSION_TAG]
    told = {name: value.value for name, value in newest.metadata.items()}
    assert (told["rolled_back_from"], told["rolled_back_to"], told["generation"]) == (2, 1, 3)
    # it is not made of what `transformed` is now
    made_of = get_input_data_version_tag(TRANSFORMED)
    assert newest.tags[made_of] == first.tags[made_of] != second.tags[made_of]
    assert len(on_record(instance, TRANSFORMED)) == 2
    checks = [dg.AssetCheckKey(LOADED, name) for name in ("count", "checksum", "referential")]
    for info in instance.event_log_storage.get_asset_check_partition_info(checks):
        assert info.is_current
        assert info.latest_execution_status.value == "SUCCEEDED"
    assert shop.ask_new("SELECT count(*) FROM migration.restore WHERE recorded_at IS NULL") == [(0,)]


def test_tags_that_somebody_gave_to_a_run_are_enough(shop: Shop, instance: dg.DagsterInstance) -> None:
    rows = two_generations(shop, instance)
    assert materialize(shop, instance, operation="restore").success
    assert shop.ask_new(ROWS) == rows
    assert materialize(shop, instance, operation="restore", generation="2").success
    assert shop.ask_new("SELECT DISTINCT region FROM shop.customers") == [("second",)]


def test_a_rollback_that_is_refused_leaves_the_materialization_that_is_there(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    two_generations(shop, instance)
    shop.ask_new("UPDATE shop.customers SET region = 'by hand' WHERE id = 50")
    result = materialize(shop, instance, operation="restore")
    assert not result.success
    assert len(on_record(instance, LOADED)) == 2
    failure = result.failure_data_for_node("move_tables_customers")
    assert failure
    assert failure.user_failure_data
    told = str(failure.user_failure_data.description)
    assert "id=50 (changed in the target)" in told
    assert "migrate rollback customers" in told
    assert "by hand" not in told
    (info,) = instance.event_log_storage.get_asset_check_partition_info(
        [dg.AssetCheckKey(LOADED, "checksum")]
    )
    assert info.latest_execution_status.value == "FAILED"


def test_the_job_of_the_ui_tells_first_and_then_asks_for_the_backfill(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    two_generations(shop, instance)
    job = build_definitions(shop.contracts, planner=partitions, checks=specs).resolve_job_def("rollback")

    def asked(**config: object) -> dg.ExecuteInProcessResult:
        said = {"contracts": ["customers"], **config}
        return job.execute_in_process(
            run_config={"ops": {"roll_back": {"config": said}}}, instance=instance, raise_on_error=False
        )

    assert asked(preview=True).success
    assert instance.get_backfills() == []
    assert asked(to=1).success
    (backfill,) = instance.get_backfills()
    assert backfill.tags["migration/operation"] == "restore"
    assert backfill.asset_selection == [LOADED]
    shop.ask_new("UPDATE shop.customers SET region = 'by hand' WHERE id = 50")
    assert not asked(to=1).success
    assert len(instance.get_backfills()) == 1


def test_the_job_that_prunes_staging_tells_what_it_removed(shop: Shop, instance: dg.DagsterInstance) -> None:
    two_generations(shop, instance)
    place = shop.folder / "staging" / "customers" / "all"
    (place / "00000001-dead").mkdir()
    job = build_definitions(shop.contracts, planner=partitions, checks=specs).resolve_job_def("prune_staging")
    assert job.execute_in_process(instance=instance).success
    assert sorted(path.name[:9] for path in place.iterdir()) == ["00000001-", "00000002-"]
