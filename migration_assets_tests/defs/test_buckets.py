"""A bucket's contract in Dagster: the same three assets, checks and job as a table's."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.loader import load
from migration_assets.defs.build import build_definitions
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
