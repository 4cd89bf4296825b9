"""A bucket's contract in Dagster: the same three assets, checks and job as a table's."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.loader import load
from migration_assets.control import dagster_daemon, due, records
from migration_assets.control.bucket_truth import standings
from migration_assets.control.kinds import of_bucket
from migration_assets.control.names import STAGES
from migration_assets.control.rebuild import ALWAYS
from migration_assets.control.stale import states
from migration_assets.defs.build import build_definitions
from migration_assets.defs.naming import tags
from migration_assets.defs.rebuilt import rebuild
from migration_assets.planning.keys import partitions
from migration_assets.stores import s3
from migration_assets_tests.s3 import KEYS

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: exports
name: exports
version: 1.0.0
status: active
domain: shop
servers:
  - {server: old, type: s3, location: "s3://dagster-old"}
  - {server: new, type: s3, location: "s3://dagster-new"}
customProperties:
  - property: migration
    value: {kind: bucket, source: old, target: new, partitions: {by: one}}
"""


DATED = CONTRACT.replace(
    "partitions: {by: one}",
    'partitions: {by: month, layout: "%Y/%m/", start: 2026-01-01}, schedule: {cron: "0 3 * * *", lookback: 1}',
)


@pytest.fixture
def world(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A contract's folder, two buckets, and an environment that leads to them."""
    said = {
        **KEYS,
        "MIGRATION_STAGING": str(tmp_path / "staging"),
        "OLD_ENDPOINT_URL": s3_server,
        "NEW_ENDPOINT_URL": s3_server,
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    client = s3.client("s3", said, "OLD")
    for name in ("dagster-old", "dagster-new"):
        client.create_bucket(Bucket=name)
    for number in range(5):
        client.put_object(Bucket="dagster-old", Key=f"a/{number}.txt", Body=b"x" * number)
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "exports.odcs.yaml").write_text(CONTRACT)
    yield folder
    for name in ("dagster-old", "dagster-new"):
        for each in client.list_objects_v2(Bucket=name).get("Contents", ()):
            client.delete_object(Bucket=name, Key=each["Key"])
        client.delete_bucket(Bucket=name)


def definitions(folder: Path) -> dg.Definitions:
    return build_definitions(load(folder), planner=partitions, checks=specs)


def test_a_bucket_has_the_assets_checks_and_job_of_a_table(world: Path) -> None:
    made = definitions(world)
    graph = made.resolve_asset_graph()

    stages = [dg.AssetKey(["buckets", "exports", stage]) for stage in ("extracted", "transformed", "loaded")]
    assert set(stages) <= graph.materializable_asset_keys
    assert graph.get(stages[0]).parent_keys == {dg.AssetKey(["old", "dagster-old"])}
    assert graph.get(stages[2]).group_name == "shop"
    assert "s3" in graph.get(stages[2]).kinds
    assert {key.name for key in graph.asset_check_keys if key.asset_key == stages[2]} == {
        *("count", "checksum", "size", "metadata", "format", "accessible", "orphans")
    }
    assert made.resolve_job_def("buckets_exports")


def test_a_partition_is_materialized_with_its_checks_and_counts(world: Path) -> None:
    made = definitions(world)
    with dg.DagsterInstance.ephemeral() as instance:
        result = made.resolve_job_def("buckets_exports").execute_in_process(
            instance=instance, partition_key="all"
        )
        key = dg.AssetKey(["buckets", "exports", "loaded"])
        (record,) = instance.fetch_materializations(key, limit=1).records

    assert result.success
    assert record.asset_materialization
    told = {name: value.value for name, value in record.asset_materialization.metadata.items()}
    assert (told["moved"], told["skipped"], told["bytes_moved"]) == (5, 0, 10)
    checks = {each.check_name: each.passed for each in result.get_asset_check_evaluations()}
    assert set(checks) >= {"schema", "count", "checksum"}
    assert all(checks.values())


def test_an_instance_that_knows_nothing_is_told_by_the_records_and_moves_nothing(world: Path) -> None:
    made, contracts = definitions(world), load(world)
    with dg.DagsterInstance.ephemeral() as lost:
        made.resolve_job_def("buckets_exports").execute_in_process(instance=lost, partition_key="all")
    with dg.DagsterInstance.ephemeral() as instance:
        (told,) = rebuild(instance, list(contracts.values()), contracts, os.environ)
        (again,) = rebuild(instance, list(contracts.values()), contracts, os.environ)
        found = states(instance, contracts, {"exports": ["all"]}, os.environ)
        held = records.on_record(instance, contracts["exports"], specs(contracts["exports"]))
        (loaded,) = records.materialized(instance, contracts["exports"], "loaded")

    assert (told.reported, told.staged, told.unvouched) == (1, 1, ())
    assert (again.reported, again.known) == (0, 1)
    assert found == {"exports": {"all": "loaded"}}
    assert (loaded.rows, loaded.generation) == (5, 1)
    blocking = {each.name for each in specs(contracts["exports"]) if each.blocking}
    assert {name for name, of in held.items() if of.get("all")} == blocking > {*ALWAYS} - {"referential"}


def test_a_tick_asks_for_the_months_that_have_ended_and_for_those_with_other_objects(world: Path) -> None:
    (world / "exports.odcs.yaml").write_text(DATED)
    client = s3.client("s3", os.environ, "OLD")
    for month in (1, 2, 3):
        client.put_object(Bucket="dagster-old", Key=f"2026/0{month}/a.log", Body=b"a")
    contract = load(world)["exports"]
    with dg.DagsterInstance.ephemeral() as instance:
        first = due.ask(instance, contract, os.environ, datetime(2026, 3, 1, 3, tzinfo=UTC))
        asked = dagster_daemon.asked_for(instance, first.backfill or "")
    assert first.missing == ("2026-01", "2026-02", "rest")
    assert asked
    assert set(asked.partitions[records.key_of(contract, "loaded")]) == set(first.missing)

    moved = list(of_bucket(contract, os.environ).move(first.missing, STAGES, "run-1"))
    assert not [each.failure for each in moved if each.failure]
    assert set(standings(contract, os.environ)) == set(first.missing)
    with dg.DagsterInstance.ephemeral() as instance:
        march = datetime(2026, 3, 1, 3, tzinfo=UTC)
        assert due.ask(instance, contract, os.environ, march) == due.Due((), {})
        assert instance.get_dynamic_partitions("buckets/exports")[:2] == ["2026-01", "2026-02"]
        for month in (1, 2):
            client.put_object(Bucket="dagster-old", Key=f"2026/0{month}/late.log", Body=b"late")
        late = due.ask(instance, contract, os.environ, march)
    assert late.stale == {"2026-02": "The source lists other objects than were moved."}


def test_what_prunes_the_staging_of_tables_leaves_buckets_alone(world: Path) -> None:
    made = definitions(world)
    with dg.DagsterInstance.ephemeral() as instance:
        assert made.resolve_job_def("prune_staging").execute_in_process(instance=instance).success


def test_more_contracts_than_have_jobs_of_their_own_share_them_by_kind(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migration_assets.defs.jobs.CONTRACTS_WITH_A_JOB_EACH", 0)
    assert definitions(world).resolve_job_def("buckets_all")


def test_keys_that_are_classified_are_shown_by_their_hash(world: Path) -> None:
    (world / "exports.odcs.yaml").write_text(CONTRACT.replace("by: one}}", "by: one}, classification: PII}"))
    contract = load(world)["exports"]
    assert of_bucket(contract, os.environ).part("all").named("ann@example.com") == "sha256:71d4f55f72fa128d"
    assert tags(contract)["migration/classification"] == "pii"
