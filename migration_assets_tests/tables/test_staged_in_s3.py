"""A contract's whole way with its rows staged in S3: the same as with a folder, and from more than one place."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from migration_assets.contracts.model import ByKey
from migration_assets.errors import MigrationError, StagingRefused
from migration_assets.tables.engine import TableMigration
from migration_assets.tables.plan import plan_partitions
from migration_assets_tests.s3 import Bucket
from migration_assets_tests.tables.going_back import rolled_back
from migration_assets_tests.tables.shop import CUSTOMERS, ORDERS, Shop, open_shop

ROWS = "SELECT id, name, since::text, balance, active, changed::text, region FROM shop.customers ORDER BY id"
EXPECTED = (
    "SELECT custno, 'Name ' || custno, to_date(d8, 'YYYYMMDD')::text, (cents / 100.0)::numeric(12,2), flag = 'Y', "
    "changed::text, region FROM custmast ORDER BY custno"
)


@dataclass
class CloudShop(Shop):
    bucket: Bucket | None = None

    @property
    def environment(self) -> dict[str, str]:
        assert self.bucket
        return {**super().environment, **self.bucket.environment}

    def keys(self, ending: str) -> list[str]:
        assert self.bucket
        return [key for key in self.bucket.objects() if key.endswith(ending)]


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path, bucket: Bucket) -> CloudShop:
    plain = open_shop(new_database, tmp_path)
    return CloudShop(plain.old, plain.new, plain.folder, plain.contracts, bucket)


def test_a_contract_is_moved_and_nothing_lies_on_this_machine(shop: CloudShop) -> None:
    reports = shop.run("customers")

    assert all(report.refusal is None for report in reports)
    assert shop.ask_new(ROWS) == shop.ask_old(EXPECTED)
    assert {key.split("/")[-2] for key in shop.keys(".copy")} == {"extracted", "transformed"}
    assert not (shop.folder / "staging").exists()


def test_every_stage_may_be_another_persons(shop: CloudShop) -> None:
    shop.migration("customers").extract("all", "run-1")
    shop.migration("customers").transform("all", "run-2")
    report = shop.migration("customers").load("all", "run-3")

    assert report.refusal is None
    assert shop.ask_new(ROWS) == shop.ask_old(EXPECTED)


def test_rows_in_quarantine_and_repeated_keys_are_found(shop: CloudShop) -> None:
    shop.contract(CUSTOMERS, bad_rows="quarantine")
    shop.ask_old(
        "ALTER TABLE custmast DROP CONSTRAINT custmast_pkey",
        "INSERT INTO custmast SELECT * FROM custmast WHERE custno = 7",
        "UPDATE custmast SET d8 = '20180101' WHERE custno = 9",
    )
    shop.run("customers")

    aside = shop.ask_new("SELECT row_key, count(*) FROM migration.quarantine GROUP BY 1 ORDER BY 1")
    assert sum(count for _, count in aside) == 3
    assert shop.ask_new("SELECT count(*) FROM shop.customers") == [(98,)]


def test_a_flipped_byte_is_refused_and_the_target_stays(shop: CloudShop) -> None:
    shop.run("customers", run_id="run-1")
    before = shop.ask_new(ROWS)
    shop.ask_old("UPDATE custmast SET region = 'moved'")
    for stage in (shop.migration("customers").extract, shop.migration("customers").transform):
        stage("all", "run-2")
    assert shop.bucket
    (key,) = [each for each in shop.keys(".copy") if "00000002-run-2/transformed" in each and "rows" in each]
    body = bytearray(shop.bucket.client.get_object(Bucket=shop.bucket.name, Key=key)["Body"].read())
    body[len(body) // 2] ^= 1
    shop.bucket.client.put_object(Bucket=shop.bucket.name, Key=key, Body=bytes(body))

    with pytest.raises(MigrationError) as refused:
        shop.migration("customers").load("all", "run-2")
    assert isinstance(refused.value, StagingRefused) or "COPY" in str(refused.value)
    assert shop.ask_new(ROWS) == before


def test_another_person_rolls_back_from_what_is_in_s3(shop: CloudShop) -> None:
    shop.run("customers", run_id="run-1")
    before = shop.ask_new(ROWS)
    shop.ask_old("UPDATE custmast SET region = 'moved'")
    shop.run("customers", run_id="run-2")
    assert shop.ask_new(ROWS) != before

    (result,) = rolled_back(shop, "customers", to=1)

    assert not result.failure
    assert shop.ask_new(ROWS) == before


def test_old_generations_are_pruned(shop: CloudShop) -> None:
    shop.contract(CUSTOMERS, keep_generations=2)
    for number in range(1, 5):
        shop.run("customers", run_id=f"run-{number}")

    kept = {key.split("/")[3] for key in shop.keys(".json")}
    assert kept == {"00000003-run-3", "00000004-run-4"}


def test_lanes_stage_in_s3_too(shop: CloudShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run("customers")
    contract = shop.contract(ORDERS, partitioning=ByKey("id", 50))
    plan_partitions(contract, shop.environment)
    monkeypatch.setattr("migration_assets.tables.side_by_side.MANY_ROWS", 1)
    migration = TableMigration(contract, shop.contracts, shop.environment | {"MIGRATION_LANES": "2"})
    keys = [partition.key for partition in migration.partitions()]

    results = list(migration.move(keys, ("extracted", "transformed", "loaded"), "run-1"))

    assert [result.failure for result in results if result.failure] == []
    assert shop.ask_new("SELECT count(*) FROM shop.orders") == [(300,)]
    assert len(shop.keys("transformed/manifest.json")) == len(keys) + 1


def test_two_runs_of_one_partition_leave_one_of_them_whole(shop: CloudShop) -> None:
    shop.run("customers", run_id="run-0")
    ends: dict[str, str] = {}

    def go(run: str) -> None:
        try:
            shop.run("customers", run_id=run)
            ends[run] = "loaded"
        except MigrationError as error:
            ends[run] = type(error).__name__

    threads = [threading.Thread(target=go, args=(f"run-{number}",)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert "loaded" in ends.values()
    assert set(ends.values()) <= {"loaded", "Fenced"}
    assert shop.ask_new(ROWS) == shop.ask_old(EXPECTED)
    loads = shop.ask_new("SELECT count(*), count(DISTINCT generation), max(generation) FROM migration.load")
    assert len(set(loads[0])) == 1


MOVER = """
import json, os, sys
from migration_assets.staging import s3
from migration_assets_tests.tables.shop import CUSTOMERS
from migration_assets.tables.engine import TableMigration
from dataclasses import replace
real = s3.Upload.write
def write(self, lines):
    real(self, lines * 2_000)  # more than a part
    print("writing", flush=True)
    sys.stdin.read()
s3.Upload.write = write
contract = replace(CUSTOMERS, file=sys.argv[1])
TableMigration(contract, {"customers": contract}, dict(os.environ)).extract("all", "killed")
"""


def test_a_run_that_is_killed_in_its_upload_leaves_nothing_for_ever(shop: CloudShop) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MOVER, str(shop.folder / "customers.odcs.yaml")],
        env={**os.environ, **shop.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == b"writing\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert shop.bucket
    assert len(shop.bucket.unfinished()) == 1

    shop.run("customers", run_id="run-1")
    assert shop.ask_new(ROWS) == shop.ask_old(EXPECTED)
    shop.run("customers", run_id="run-2")

    assert shop.bucket.unfinished() == []
    assert not [key for key in shop.bucket.objects() if "killed" in key]
