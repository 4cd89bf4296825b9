"""The demo's object stores, as the demo starts them."""

from pathlib import Path

from migration_assets.buckets.cloudsmith import target_of
from migration_assets.demo import stores
from migration_assets.demo.objects import things
from migration_assets.demo.report import proof
from migration_assets.stores import s3
from migration_assets_tests.demo.test_report import moved

ROOT = Path(__file__).resolve().parents[2]


def test_they_are_filled_and_gone_afterwards() -> None:
    with stores.running(ROOT) as environment:
        assert stores.of_them(environment) == (stores.FILES, stores.RELEASES)
        client = s3.client("s3", environment, "OLD_FILES")
        keys = [each["Key"] for each in client.list_objects_v2(Bucket="shop-files")["Contents"]]
        assert sorted(keys) == sorted(thing.key for thing in things())
        registry = target_of("cloudsmith://shop/releases", environment, "REGISTRY")
        assert list(registry.there()) == []

    assert s3_is_gone(environment)


def s3_is_gone(environment: dict[str, str]) -> bool:
    import socket

    port = int(environment["OLD_FILES_ENDPOINT_URL"].rpartition(":")[2])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_what_is_not_installed_is_left_out() -> None:
    assert stores.of_them({}) == ()
    assert stores.of_them({"OLD_FILES_ENDPOINT_URL": "http://127.0.0.1:1"}) == (stores.FILES,)


def test_a_check_that_a_bucket_has_not_is_not_told() -> None:
    assert proof(moved(checks={}), "referential") == "-"
