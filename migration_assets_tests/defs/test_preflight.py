"""Pre-flights as Dagster shows them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Server
from migration_assets.defs.build import build_definitions
from migration_assets.defs.preflight import ITEMS, item_of
from migration_assets.planning.keys import partitions
from migration_assets.stores import s3
from migration_assets_tests.buckets.cloudsmith.standin import serving
from migration_assets_tests.defs.scenario import SHOP, FakeEngine, checks, planner
from migration_assets_tests.s3 import KEYS
from migration_assets_tests.tables.shop import Shop, open_shop

KEY = dg.AssetKey(["preflight", "legacy", "cloud"])
PACKAGES = """\
apiVersion: v3.2.0
kind: DataContract
id: packages
name: packages
version: 1.0.0
status: active
servers:
  - {server: old, type: s3, location: "s3://preflight-old"}
  - {server: registry, type: custom, location: "cloudsmith://shop/releases"}
customProperties:
  - property: migration
    value: {kind: bucket, source: old, target: registry, partitions: {by: one}}
"""


def definitions_of(shop: Shop) -> dg.Definitions:
    return build_definitions(
        shop.contracts, planner=lambda _: planner(SHOP["customers"]), checks=checks, engine=FakeEngine()
    )


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = open_shop(new_database, tmp_path)
    for name, value in {**shop.environment, "DAGSTER_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return shop


def looked(shop: Shop, instance: dg.DagsterInstance) -> dict[str, dg.AssetCheckEvaluation]:
    job = definitions_of(shop).resolve_job_def("preflight")
    done = job.execute_in_process(instance=instance, raise_on_error=False)
    return {each.check_name: each for each in done.get_asset_check_evaluations()}


def test_each_pair_of_servers_has_an_asset_with_blocking_checks(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()

    assert {key.name for key in graph.get_check_keys_for_assets({KEY})} == ITEMS.keys()
    assert graph.get(dg.AssetCheckKey(KEY, "rights")).blocking


def test_all_pairs_are_in_one_job() -> None:
    elsewhere = replace(SHOP["customers"], name="elsewhere", source=Server("archive", "mysql"))
    made = build_definitions(
        {**SHOP, "elsewhere": elsewhere}, planner=planner, checks=checks, engine=FakeEngine()
    )

    assert {
        key.to_user_string() for key in made.resolve_job_def("preflight").asset_layer.executable_asset_keys
    } == {
        "preflight/legacy/cloud",
        "preflight/archive/cloud",
    }


def test_a_pre_flight_that_lets_all_pass_has_its_findings_and_its_estimate(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    found = looked(shop, instance)

    assert {name: each.passed for name, each in found.items()} == dict.fromkeys(ITEMS, True)
    event = instance.get_latest_materialization_event(KEY)
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    assert metadata["rows"].value == 400
    assert {"findings", "estimates", "seconds", "bytes"} <= metadata.keys()


def test_what_stands_in_the_way_fails_its_check_and_says_what_to_run(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    shop.ask_old("DROP TABLE ordhdr")

    found = looked(shop, instance)

    assert not found["rights"].passed
    assert "ordhdr: there is no such table" in (found["rights"].description or "")
    assert found["reachable"].passed


def test_what_was_not_reached_does_not_hold(
    shop: Shop, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_URL", "postgresql://nobody:a-secret@127.0.0.1:1/nothing")

    found = looked(shop, instance)

    assert not found["reachable"].passed
    assert found["room"].description == "It was not reached."
    assert not found["room"].passed
    assert "a-secret" not in repr(found)


@pytest.mark.parametrize(
    ("finding", "item"),
    [
        ("right SELECT", "rights"),
        ("ledger", "rights"),
        ("space", "room"),
        ("time zone", None),
        ("read-only role", None),
    ],
)
def test_each_finding_that_can_stop_a_move_belongs_to_a_check(finding: str, item: str | None) -> None:
    assert item_of(finding) == item


def test_a_repository_is_not_tried_out_and_holds_no_wave_for_it(
    s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packages.odcs.yaml").write_text(PACKAGES)
    with serving() as served:
        served.world.make("shop", "releases")
        said = {**KEYS, **served.environment("REGISTRY"), "OLD_ENDPOINT_URL": s3_server}
        for name, value in {**said, "DAGSTER_HOME": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        s3.client("s3", said, "OLD").create_bucket(Bucket="preflight-old")
        made = build_definitions(load(tmp_path), planner=partitions, checks=specs)
        with dg.DagsterInstance.ephemeral() as instance:
            done = made.resolve_job_def("preflight").execute_in_process(instance=instance)
    assert {each.check_name for each in done.get_asset_check_evaluations()} == ITEMS.keys() - {"samples"}
